from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from dbl.analysis.colours import BLACK, GROUP_LOOKS
from dbl.longtail import rank_correlation


class VarianceAndGain(NamedTuple):
    """What the classes gain, against how unevenly their images are sampled.

    Attributes:
        variance: (C), of the normalised sampling frequency within each class.
        gain: (C), in average precision, between -1 and 1; NaN for a class without test images.
        correlation: Spearman's, over the classes that have both, or NaN if one is constant.
    """

    variance: np.ndarray
    gain: np.ndarray
    correlation: float


def compute_variance_and_gain(
    variance: ArrayLike, ap_before: ArrayLike, ap_after: ArrayLike
) -> VarianceAndGain:
    """Correlates the variance of sampling frequency with the gain between two rows (section 4.4).

    Shape:
        - variance: (C); ap_before, ap_after: (S, C), where S may differ.
    """
    variance = np.asarray(variance, dtype=float)
    before, after = (np.mean(np.asarray(ap, dtype=float), axis=0) for ap in (ap_before, ap_after))
    gain = after - before
    return VarianceAndGain(variance, gain, spearman(variance, gain))


def spearman(a: np.ndarray, b: np.ndarray) -> float:
    """Spearman's correlation over the entries known in both, or NaN if one is constant."""
    known = ~np.isnan(a + b)
    return rank_correlation(a[known], b[known])


def plot_variance_and_gain(
    axes: Axes, computed: VarianceAndGain, groups: Mapping[str, Sequence[int]], step: str
) -> None:
    """Draws one point per class, in its group's look, with the correlation as the title.

    Args:
        axes: Where to draw.
        computed: What to draw. Gains are drawn in points.
        groups: The classes of head, medium and tail.
        step: The two rows, as ``'RS to DB'``.
    """
    for group, classes in groups.items():
        look = GROUP_LOOKS[group]
        axes.scatter(
            computed.variance[classes], 100 * computed.gain[classes], label=group,
            color=look.colour, marker=look.marker, edgecolors=BLACK, linewidths=0.5,
        )  # fmt: skip
    positive = computed.variance[computed.variance > 0]
    if len(positive):
        # Logarithmic, with room for the classes whose variance is 0.
        axes.set_xscale('symlog', linthresh=10 ** np.floor(np.log10(positive.min())))
    axes.axhline(0, color=BLACK, linewidth=0.8)
    known = np.sum(~np.isnan(computed.variance + computed.gain))
    axes.set_title(f"Spearman's correlation {computed.correlation:.2f} ({known} classes)")
    axes.set_xlabel('variance of the normalised sampling frequency')
    axes.set_ylabel(f'gain in AP, {step} (points)')
    axes.legend()
