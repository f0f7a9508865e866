import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import sparray

from dbl.longtail.co_occurrence import conditional_probability


def label_graph(labels: ArrayLike | sparray, threshold: float = 0.4, p: float = 0.25) -> np.ndarray:
    r"""Builds the graph of classes that occur together, as the adjacency of graph convolutions.

    Chen et al., "Multi-Label Image Recognition with Graph Convolutional Networks" (CVPR 2019),
    Eq. 7 and 8: class i is linked to j if at least a share t of its images show j.

    .. math::
        A_{ij} = [p(j|i) \ge t],\ i \ne j, \quad
        A'_{ij} = p \frac{A_{ij}}{\sum_k A_{ik}}, \quad A'_{ii} = 1 - p, \quad
        \hat A = D^{-1/2} A' D^{-1/2},\ D_{ii} = \sum_j A'_{ij}

    If class i has neighbours, row i of :math:`A'` already sums to 1. The normalisation is for the
    classes without neighbours.

    Args:
        labels: Labels of the training set.
        threshold: The share t, in (0, 1].
        p: Weight of a class's neighbours against its own, in [0, 1).

    Shape:
        - labels: (N, C), multi-hot. Output: (C, C).

    >>> label_graph([[1, 1], [1, 0], [1, 0], [0, 1]]).round(4).tolist()
    [[1.0, 0.0], [0.2887, 0.75]]
    """
    if not 0 < threshold <= 1:
        raise ValueError(f'threshold must lie in (0, 1], but got {threshold}')
    if not 0 <= p < 1:
        raise ValueError(f'p must lie in [0, 1), but got {p}')
    linked = conditional_probability(labels).T.toarray() >= threshold
    np.fill_diagonal(linked, False)
    adjacency = p * linked / np.maximum(linked.sum(axis=1, keepdims=True), 1)
    np.fill_diagonal(adjacency, 1 - p)
    degree = adjacency.sum(axis=1)
    return adjacency / np.sqrt(np.outer(degree, degree))
