import numpy as np
from numpy.typing import ArrayLike


def average_precision(scores: ArrayLike, targets: ArrayLike) -> np.ndarray:
    """Average precision of each class, without interpolation, as scikit-learn defines it.

    It is the mean, over the positives, of the precision among all images that score at least as
    high as the positive does; tied images so count together. A class without positives is NaN.

    Shape:
        - scores: (N, C), higher is surer; targets: (N, C), multi-hot. Output: (C), float64.
    """
    scores, targets = np.asarray(scores), np.asarray(targets)
    if scores.ndim != 2 or scores.shape != targets.shape:
        raise ValueError(
            f'expected scores and targets of one shape (N, C), but got {scores.shape} and '
            f'{targets.shape}'
        )
    if np.isnan(scores).any():
        raise ValueError('scores must not be NaN: a NaN has no rank')
    return np.array(
        [_average_precision(s, t > 0) for s, t in zip(scores.T, targets.T, strict=True)]
    )


def _average_precision(scores: np.ndarray, positive: np.ndarray) -> float:
    if not positive.any():
        return np.nan
    hits, everything = np.sort(scores[positive]), np.sort(scores)
    hits_above = len(hits) - np.searchsorted(hits, hits)
    all_above = len(everything) - np.searchsorted(everything, hits)
    return float(np.mean(hits_above / all_above))
