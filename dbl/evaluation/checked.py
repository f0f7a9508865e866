"""The arrays that one learns from, or measures, on labelled images: checked, and of one type."""

import numpy as np
from numpy.typing import ArrayLike

from dbl.errors import InputError


def checked_scores(scores: ArrayLike, targets: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Returns scores as float64, and targets as booleans.

    Shape:
        - scores: (N, C), in [0, 1]; targets: (N, C), multi-hot.

    Raises:
        ValueError: The shapes differ, there is no image, a score is NaN or outside [0, 1], or a
            target is neither 0 nor 1.

    >>> checked_scores([[0.5, 1]], [[0, 1]])
    (array([[0.5, 1. ]]), array([[False,  True]]))
    """
    scores, targets = np.asarray(scores, dtype=np.float64), np.asarray(targets)
    _check_shapes('scores', scores, targets)
    outside = ~((scores >= 0) & (scores <= 1))  # NaN is neither
    if outside.any():
        raise ValueError(
            f'scores must lie in [0, 1], but got {scores[outside][0]}; take the sigmoid of logits'
        )
    return scores, _booleans('targets', targets)


def checked_logits(logits: ArrayLike, targets: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Returns logits as float64, and targets as booleans.

    Shape:
        - logits: (N, C); targets: (N, C), multi-hot.

    Raises:
        ValueError: The shapes differ, there is no image, or a target is neither 0 nor 1.
        InputError: The logits are not finite.

    >>> checked_logits([[-1, 2]], [[0, 1]])
    (array([[-1.,  2.]]), array([[False,  True]]))
    """
    logits, targets = np.asarray(logits, dtype=np.float64), np.asarray(targets)
    _check_shapes('logits', logits, targets)
    check_finite(logits)
    return logits, _booleans('targets', targets)


def checked_decisions(decisions: ArrayLike, targets: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Returns decisions and targets as booleans.

    Shape:
        - decisions, targets: (N, C), each 0 or 1.

    Raises:
        ValueError: The shapes differ, there is no image, or a value is neither 0 nor 1.

    >>> checked_decisions([[False, True]], [[0, 1]])
    (array([[False,  True]]), array([[False,  True]]))
    """
    decisions, targets = np.asarray(decisions), np.asarray(targets)
    _check_shapes('decisions', decisions, targets)
    return _booleans('decisions', decisions), _booleans('targets', targets)


def check_finite(logits: np.ndarray) -> None:
    """Raises InputError for logits that are NaN or infinite."""
    if not np.isfinite(logits).all():
        raise InputError(
            'the logits are not finite: the weights come from a training that has diverged; '
            'lower optimizer.lr and start anew'
        )


def _check_shapes(name: str, values: np.ndarray, targets: np.ndarray) -> None:
    if values.ndim != 2 or values.shape != targets.shape or not values.size:
        raise ValueError(
            f'expected {name} and targets of one shape (N, C), neither 0, but got {values.shape} '
            f'and {targets.shape}'
        )


def _booleans(name: str, values: np.ndarray) -> np.ndarray:
    neither = (values != 0) & (values != 1)
    if neither.any():
        raise ValueError(f'{name} must be 0 or 1, but got {values[neither][0]}')
    return values == 1
