"""Word vectors of the classes, for ML-GCN."""

from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path

import numpy as np

from dbl.arrays import is_packed, read_arrays
from dbl.datasets.names import SHOWN
from dbl.errors import InputError, shortened
from dbl.limits import check_most


def read_word_vectors(path: str | Path, classes: Sequence[str]) -> np.ndarray:
    """Reads the vectors of the classes, (C, d), float32.

    Args:
        path: A file from ``python -m dbl word_vectors``, whose classes must be these, or an .npy,
            whose rows must be in the order of the classes.
        classes: Names of the classes.

    Raises:
        InputError: The file is missing or damaged, or does not fit the classes.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / 'vectors.npy'
    >>> np.save(path, np.eye(2))
    >>> read_word_vectors(path, ['cat', 'dog']).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    if not Path(path).is_file():
        raise InputError(
            f"word vectors '{path}' do not exist; make them with `python -m dbl word_vectors "
            f'--glove glove.6B.300d.txt --classes SET --out {path}`, SET being voc_mlt, coco_mlt '
            'or your train.csv, and GloVe https://nlp.stanford.edu/data/glove.6B.zip; or set '
            'model.head.word_vectors to an .npy of yours, or to one_hot'
        )
    try:
        arrays = read_arrays(path, ['classes', 'vectors'] if is_packed(path) else ['vectors'])
    except InputError as error:
        raise InputError(f'{error}; make one with `python -m dbl word_vectors`') from error
    if 'classes' in arrays:
        _check_classes(path, arrays['classes'], classes)
    return _checked(path, arrays['vectors'], len(classes))


def _check_classes(path: str | Path, found: np.ndarray, classes: Sequence[str]) -> None:
    theirs = found.tolist() if found.ndim == 1 else []
    if theirs != list(classes):
        pairs = zip_longest(theirs, classes)
        row, (got, expected) = next((i, p) for i, p in enumerate(pairs) if p[0] != p[1])
        raise InputError(
            f"'{path}' has other classes, or another order: class {row} is "
            f"'{shortened(got, SHOWN)}' there and '{shortened(expected, SHOWN)}' in the data; make "
            'it again with `python -m dbl word_vectors`'
        )


def _checked(path: str | Path, vectors: np.ndarray, num_classes: int) -> np.ndarray:
    fits = vectors.ndim == 2 and len(vectors) == num_classes and vectors.size > 0
    if not fits or vectors.dtype.kind not in 'fiu':
        raise InputError(
            f"'{path}' must hold numbers of shape ({num_classes}, d), one row per class, but holds "
            f'{vectors.dtype} of shape {vectors.shape}'
        )
    check_most('DBL_MAX_UNPACKED', 4 * vectors.size, f"the bytes of the vectors of '{path}'")
    return finite(f"'{path}'", vectors)


def finite(where: str, vectors: np.ndarray) -> np.ndarray:
    """Converts numbers to float32.

    Raises:
        InputError: They are not finite; their origin is named.

    >>> finite('vectors.npy', np.array([1, 2])).dtype
    dtype('float32')
    """
    with np.errstate(over='ignore'):
        vectors = vectors.astype(np.float32)
    if not np.isfinite(vectors).all():
        raise InputError(f'{where}: holds numbers that are not finite')
    return vectors
