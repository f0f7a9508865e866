"""A sparse matrix of features, whose rows are made dense one by one."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array

from dbl.arrays import read_arrays
from dbl.errors import InputError

PARTS = ('data', 'indices', 'indptr', 'shape')


class SparseRows:
    """A sparse matrix that gives its rows as a dense one does.

    Args:
        matrix: Features, (N, D).

    >>> rows = SparseRows(csr_array(np.array([[0.0, 2.0], [1.0, 0.0]], dtype=np.float32)))
    >>> rows.shape, rows[0].tolist()
    ((2, 2), [0.0, 2.0])
    """

    def __init__(self, matrix: csr_array) -> None:
        self.matrix, self.shape, self.dtype = matrix, matrix.shape, matrix.dtype

    def __getitem__(self, index: int) -> np.ndarray:
        matrix = self.matrix
        own = slice(*matrix.indptr[index : index + 2])
        row = np.zeros(self.shape[1], self.dtype)
        row[matrix.indices[own]] = matrix.data[own]
        return row

    def __iter__(self) -> Iterator[np.ndarray]:
        return (self[index] for index in range(self.shape[0]))


def read_sparse_rows(path: Path) -> SparseRows:
    """Reads what ``scipy.sparse.save_npz`` has written of a matrix of rows, CSR.

    Raises:
        InputError: The file is damaged, or of another form.
    """
    data, indices, indptr, shape = read_arrays(path, PARTS).values()
    try:
        matrix = csr_array((data, indices, indptr), shape=tuple(map(int, shape)))
        matrix.check_format(full_check=True)
        matrix.sum_duplicates()
    except (ValueError, TypeError, OverflowError) as error:
        raise InputError(
            f"'{path}' is damaged, or no sparse matrix of rows (CSR) of scipy: {error!s:.200}"
        ) from error
    return SparseRows(matrix)
