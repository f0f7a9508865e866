from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from dbl.evaluation.calibration_error import reliability_curve

BINS = 10


class Reliability(NamedTuple):
    """Mean score and share of positives of each bin, all classes pooled."""

    score: np.ndarray
    share: np.ndarray


def compute_reliability(scores: ArrayLike, targets: ArrayLike) -> Reliability:
    """Compares scores with shares of positives, in bins of equally many scores.

    Shape:
        - scores: (N, C), between 0 and 1; targets: (N, C), multi-hot.

    >>> curve = compute_reliability([[0.2], [0.2], [0.9]], [[0], [1], [1]])
    >>> curve.share.tolist()
    [0.5, 1.0]
    """
    score, share, _ = reliability_curve(scores, targets, BINS, 'count')
    return Reliability(score, share)


def plot_reliability(axes: Axes, curves: Mapping[str, Reliability]) -> None:
    """Draws some curves, by what they are called, and the line of scores that are probabilities."""
    axes.plot([0, 1], [0, 1], color='0.6', linewidth=1)
    for name, curve in curves.items():
        axes.plot(curve.score, curve.share, 'o-', label=name, markersize=3)
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    axes.set_aspect('equal')
    axes.legend(frameon=False)
