"""A sparse matrix of features, whose rows are made dense one by one."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array

from dbl.arrays import read_arrays
from dbl.errors import InputError, shortened
from dbl.limits import check_most

MARKS = {'format', 'shape'}  # of a sparse matrix of any form
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
        InputError: The file is damaged, or of another form, or its rows are too wide.
    """
    form = read_arrays(path, ('format',))['format'].tolist()
    form = form.decode(errors='replace') if isinstance(form, bytes) else form
    if form != 'csr':
        raise InputError(
            f"'{path}' must hold a sparse matrix of rows, CSR, but holds {shortened(form)}; save "
            '`matrix.tocsr()`'
        )
    data, *places = read_arrays(path, PARTS).values()
    try:
        if any(own.dtype.kind not in 'iu' for own in places):
            raise ValueError(f'{", ".join(PARTS[1:])} must be whole numbers')
        indices, indptr, shape = places
        matrix = csr_array((data, indices, indptr), shape=tuple(shape.tolist()))
        matrix.check_format(full_check=True)
        matrix.sum_duplicates()
    except (ValueError, TypeError, OverflowError) as error:
        raise InputError(
            f"'{path}' is damaged, or no sparse matrix of rows (CSR) of scipy: {error!s:.200}"
        ) from error
    dense = matrix.shape[-1] * matrix.dtype.itemsize
    check_most('DBL_MAX_UNPACKED', dense, f"the bytes of a dense row of '{path}'")
    return SparseRows(matrix)
