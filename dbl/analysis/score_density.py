from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike
from scipy.ndimage import gaussian_filter1d
from scipy.special import expit

from dbl.analysis.colours import BLACK, BLUE, ORANGE

BINS = 400
BANDWIDTH = 0.02


class ScoreDensities(NamedTuple):
    """Densities of test probabilities, for R rows and K groups of classes.

    Attributes:
        probabilities: (P), the points from 0 to 1 at which the densities are given.
        positives: (R, K, P), of the probabilities of positives; NaN where there are none.
        negatives: (R, K, P), of the probabilities of negatives.
    """

    probabilities: np.ndarray
    positives: np.ndarray
    negatives: np.ndarray


def compute_score_densities(
    logits: Sequence[ArrayLike], targets: Sequence[ArrayLike], groups: Sequence[Sequence[int]]
) -> ScoreDensities:
    """Estimates the densities of positives and negatives, by row and group (Figure 1).

    Args:
        logits: Logits on each row's test set, with all seeds concatenated.
        targets: Their labels.
        groups: Groups of classes whose scores are pooled, such as the head.

    Shape:
        - logits, targets: R arrays (N, C); targets multi-hot; groups: K lists.
    """
    rows = [
        (expit(np.asarray(z, dtype=float)), np.asarray(y) > 0)
        for z, y in zip(logits, targets, strict=True)
    ]
    positives, negatives = (
        np.array([[density(p[:, c][y[:, c] == sign]) for c in groups] for p, y in rows])
        for sign in (True, False)
    )
    return ScoreDensities((np.arange(BINS) + 0.5) / BINS, positives, negatives)


def density(probabilities: np.ndarray) -> np.ndarray:
    """Kernel density estimate at the midpoints of equal bins from 0 to 1, or NaN without values.

    The kernel is normal and has the same width everywhere, so that sharp and smooth densities can
    be compared. What would fall outside 0 and 1 is reflected. Values are counted in bins first, so
    that a hundred thousand values cost no more than the bins do.
    """
    if not len(probabilities):
        return np.full(BINS, np.nan)
    counts, _ = np.histogram(probabilities, BINS, (0, 1))
    smooth = gaussian_filter1d(counts.astype(float), BANDWIDTH * BINS, mode='reflect', truncate=6)
    return smooth * BINS / len(probabilities)


def plot_score_density(axes: Axes, densities: ScoreDensities, row: int, group: int) -> None:
    """Draws positives and negatives of one row and group, on a logarithmic axis.

    Negatives crowd at 0, so a linear axis would show little else.
    """
    looks = (('positives', BLUE, '-', '///'), ('negatives', ORANGE, '--', '...'))
    for (label, colour, line, hatch), curves in zip(looks, densities[1:], strict=True):
        curve = curves[row, group]
        axes.plot(densities.probabilities, curve, line, color=colour, label=label)
        axes.fill_between(
            densities.probabilities, curve, 1e-9, color=colour, alpha=0.2, hatch=hatch, linewidth=0
        )
    axes.axvline(0.5, color=BLACK, linewidth=0.6, linestyle=':')
    axes.set_yscale('log')
    axes.set_ylim(1e-2, 100)
    axes.set_xlim(0, 1)
