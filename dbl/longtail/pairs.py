"""Labels on the images of a class, and the pairs of classes that occur together."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import csr_array, sparray

from dbl.limits import check_most
from dbl.longtail.co_occurrence import WHY, conditional_probability


class Pair(NamedTuple):
    """Share of the images of class ``given`` that also show ``other``, p(other|given)."""

    given: int
    other: int
    share: float


def labels_per_image(labels: ArrayLike | sparray) -> np.ndarray:
    """Mean number of labels on the images of each class, sum_i p(i|j).

    Shape:
        - labels: (N, C). Output: (C), 0 for a class without images.

    >>> labels_per_image([[1, 1], [1, 0], [1, 0], [0, 1]]).round(2).tolist()
    [1.33, 1.5]
    """
    return conditional_probability(labels).sum(axis=0)


def group_labels_per_image(labels: ArrayLike | sparray, classes: list[int]) -> float:
    """Mean number of labels on the images that show any class of a group, NaN without images.

    Shape:
        - labels: (N, C), multi-hot.

    >>> group_labels_per_image([[1, 1], [1, 0], [1, 0], [0, 1]], classes=[1])
    1.5
    """
    labels = csr_array(labels, dtype=np.int64)
    shown = labels[:, classes].sum(axis=1) > 0
    return float(labels[shown].sum() / shown.sum()) if shown.any() else np.nan


def most_frequent_pairs(labels: ArrayLike | sparray, count: int) -> list[Pair]:
    """The pairs of different classes with the largest p(i|j), the largest first.

    >>> most_frequent_pairs([[1, 1], [1, 0], [1, 0], [0, 1]], count=1)
    [Pair(given=1, other=0, share=0.5)]
    """
    shares = conditional_probability(labels).tocoo()
    other, given = shares.row, shares.col
    different = other != given
    order = np.lexsort((other, given, -shares.data))
    order = order[different[order]][:count]
    return [Pair(int(given[k]), int(other[k]), float(shares.data[k])) for k in order]


def least_frequent_pairs(labels: ArrayLike | sparray, classes: list[int], count: int) -> list[Pair]:
    """The pairs within a group of classes with the smallest p(i|j), the smallest first.

    Raises:
        InputError: There are more pairs than ``DBL_MAX_PAIRS``.

    >>> least_frequent_pairs([[1, 1], [1, 0], [0, 1], [1, 0], [1, 0]], classes=[0, 1], count=1)
    [Pair(given=0, other=1, share=0.25)]
    """
    check_most('DBL_MAX_PAIRS', len(classes) ** 2, 'the pairs of classes of the group', WHY)
    shares = conditional_probability(labels)[classes][:, classes].toarray().T
    np.fill_diagonal(shares, np.inf)
    order = np.argsort(shares, axis=None, kind='stable')[: min(count, shares.size - len(classes))]
    places = zip(*np.unravel_index(order, shares.shape), strict=True)
    return [Pair(classes[j], classes[i], float(shares[j, i])) for j, i in places]


def rank_correlation(class_freq: ArrayLike, test_freq: ArrayLike) -> float:
    """Spearman's correlation of the classes' frequencies in training and test (section 4.1).

    It is NaN if one of them is the same for all classes, as nothing is ranked then.

    >>> rank_correlation([9, 5, 1], [3, 2, 1]), rank_correlation([9, 5, 1], [2, 2, 2])
    (1.0, nan)
    """
    if min(len(np.unique(freq)) for freq in (class_freq, test_freq)) < 2:
        return np.nan
    from scipy.stats import spearmanr  # slow to import

    return float(spearmanr(class_freq, test_freq).statistic)
