"""Turns labels of every supported form into one form."""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import csr_array, issparse, sparray


def label_matrix(labels: ArrayLike | sparray | Sequence[Sequence[int]]) -> csr_array:
    """Turns labels into a sparse matrix, (N, C), multi-hot.

    Args:
        labels: Multi-hot, (N, C): an array, a tensor on the CPU, or a sparse matrix. Or for each
            image a list, array or tensor of its class indices; the largest index then decides the
            number of classes. Lists that all have the same length of at least two, and hold only 0
            and 1, are taken as multi-hot.

    Raises:
        ValueError: An entry is neither 0 nor 1, or not an index, or an index comes twice.

    >>> label_matrix([[0], [], [0, 2]]).toarray().tolist()
    [[1, 0, 0], [0, 0, 0], [1, 0, 1]]
    >>> label_matrix(np.array([[1, 0], [1, 1]])).toarray().tolist()
    [[1, 0], [1, 1]]
    """
    if isinstance(labels, (list, tuple)):
        labels = [_as_list(number, row) for number, row in enumerate(labels)]
        if not _is_multi_hot(labels):
            return _from_indices(labels)
    matrix = csr_array(labels, copy=True) if issparse(labels) else _dense(labels)
    given = matrix.nnz
    matrix.sum_duplicates()
    if matrix.nnz < given:
        raise ValueError('labels must be 0 or 1, but the sparse matrix has an entry twice')
    matrix.eliminate_zeros()
    if not (matrix.data == 1).all():
        odd = matrix.data[matrix.data != 1][0]
        raise ValueError(f'labels must be 0 or 1, but got {odd}')
    return matrix.astype(np.int64)


def _dense(labels: Any) -> csr_array:
    if hasattr(labels, 'to_dense'):  # a tensor, which may be a sparse one
        labels = labels.detach().to_dense().float()
    array = np.asarray(labels)
    if array.ndim != 2 or array.dtype.kind not in 'buif':
        raise ValueError(
            f'labels must be numbers of shape (N, C), but got {array.dtype} of shape {array.shape}'
        )
    return csr_array(array.astype(np.float64))


def _as_list(number: int, row: Any) -> list[Any]:
    row = row.tolist() if hasattr(row, 'tolist') else row
    if not isinstance(row, (list, tuple)):
        raise ValueError(f'image {number}: expected a list of class indices, but got {row!r:.80}')
    return list(row)


def _is_multi_hot(rows: list[list[Any]]) -> bool:
    lengths = set(map(len, rows))
    return len(lengths) == 1 and min(lengths) > 1 and set(chain.from_iterable(rows)) <= {0, 1}


def _from_indices(rows: list[list[int]]) -> csr_array:
    indptr = np.cumsum([0, *map(len, rows)])
    indices = np.array(list(chain.from_iterable(rows)) or [0], dtype=object)[: indptr[-1]]
    whole = [isinstance(index, (int, np.integer)) and index >= 0 for index in indices]
    if not all(whole):
        raise ValueError(
            f'a list of class indices must hold integers of at least 0, but got '
            f'{indices[whole.index(False)]!r}'
        )
    _check_once(rows)
    num_classes = max(indices, default=-1) + 1
    ones = np.ones(len(indices), dtype=np.int64)
    return csr_array((ones, indices.astype(np.int64), indptr), shape=(len(rows), num_classes))


def _check_once(rows: Iterable[list[int]]) -> None:
    for number, row in enumerate(rows):
        if len(set(row)) < len(row):
            raise ValueError(
                f'image {number}: a class comes twice in {row[:10]}; multi-hot labels must be an '
                'array, or lists of one length'
            )
