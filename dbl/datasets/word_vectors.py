"""Word vectors of the classes, for ML-GCN: from a GloVe text file to one file a data set."""

import re
from collections.abc import Iterable, Sequence
from itertools import zip_longest
from pathlib import Path

import numpy as np

from dbl.errors import InputError

# Names that VOC writes as one word.
COMPOUNDS = {
    'diningtable': 'dining table',
    'pottedplant': 'potted plant',
    'tvmonitor': 'tv monitor',
}


def class_words(name: str) -> list[str]:
    """Splits the name of a class into its words, in lower case."""
    name = name.lower()
    return re.findall(r'[^\W_]+', COMPOUNDS.get(name, name))


def class_vectors(classes: Sequence[str], glove: Path) -> np.ndarray:
    """Averages the vectors of the words of each class's name, (C, d).

    Raises:
        InputError: A word is not in the file, or the file is not of the form.
    """
    words = [class_words(name) for name in classes]
    vectors = read_glove(glove, {word for name in words for word in name})
    missing = [
        f"'{word}' (class '{name}')"
        for name, parts in zip(classes, words, strict=True)
        for word in parts or [name]
        if word not in vectors
    ]
    if missing:
        raise InputError(
            f"'{glove}' has no vector of {', '.join(missing)}; take another GloVe file, a word and "
            'its numbers a line, or rename the class'
        )
    return np.stack([np.mean([vectors[word] for word in parts], axis=0) for parts in words])


def read_glove(path: Path, words: Iterable[str]) -> dict[str, np.ndarray]:
    """Reads the vectors of some words, where they are there, each (d,), float32.

    A line is a word and its numbers, separated by blanks; a first line of two numbers, as other
    programs write it, may say how many words and numbers follow.

    Raises:
        InputError: The file is not of the form.
    """
    wanted, vectors = set(words), {}
    with path.open(encoding='utf-8-sig', errors='replace') as file:
        first = file.readline().split()
        width = int(first[1]) if len(first) == 2 and first[1].isdecimal() else len(first) - 1
        file.seek(0)
        for number, line in enumerate(file, start=1):
            word, *values = line.split() or ['']
            # Some files have words of several parts, whose lines are longer.
            if word in wanted and len(values) == width > 0:
                vectors[word] = _vector(path, number, values)
                wanted.remove(word)
            if not wanted:
                break
    return vectors


def _vector(path: Path, number: int, values: list[str]) -> np.ndarray:
    try:
        vector = np.array(values, dtype=np.float64)
    except ValueError as error:
        raise InputError(f'{path}, line {number}: expected a word and numbers; {error}') from error
    return _finite(f'{path}, line {number}', vector)


def _finite(where: str, vectors: np.ndarray) -> np.ndarray:
    with np.errstate(over='ignore'):
        vectors = vectors.astype(np.float32)
    if not np.isfinite(vectors).all():
        raise InputError(f'{where}: holds numbers that are not finite')
    return vectors


def write_word_vectors(path: Path, classes: Sequence[str], vectors: np.ndarray) -> None:
    """Writes the vectors, (C, d), beside the names of their classes, as .npz."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open('wb') as file:
        np.savez(file, classes=np.array(classes), vectors=vectors)


def read_word_vectors(path: str | Path, classes: Sequence[str]) -> np.ndarray:
    """Reads the vectors of the classes, (C, d), float32.

    Args:
        path: What :func:`write_word_vectors` wrote, whose classes must be these; or an .npy, whose
            rows are taken to be in the order of the classes.
        classes: Names of the classes.

    Raises:
        InputError: The file is missing or damaged, or does not fit the classes.
    """
    if not Path(path).is_file():
        raise InputError(
            f"word vectors '{path}' do not exist; make them with `python tools/word_vectors.py "
            f'--glove glove.6B.300d.txt --classes SET --out {path}`, SET being voc_mlt, coco_mlt '
            'or your train.csv, and GloVe https://nlp.stanford.edu/data/glove.6B.zip; or set '
            'model.head.word_vectors to an .npy of yours, or to one_hot'
        )
    try:
        with open(path, 'rb') as file:
            content = np.load(file, allow_pickle=False)
            named = isinstance(content, np.lib.npyio.NpzFile)
            theirs = np.atleast_1d(content['classes'] if named else classes).tolist()
            vectors = np.asarray(content['vectors'] if named else content)
    except Exception as error:  # whatever the bytes of a wrong file lead numpy into
        raise InputError(
            f"'{path}' is not a file of word vectors; make one with tools/word_vectors.py"
        ) from error
    if theirs != list(classes):
        pairs = zip_longest(theirs, classes)
        row, (got, expected) = next((i, p) for i, p in enumerate(pairs) if p[0] != p[1])
        raise InputError(
            f"'{path}' is of other classes, or of another order: class {row} is '{got}' there and "
            f"'{expected}' in the data; make it anew with tools/word_vectors.py"
        )
    return _checked(path, vectors, len(classes))


def _checked(path: str | Path, vectors: np.ndarray, num_classes: int) -> np.ndarray:
    fits = vectors.ndim == 2 and len(vectors) == num_classes and vectors.size > 0
    if not fits or vectors.dtype.kind not in 'fiu':
        raise InputError(
            f"'{path}' must hold numbers of shape ({num_classes}, d), one row a class, but holds "
            f'{vectors.dtype} of shape {vectors.shape}'
        )
    return _finite(f"'{path}'", vectors)
