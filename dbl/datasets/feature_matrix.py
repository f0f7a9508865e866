"""Features in a matrix instead of pictures: of a frozen network, or anybody's."""

import os
from pathlib import Path

import numpy as np

from dbl.arrays import names_in, read_arrays
from dbl.datasets.annotation_formats import read_annotations
from dbl.datasets.annotations import Annotations
from dbl.datasets.fingerprint import digest
from dbl.datasets.names import check_classes
from dbl.datasets.sparse_rows import MARKS, SparseRows, read_sparse_rows
from dbl.errors import InputError
from dbl.out_of_memory import is_out_of_memory
from dbl.registry import DATASETS


@DATASETS.register_module()
class FeatureMatrix:
    """Reads rows of features, each of which stands for a picture.

    ::

        data_root/
            train.npy, (N, D) or (N, K, D), and its labels: train.json, train.csv or train.jsonl
            test.npy and its labels
        or
            train.npz: features, (N, D) or (N, K, D), targets, (N, C), and classes, (C)
            test.npz
        or
            train.npz, sparse, (N, D), by scipy.sparse.save_npz, and its labels, as above
            test.npz and its labels

    K are views of a picture, of which training draws one at each use. ``python -m dbl features``
    writes the first form; its .npy is read from the disk as it is needed. ``python -m dbl tfidf``
    writes the last one; its rows are made dense as they are used.

    Args:
        ann_file: Name of the files under ``data_root``, without a suffix.
        data_root: Their folder.

    Raises:
        InputError: A file is missing or malformed, or features and labels do not go together.

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> np.savez(folder / 'train.npz', features=np.eye(2), targets=np.eye(2), classes=['a', 'b'])
    >>> source = FeatureMatrix('train', data_root=str(folder))
    >>> source.channels, source.annotations.class_freq, source.read(1).ravel().tolist()
    (2, [1, 1], [0.0, 1.0])
    """

    def __init__(self, ann_file: str, data_root: str = '') -> None:
        self.path = _existing(Path(data_root, ann_file))
        self.features, self.annotations = _read(self.path)
        shape, kind = self.features.shape, self.features.dtype.kind
        is_matrix = len(shape) in (2, 3) and shape[0] == len(self.annotations) and all(shape)
        if not is_matrix or kind not in 'fiu':
            raise InputError(
                f"'{self.path}': expected numbers of shape (N, D) or (N, K, D) for "
                f'{len(self.annotations)} labelled rows, but got {self.features.dtype} of shape '
                f'{shape}'
            )
        self.channels = shape[-1]

    @property
    def name(self) -> str:
        """The path of the features, for messages."""
        return str(self.path)

    def read(self, index: int) -> np.ndarray:
        """Reads the views of a row as a picture of one column, (K, 1, D).

        Raises:
            InputError: A number in it is not finite.
        """
        views = np.asarray(self.features[index]).reshape(-1, 1, self.channels)
        if not np.isfinite(views).all():
            name = self.annotations.image_paths[index]
            raise InputError(f"'{self.path}': the features of '{name}' are not finite numbers")
        return views

    def identities(self) -> list[str]:
        """Names each row by its folder and its name, which a split shares with no other."""
        folder = os.path.realpath(self.path.parent)
        return [f'{folder}/{name}' for name in self.annotations.image_paths]

    def fingerprints(self) -> np.ndarray:
        """Hashes the features of each row, (N,), int64."""
        return np.array([digest(row.tobytes()) for row in self.features], dtype=np.int64)

    def picture_bytes(self) -> list[int]:
        """Says that memory need not hold any: reading costs nothing."""
        return [0] * len(self.annotations)

    def wider_than_high(self) -> np.ndarray:
        """Says that no row is wider than high, (N,)."""
        return np.zeros(len(self.annotations), dtype=bool)

    def check_images(self) -> None:
        """Does nothing: rows are never missing."""


def _existing(stem: Path) -> Path:
    found = [path for path in (stem.with_name(f'{stem.name}{s}') for s in ('.npy', '.npz'))
             if path.is_file()]  # fmt: skip
    if len(found) != 1:
        what = 'both are there' if found else 'neither is there'
        raise InputError(
            f"'{stem}.npy' or '{stem}.npz' must hold the features, but {what}; `python -m dbl "
            'features CONFIG --out FOLDER` writes the first'
        )
    return found[0]


def _read(path: Path) -> tuple[np.ndarray | SparseRows, Annotations]:
    if path.suffix == '.npy':
        return _mapped(path)
    if names_in(path).issuperset(MARKS):
        return read_sparse_rows(path), read_annotations(path.with_suffix(''))
    return _packed(path)


def _mapped(path: Path) -> tuple[np.ndarray, Annotations]:
    try:
        features = np.load(path, mmap_mode='r', allow_pickle=False)
    except (ValueError, EOFError, OSError, MemoryError) as error:
        if isinstance(error, OSError) and is_out_of_memory(error):
            raise MemoryError(f"'{path}': {error.strerror}") from error
        raise InputError(f"'{path}' is damaged, or no .npy of numbers: {error!s:.200}") from error
    return features, read_annotations(path.with_suffix(''))


def _packed(path: Path) -> tuple[np.ndarray, Annotations]:
    found = read_arrays(path, ('features', 'targets', 'classes'))
    targets, classes = found['targets'], list(map(str, found['classes'].tolist()))
    check_classes(f"'{path}'", classes)
    if targets.ndim != 2 or targets.shape[1] != len(classes):
        raise InputError(
            f"'{path}': expected targets for {len(classes)} classes, (N, C), but got shape "
            f'{targets.shape}'
        )
    odd = targets[(targets != 0) & (targets != 1)]
    if odd.size:
        raise InputError(f"'{path}': targets must be 0 or 1, but got {odd[0]}")
    names = [f'{path.stem} row {number}' for number in range(len(targets))]
    rows = [np.flatnonzero(row).tolist() for row in targets]
    return found['features'], Annotations(classes, names, rows)
