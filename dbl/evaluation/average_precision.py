import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

BLOCK = 16  # classes; what a processor fetches at once from a row in memory


def average_precision(scores: ArrayLike, targets: ArrayLike) -> np.ndarray:
    """Computes each class's average precision, without interpolation, as scikit-learn defines it.

    It is the mean, over the positives, of the precision among all images that score at least as
    high as the positive does. Tied images thus count together. A class without positives is NaN.
    Beyond the arguments it takes memory for 16 classes per core.

    Shape:
        - scores: (N, C), higher is more certain; targets: (N, C), multi-hot. Output: (C), float64.

    >>> average_precision([[0.9], [0.8], [0.7], [0.1]], [[1], [0], [0], [1]]).tolist()
    [0.75]
    """
    scores, targets = as_array(scores), as_array(targets)
    if scores.ndim != 2 or scores.shape != targets.shape:
        raise ValueError(
            f'expected scores and targets of one shape (N, C), but got {scores.shape} and '
            f'{targets.shape}'
        )
    blocks = (slice(c, c + BLOCK) for c in range(0, scores.shape[1], BLOCK))
    with ThreadPoolExecutor(cores()) as pool:  # sorting releases Python's lock
        found = list(pool.map(lambda block: _of_block(scores[:, block], targets[:, block]), blocks))
    return np.array([value for block in found for value in block])


def as_array(values: Any) -> np.ndarray:
    """An array of what is one, of a tensor of any type on any device, or of a sparse matrix.

    >>> as_array([0.5, 1])
    array([0.5, 1. ])
    """
    if hasattr(values, 'detach'):  # numpy has no bfloat16
        values = values.detach().cpu()
        values = values.double() if values.is_floating_point() else values
    elif hasattr(values, 'toarray'):
        values = values.toarray()
    return np.asarray(values)


def cores() -> int | None:
    """The number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, 'sched_getaffinity') else os.cpu_count()


def _of_block(scores: np.ndarray, targets: np.ndarray) -> list[float]:
    if not ((targets == 0) | (targets == 1)).all():
        raise ValueError('targets must be 0 or 1: unknown and soft labels are not supported')
    pairs = zip(_columns(scores), _columns(targets > 0), strict=True)
    return [_average_precision(s, y) for s, y in pairs]


def _columns(block: np.ndarray) -> np.ndarray:
    return np.array(block.T, order='C')


def _average_precision(scores: np.ndarray, positive: np.ndarray) -> float:
    """Computes the average precision of one class, and sorts ``scores`` in place."""
    hits = np.sort(scores[positive])
    scores.sort()
    if len(scores) and np.isnan(scores[-1]):  # NaN sorts last
        raise ValueError('scores must not be NaN: a NaN has no rank')
    if not len(hits):
        return np.nan
    hits_above = len(hits) - np.searchsorted(hits, hits)
    all_above = len(scores) - np.searchsorted(scores, hits)
    return float(np.mean(hits_above / all_above))
