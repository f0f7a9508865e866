"""How the long-tailed sets are made: counts, and the subset that follows them."""

import random
from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import csr_array, sparray

from dbl.longtail.co_occurrence import expected_draws, images_by_class


def pareto_counts(
    num_classes: int, maximum: int, minimum: int = 1, exponent: float = 6.0
) -> np.ndarray:
    r"""Gives the reference count of each class, from head to tail, by a Pareto law.

    With :math:`f(x) = b x^{-b-1}` the density and :math:`q(u) = (1 - u)^{-1/b}` the quantile
    function of the Pareto law with exponent :math:`b`, and :math:`x_1 \dots x_C` evenly spaced
    from :math:`q(0)` to :math:`q(0.99)`:

    .. math::
        n_i = \lfloor f(x_i) (n_{max} - n_{min}) / b + n_{min} \rfloor

    Shape:
        - Output: :math:`(C)`, integers, descending; the first is ``maximum``, or one less, by
          rounding with some exponents that are not integers.

    >>> pareto_counts(5, maximum=800).tolist()
    [800, 136, 33, 11, 4]
    """
    if num_classes < 1:
        raise ValueError(f'num_classes must be at least 1, but got {num_classes}')
    if not 1 <= minimum <= maximum:
        raise ValueError(f'expected 1 <= minimum <= maximum, but got {minimum} and {maximum}')
    if not 0.01 <= exponent <= 1000:
        raise ValueError(f'exponent must lie in [0.01, 1000], but got {exponent}')
    if maximum > 10**12:
        raise ValueError(f'maximum must be at most 10**12, but got {maximum}')
    x = np.linspace(1, (1 - 0.99) ** (-1 / exponent), num_classes)
    density = exponent * x ** (-exponent - 1)
    return (density * (maximum - minimum) / exponent + minimum).astype(int)


def head_to_tail_subset(
    labels: ArrayLike | sparray, counts: Iterable[int], seed: int = 0
) -> list[int]:
    """Draws a long-tailed subset whose class frequencies follow reference counts.

    Classes are ranked by their expected re-sampling, sum_j p(i|j), and visited from head to tail.
    If the growing subset has fewer images of the class than its reference count, a random sample of
    the remaining ones is added. If it has more, a random sample of them is removed, whatever else
    they show. A class with too few images left gives all it has.

    With the labels of VOC 2012 trainval, ``pareto_counts(20, 800)`` and seed 0 this gives VOC-MLT
    id for id. That relies on CPython's iteration order of integer sets (the same in 3.9 to 3.13).

    Shape:
        - labels: (N, C); counts: (C), from head to tail. Output: image indices, in the order of
          the published lists.

    >>> labels = [[1, 0]] * 10 + [[0, 1]] * 10
    >>> subset = head_to_tail_subset(labels, counts=[8, 2])
    >>> sum(image < 10 for image in subset), sum(image >= 10 for image in subset)
    (8, 2)
    """
    labels = csr_array(labels)
    rng = random.Random(seed)
    images_of = [images.tolist() for images in images_by_class(labels)]
    subset: set[int] = set()
    chosen: list[set[int]] = [set() for _ in images_of]
    for c, count in zip(_head_to_tail(labels), counts, strict=True):
        missing = int(count) - len(chosen[c])
        if missing > 0:
            # The published lists come from these very sets: another order draws other images.
            remaining = tuple(set(images_of[c]) - chosen[c])
            sample, move = rng.sample(remaining, min(missing, len(remaining))), set.add
        else:
            sample, move = rng.sample(tuple(chosen[c]), -missing), set.remove
        for image in sample:
            move(subset, image)
            for other in labels.indices[labels.indptr[image] : labels.indptr[image + 1]]:
                move(chosen[other], image)
    return list(subset)


def _head_to_tail(labels: csr_array) -> np.ndarray:
    return np.argsort(-expected_draws(labels, 1), kind='stable')
