"""Whose images a class learns from: its own, or, if they are few, those of all rare classes."""

from collections.abc import Callable
from typing import Literal, TypeVar

import numpy as np

from dbl.errors import InputError

Chosen = Literal['own', 'rare', 'all']
T = TypeVar('T')

LEAST = 10  # positives; docs/decisions.md says what fewer and more gave


def whose_images(positive: np.ndarray, least: int = LEAST) -> list[Chosen]:
    """Says whose validation images decide for each class.

    A class with at least ``least`` positives learns from its ``'own'`` scores and labels. The
    others learn together, from those of all ``'rare'`` classes in one pool. If that has fewer than
    ``least`` positives, too, they learn from a pool of ``'all'`` classes.

    Shape:
        - positive: (N, C), booleans. Output: C names.

    Raises:
        ValueError: ``least`` is below 1.
        InputError: No image shows any class.

    >>> positive = np.array([[1, 1, 0], [1, 0, 1], [1, 0, 0]], dtype=bool)
    >>> whose_images(positive, least=2), whose_images(positive, least=3)
    (['own', 'rare', 'rare'], ['own', 'all', 'all'])
    """
    if not least >= 1:
        raise ValueError(f'least must be at least 1, but got {least}')
    if not positive.any():
        raise InputError('no validation image shows any class, so nothing can be learnt from them')
    counts = positive.sum(axis=0)
    rare = counts < least
    shared: Chosen = 'rare' if counts[rare].sum() >= least else 'all'
    return [shared if is_rare else 'own' for is_rare in rare]


def learn_by_class(
    values: np.ndarray,
    positive: np.ndarray,
    least: int,
    learn: Callable[[np.ndarray, np.ndarray], T],
) -> tuple[list[T], list[Chosen]]:
    """Learns something for each class, from the images that :func:`whose_images` says.

    ``learn`` takes the values and the labels of one class, or of a pool, as two arrays (M).

    Shape:
        - values, positive: (N, C). Output: what each of the C classes takes, and whose it is.

    >>> values = np.array([[0.9, 0.2, 0.4], [0.7, 0.6, 0.8]])
    >>> positive = np.array([[1, 0, 1], [1, 1, 0]], dtype=bool)
    >>> learn_by_class(values, positive, least=2, learn=lambda v, y: float(v[y].min()))
    ([0.7, 0.4, 0.4], ['own', 'rare', 'rare'])
    """
    chosen = whose_images(positive, least)
    pools = {'rare': np.array(chosen) == 'rare', 'all': np.ones(len(chosen), dtype=bool)}
    shared = {
        name: learn(values[:, classes].ravel(), positive[:, classes].ravel())
        for name, classes in pools.items()
        if name in chosen
    }
    learnt = [
        learn(values[:, c], positive[:, c]) if name == 'own' else shared[name]
        for c, name in enumerate(chosen)
    ]
    return learnt, chosen
