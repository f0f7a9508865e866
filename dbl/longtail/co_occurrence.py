"""Which images show a class, and which classes occur together."""

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import csr_array, sparray

from dbl.limits import check_most

WHY = 'to count them anyway'  # labels in memory come from no file that one could distrust


def images_by_class(labels: ArrayLike | sparray) -> list[np.ndarray]:
    """Lists the images of each class, ascending.

    Shape:
        - labels: (N, C), multi-hot. Output: C arrays of image indices.

    >>> [images.tolist() for images in images_by_class([[1, 1], [0, 1], [1, 1]])]
    [[0, 2], [0, 1, 2]]
    """
    columns = csr_array(labels).tocsc()
    columns.sort_indices()
    return np.split(columns.indices, columns.indptr[1:-1])


def co_occurrence(labels: ArrayLike | sparray) -> sparray:
    """Counts the images that show each pair of classes, n(i and j). Its diagonal is n(i).

    Shape:
        - labels: (N, C). Output: (C, C), sparse integers.

    Raises:
        InputError: There may be more pairs than ``DBL_MAX_PAIRS``.

    >>> co_occurrence([[1, 1], [0, 1], [1, 1]]).toarray().tolist()
    [[2, 2], [2, 3]]
    """
    labels = csr_array(labels, dtype=np.int64)
    pairs = min(int((np.diff(labels.indptr).astype(np.int64) ** 2).sum()), labels.shape[1] ** 2)
    check_most('DBL_MAX_PAIRS', pairs, 'the pairs of classes that images may show together', WHY)
    return (labels.T @ labels).tocsr()


def conditional_probability(labels: ArrayLike | sparray) -> sparray:
    """Gives the share of class j's images that also show class i, p(i|j) = n(i and j) / n(j).

    A class without images has a column of zeros.

    Shape:
        - labels: (N, C). Output: (C, C), sparse, row i, column j.

    >>> conditional_probability([[1, 1], [0, 1], [1, 1], [0, 1]]).toarray().tolist()
    [[1.0, 0.5], [1.0, 1.0]]
    """
    counts = co_occurrence(labels)
    n = np.maximum(counts.diagonal(), 1)
    # scipy multiplies by 1 / n, which makes 14 / 35 less than 0.4.
    shares = counts.data / n[counts.indices]
    return csr_array((shares, counts.indices, counts.indptr), shape=counts.shape)


def expected_draws(labels: ArrayLike | sparray, draws_per_class: float | None = None) -> np.ndarray:
    r"""Computes the expected positives of each class in a class-aware epoch.

    They are :math:`N_e \sum_j p(i|j)`.

    Args:
        labels: Labels of the training set.
        draws_per_class: The paper's N_e; None means n_max / 4, as in the released code.

    Shape:
        - labels: (N, C). Output: (C).

    >>> expected_draws([[1, 1], [0, 1], [1, 1], [0, 1]], draws_per_class=10).tolist()
    [15.0, 20.0]
    """
    labels = csr_array(labels)
    if draws_per_class is None:
        draws_per_class = labels.sum(axis=0).max() / 4
    return draws_per_class * conditional_probability(labels).sum(axis=1)
