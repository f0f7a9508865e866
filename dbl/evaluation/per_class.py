"""How good decisions are: precision, recall and F1 of each class, and their means by group."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from dbl.evaluation.checked import checked_decisions
from dbl.evaluation.metric import group_means


@dataclass(frozen=True, eq=False)
class PerClass:
    """Precision, recall and F1 of each class, (C,) each, NaN for a class without positives.

    Attributes:
        precision: Share of the predictions that are right.
        recall: Share of the positives that are predicted.
        f1: Their harmonic mean.
        support: Positives.
        predicted: Predictions.
    """

    precision: np.ndarray
    recall: np.ndarray
    f1: np.ndarray
    support: np.ndarray
    predicted: np.ndarray

    def means(
        self, groups: Mapping[str, Sequence[int]], counted: ArrayLike | None = None
    ) -> dict[str, float]:
        """Averages over all classes, and over each group: ``precision/total`` and so on.

        Classes without positives are left out, as they are of mean average precision. The other
        classes are the same for all three.

        Args:
            groups: Class indices of each group.
            counted: Classes that the means count, (C,), booleans; None for all. Those that were
                trained on are ``MultiLabelMetric.trained``.

        >>> found = per_class([[1, 0, 1], [1, 1, 0]], [[1, 1, 0], [0, 1, 0]])
        >>> found.means({'head': [0], 'tail': [1, 2]})['recall/tail']
        0.5
        """
        counts = np.asarray(True if counted is None else counted, dtype=bool)
        measures = {'precision': self.precision, 'recall': self.recall, 'F1': self.f1}
        return {
            f'{measure}/{group}': mean
            for measure, values in measures.items()
            for group, mean in group_means(np.where(counts, values, np.nan), groups).items()
        }


def per_class(decisions: ArrayLike, targets: ArrayLike) -> PerClass:
    """Counts how good the decisions on each class are.

    A class without positives is NaN, as its average precision is. Its false alarms show in
    ``predicted`` alone. A class that has positives and is never predicted has a precision of 0, as
    with scikit-learn's ``zero_division=0``; so the means of precision cannot gain by it.

    ``F1/macro`` of the released code counts a class without positives as 0:
    :func:`~dbl.evaluation.f1_scores` computes it, and ``F1/micro``, from decisions as well.

    Shape:
        - decisions: (N, C), booleans; targets: (N, C), multi-hot.

    Raises:
        ValueError: The shapes differ, or a value is neither 0 nor 1.

    >>> found = per_class([[1, 0, 1], [1, 0, 0]], [[1, 1, 0], [0, 0, 0]])
    >>> found.precision.tolist(), found.recall.tolist()
    ([0.5, 0.0, nan], [1.0, 0.0, nan])
    >>> found.support.tolist(), found.predicted.tolist()
    ([1, 1, 0], [2, 0, 1])
    """
    present, positive = checked_decisions(decisions, targets)
    hits, predicted = (present & positive).sum(axis=0), present.sum(axis=0)
    support = positive.sum(axis=0)
    shown = np.where(support > 0, support, np.nan)  # makes NaN of what it divides
    return PerClass(
        precision=np.where(support > 0, hits / np.maximum(predicted, 1), np.nan),
        recall=hits / shown,
        f1=2 * hits / (predicted + shown),
        support=support,
        predicted=predicted,
    )
