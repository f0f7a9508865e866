from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from dbl.analysis.class_axis import name_classes
from dbl.analysis.colours import BLACK, BLUE, ORANGE, YELLOW


class APIncrements(NamedTuple):
    """What each class gains from row to row, the most frequent class first.

    Attributes:
        classes: Indices of the classes.
        increments: (R - 1, C), the gain in average precision of each row over the row before.
    """

    classes: np.ndarray
    increments: np.ndarray


def compute_ap_increments(ap: Sequence[ArrayLike], class_freq: ArrayLike) -> APIncrements:
    """Averages over seeds, and takes the differences from row to row (Figure 6).

    Shape:
        - ap: R arrays (S, C), where S may differ; class_freq: (C).
    """
    order = np.argsort(-np.asarray(class_freq), kind='stable')
    means = np.stack([np.mean(np.asarray(row, dtype=float), axis=0) for row in ap])
    return APIncrements(order, np.diff(means, axis=0)[:, order])


def plot_ap_increments(
    axes: Axes, increments: APIncrements, names: Sequence[str], steps: Sequence[str]
) -> None:
    """Stacks the gains of a class upwards and its losses downwards, with a dot at their sum.

    Args:
        axes: Where to draw.
        increments: Between 0 and 1; drawn in percent.
        names: The names of all classes, by index. More than 100 names are not written.
        steps: A label for each increment, such as ``'ERM to RS'``. There are three looks.
    """
    percent = 100 * increments.increments
    looks = [(BLUE, ''), (ORANGE, '////'), (YELLOW, '....')]
    places = np.arange(len(increments.classes))
    for k, (gain, bottom, step) in enumerate(zip(percent, _bottoms(percent), steps, strict=True)):
        colour, hatch = looks[k % len(looks)]
        axes.bar(
            places, gain, bottom=bottom, label=step, color=colour, hatch=hatch, edgecolor=BLACK,
            linewidth=0.4,
        )  # fmt: skip
    axes.plot(
        places, percent.sum(axis=0), label='all steps', linestyle='none', color='white',
        marker='o', markeredgecolor=BLACK, markersize=5,
    )  # fmt: skip
    axes.axhline(0, color=BLACK, linewidth=0.8)
    axes.set_ylabel('gain in average precision (points)')
    name_classes(axes, increments.classes, names)
    # Bars may reach anywhere, so the legend stands above the axes and the names of the groups.
    axes.legend(loc='lower center', bbox_to_anchor=(0.5, 1.06), ncols=4, frameon=False)


def _bottoms(increments: np.ndarray) -> np.ndarray:
    """Where each bar begins: at the end of the earlier bars of the same sign."""
    up, down = np.clip(increments, 0, None), np.clip(increments, None, 0)
    return np.where(increments > 0, np.cumsum(up, axis=0) - up, np.cumsum(down, axis=0) - down)
