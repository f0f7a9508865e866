from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes

from dbl.analysis.colours import BLUE, GROUP_LOOKS


class TrainingCurves(NamedTuple):
    """What a run logged.

    Attributes:
        iterations: (T), where the loss was logged.
        loss: (T), the mean since the log line before.
        tested: (E), iterations after which the test set was evaluated.
        mean_ap: (E) by group, between 0 and 1.
    """

    iterations: np.ndarray
    loss: np.ndarray
    tested: np.ndarray
    mean_ap: dict[str, np.ndarray]


def compute_training_curves(rows: Sequence[dict]) -> TrainingCurves:
    """Sorts logged rows, each with a ``step``, into curves."""
    losses = [row for row in rows if 'loss' in row]
    tests = [row for row in rows if 'mAP/total' in row]
    return TrainingCurves(
        np.array([row['step'] for row in losses]),
        np.array([row['loss'] for row in losses], dtype=float),
        np.array([row['step'] for row in tests]),
        {g: np.array([row.get(f'mAP/{g}') for row in tests], dtype=float) for g in GROUP_LOOKS},
    )


def plot_losses(axes: Axes, curves: Sequence[TrainingCurves]) -> None:
    """Draws the loss of each seed of a row."""
    for curve in curves:
        axes.plot(curve.iterations, curve.loss, color=BLUE, linewidth=1, alpha=0.7)
    axes.set_ylim(bottom=0)


def plot_mean_ap(axes: Axes, curves: Sequence[TrainingCurves]) -> None:
    """Draws total, head, medium and tail of each seed of a row, in percent."""
    for group, look in GROUP_LOOKS.items():
        for k, curve in enumerate(curves):
            label = group if k == 0 else None
            axes.plot(
                curve.tested, 100 * curve.mean_ap[group], label=label, color=look.colour,
                linewidth=1, linestyle=look.line, marker=look.marker, markersize=3,
            )  # fmt: skip
    axes.set_ylim(0, 100)
