from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from dbl.analysis.colours import BLACK, GROUP_LOOKS


def plot_ap_by_frequency(
    axes: Axes, ap: ArrayLike, class_freq: ArrayLike, groups: Mapping[str, Sequence[int]]
) -> None:
    """Draws one point per class: its average precision, in percent, against its training images.

    Shape:
        - ap: (S, C), between 0 and 1. The mean over the S seeds is drawn.
        - class_freq: (C).
    """
    mean, class_freq = 100 * np.asarray(ap).mean(axis=0), np.asarray(class_freq)
    for group, classes in groups.items():
        look = GROUP_LOOKS[group]
        axes.scatter(
            class_freq[classes], mean[classes], label=group, s=22, color=look.colour,
            marker=look.marker, edgecolors=BLACK, linewidths=0.4,
        )  # fmt: skip
    axes.set_xscale('log')
    axes.set_ylim(0, 100)
