"""Whether a difference is shown."""

import numpy as np

ENOUGH_SEEDS = 5


def verdict_of(low: float, high: float, by_seed: np.ndarray, sign: int = 1) -> str:
    """Judges a difference by its interval, and by whether every seed agrees in sign.

    >>> verdict_of(0.5, 2.0, np.array([1.0, 1.1, 0.9, 1.2, 1.3]))
    'shown'
    >>> verdict_of(-2.0, -0.5, np.array([-1.0, -1.2]))
    'the opposite (2 seeds)'
    >>> verdict_of(0.5, 2.0, np.array([1.0, -0.1, 0.9, 1.2, 1.3]))
    'not shown'
    """
    low, high = sorted([sign * low, sign * high])
    by_seed = sign * by_seed
    verdict, num_seeds = 'not shown', len(by_seed)
    if low > 0 and (by_seed > 0).all():
        verdict = 'shown'
    elif high < 0 and (by_seed < 0).all():
        verdict = 'the opposite'
    few = f' ({num_seeds} seed{"s" if num_seeds > 1 else ""})'
    return verdict if num_seeds >= ENOUGH_SEEDS else verdict + few
