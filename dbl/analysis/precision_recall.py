from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike
from sklearn.metrics import precision_recall_curve


class PrecisionRecall(NamedTuple):
    """Precision and recall of a class at every threshold, and where its own threshold lies.

    Attributes:
        precision: From the lowest threshold to the highest, and 1 at its end.
        recall: Likewise, and 0 at its end.
        chosen: Recall and precision at the threshold of the class. None if it predicts nothing.
    """

    precision: np.ndarray
    recall: np.ndarray
    chosen: tuple[float, float] | None


def compute_precision_recall(
    scores: ArrayLike, targets: ArrayLike, thresholds: Sequence[float | None]
) -> list[PrecisionRecall | None]:
    """Computes the curve of each class. A class without positives has none.

    Shape:
        - scores: (N, C), between 0 and 1; targets: (N, C), multi-hot; thresholds: (C).

    >>> (curve,) = compute_precision_recall([[0.9], [0.8], [0.1]], [[1], [0], [1]], [0.5])
    >>> curve.recall.tolist(), curve.chosen
    ([1.0, 0.5, 0.5, 0.0], (0.5, 0.5))
    """
    scores, shown = np.asarray(scores), np.asarray(targets) > 0
    columns = zip(scores.T, shown.T, thresholds, strict=True)
    return [_curve(*column) if column[1].any() else None for column in columns]


def _curve(scores: np.ndarray, shown: np.ndarray, threshold: float | None) -> PrecisionRecall:
    precision, recall, _ = precision_recall_curve(shown, scores)
    present = scores >= (np.inf if threshold is None else threshold)
    hits = int((present & shown).sum())
    chosen = (hits / int(shown.sum()), hits / int(present.sum())) if present.any() else None
    return PrecisionRecall(precision, recall, chosen)


def plot_precision_recall(axes: Axes, curve: PrecisionRecall, colour: str) -> None:
    """Draws a class's curve, and a point at its threshold."""
    axes.step(curve.recall, curve.precision, where='post', color=colour, linewidth=1)
    if curve.chosen is not None:
        axes.plot(*curve.chosen, 'o', color=colour, markersize=4)
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1.02)
