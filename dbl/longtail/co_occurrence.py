import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import csr_array, sparray


def co_occurrence(labels: ArrayLike | sparray) -> sparray:
    """Counts the images that show each pair of classes, n(i and j); its diagonal is n(i).

    Shape:
        - labels: (N, C). Output: (C, C), sparse integers.
    """
    labels = csr_array(labels, dtype=np.int64)
    return (labels.T @ labels).tocsr()


def conditional_probability(labels: ArrayLike | sparray) -> sparray:
    """Share of the images of class j that also show class i, p(i|j) = n(i and j) / n(j).

    A class without images has a column of zeros.

    Shape:
        - labels: (N, C). Output: (C, C), sparse, row i, column j.
    """
    counts = co_occurrence(labels)
    n = np.maximum(counts.diagonal(), 1)
    # scipy multiplies by 1 / n, which makes 14 / 35 less than 0.4.
    shares = counts.data / n[counts.indices]
    return csr_array((shares, counts.indices, counts.indptr), shape=counts.shape)
