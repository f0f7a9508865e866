"""How certain an average precision is, by resampling the pictures of the test set."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import ArrayLike

from dbl.errors import InputError
from dbl.evaluation.average_precision import cores

TRIES = 1000
HOPELESS = 20  # tries; if fewer than a tenth of the draws succeed in them, 1000 would not do


def resampled_counts(
    targets: ArrayLike, num_draws: int, generator: np.random.Generator
) -> np.ndarray:
    """Resamples the pictures of a test set, with replacement and to the same number.

    They are drawn within strata of pictures with the same rarest class. A draw in which a class
    loses its last positive is made again. Classes that have no positives at all are ignored.

    Args:
        targets: Labels of the test set, (N, C), multi-hot.
        num_draws: Draws to make, B.
        generator: Source of the draws.

    Returns:
        How often each picture is drawn, (B, N).

    Raises:
        InputError: Some class loses its last positive in nearly every draw.

    >>> counts = resampled_counts([[1, 0], [1, 0], [0, 1]], 4, np.random.default_rng(0))
    >>> counts.sum(axis=1).tolist(), counts[:, 2].tolist()
    ([3, 3, 3, 3], [1, 1, 1, 1])
    """
    targets = np.asarray(targets) > 0
    shown = targets[:, targets.any(axis=0)].astype(np.float32)
    members = _strata(shown)
    counts = np.zeros((num_draws, len(targets)), dtype=np.int32)
    left = np.arange(num_draws)
    for k in range(TRIES):
        for own in members:
            uniform = np.full(len(own), 1 / len(own))
            counts[np.ix_(left, own)] = generator.multinomial(len(own), uniform, size=len(left))
        left = left[((counts[left] @ shown) == 0).any(axis=1)]
        if not len(left):
            return counts
        if k >= HOPELESS and len(left) > 0.9 * num_draws:
            break
    raise InputError(
        f'{len(left)} of {num_draws} draws of test images leave some class without a positive, '
        'however often they are made again; test on more images of the rarest classes'
    )


def _strata(targets: np.ndarray) -> list[np.ndarray]:
    """Groups the pictures by their rarest class. Those without labels form one group."""
    freq = np.where(targets > 0, targets.sum(axis=0), np.inf)
    rarest = np.where(targets.any(axis=1), freq.argmin(axis=1), -1)
    return [np.flatnonzero(rarest == c) for c in np.unique(rarest)]


def resampled_ap(scores: ArrayLike, targets: ArrayLike, counts: np.ndarray) -> np.ndarray:
    """Computes each class's average precision on resampled test sets.

    It equals :func:`~dbl.evaluation.average_precision` with each picture repeated as often as it
    was drawn. A class without positives is NaN.

    Shape:
        - scores, targets: (N, C); counts: (B, N), from :func:`resampled_counts`. Output: (B, C).

    >>> resampled_ap([[0.9], [0.8], [0.7]], [[1], [0], [1]], np.array([[1, 1, 1], [1, 0, 2]]))
    array([[0.83333333],
           [1.        ]])
    """
    counts = np.ascontiguousarray(counts.T)  # puts the draws of a picture side by side
    columns = np.asarray(scores).T, np.asarray(targets).T > 0
    with ThreadPoolExecutor(cores()) as pool:
        found = pool.map(lambda own, positive: _of_class(own, positive, counts), *columns)
    return np.stack([*found], axis=1)


def resampled_f1(decisions: ArrayLike, targets: ArrayLike, counts: np.ndarray) -> np.ndarray:
    """Computes each class's F1 on resampled test sets. A class without positives is NaN.

    Shape:
        - decisions, targets: (N, C), each 0 or 1; counts: (B, N), from :func:`resampled_counts`.
          Output: (B, C).

    >>> resampled_f1([[1], [1], [0]], [[1], [0], [1]], np.array([[1, 1, 1], [2, 1, 0]]))
    array([[0.5],
           [0.8]])
    """
    present, positive = np.asarray(decisions) > 0, np.asarray(targets) > 0
    # Whole numbers below 2^24, which float32 holds exactly.
    drawn = counts.astype(np.float32)
    hits, predicted, shown = (
        (drawn @ own.astype(np.float32)).astype(np.float64)
        for own in (present & positive, present, positive)
    )
    with np.errstate(invalid='ignore', divide='ignore'):
        return np.where(shown > 0, 2 * hits / (predicted + shown), np.nan)


def _of_class(scores: np.ndarray, positive: np.ndarray, counts: np.ndarray) -> np.ndarray:
    order = np.argsort(-scores, kind='stable')
    scores, positive = scores[order], np.flatnonzero(positive[order])
    # Tied pictures count together, up to the last one with the same score.
    last = np.searchsorted(-scores, -scores[positive], side='right') - 1
    above = np.cumsum(counts[order], axis=0, dtype=np.int32)[last]
    hits = counts[order[positive]]
    last_hit = np.searchsorted(positive, last, side='right') - 1
    hits_above = np.cumsum(hits, axis=0, dtype=np.int32)[last_hit]
    with np.errstate(invalid='ignore'):
        return (hits * hits_above / np.maximum(above, 1)).sum(axis=0) / hits.sum(axis=0)
