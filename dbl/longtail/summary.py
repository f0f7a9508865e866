"""All that losses, samplers and tables need to know of labels, in one call."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import sparray

from dbl.longtail.co_occurrence import co_occurrence, conditional_probability, expected_draws
from dbl.longtail.groups import head_medium_tail
from dbl.longtail.label_matrix import label_matrix


@dataclass(frozen=True)
class Statistics:
    """Statistics of the labels of a training set.

    Attributes:
        num_images: Images, N.
        class_freq: Images of each class, n_i, (C,).
        groups: Class indices of ``'head'``, ``'medium'`` and ``'tail'``.
        co_occurrence: Images that show each pair of classes, (C, C), sparse.
        conditional_probability: Share of class j's images that also show class i, p(i|j), (C, C),
            sparse.
        expected_draws: Positives of each class in a class-aware epoch, (C,).
    """

    num_images: int
    class_freq: list[int]
    groups: dict[str, list[int]]
    co_occurrence: sparray
    conditional_probability: sparray
    expected_draws: np.ndarray


def statistics(
    labels: ArrayLike | sparray,
    head: int = 100,
    tail: int = 20,
    draws_per_class: float | None = None,
) -> Statistics:
    """Counts the labels of a training set.

    Args:
        labels: As :func:`~dbl.longtail.label_matrix` takes them: multi-hot, (N, C), or for each
            image a list of its class indices.
        head: Classes with at least this many images are head.
        tail: Classes with fewer than this are tail.
        draws_per_class: The paper's N_e; None means n_max / 4, as in the released code.

    >>> found = statistics([[0], [0, 1], [0, 2], [2]], head=3, tail=2)
    >>> found.num_images, found.class_freq, found.groups
    (4, [3, 1, 2], {'head': [0], 'medium': [2], 'tail': [1]})
    """
    matrix = label_matrix(labels)
    class_freq = matrix.sum(axis=0).tolist()
    return Statistics(
        num_images=matrix.shape[0],
        class_freq=class_freq,
        groups=head_medium_tail(class_freq, head, tail),
        co_occurrence=co_occurrence(matrix),
        conditional_probability=conditional_probability(matrix),
        expected_draws=expected_draws(matrix, draws_per_class),
    )
