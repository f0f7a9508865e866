"""Micro and macro F1 of decisions, over all classes and by group."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from dbl.evaluation.checked import checked_decisions
from dbl.evaluation.metric import group_means
from dbl.evaluation.per_class import per_class


def group_f1(
    decisions: ArrayLike, targets: ArrayLike, groups: Mapping[str, Sequence[int]]
) -> dict[str, tuple[float, float]]:
    """Computes micro and macro F1 over all classes (``'total'``) and over each group.

    Micro F1 pools the decisions on all classes of a group. Macro F1 is the mean over its classes,
    without those that have no positives. A group without positives is NaN.

    Shape:
        - decisions, targets: (N, C), each 0 or 1.

    Returns:
        ``(micro, macro)`` by group.

    >>> found = group_f1([[1, 0], [1, 1]], [[1, 1], [1, 1]], {'head': [0], 'tail': [1]})
    >>> found['head'], round(found['tail'][0], 2), round(found['total'][0], 2)
    ((1.0, 1.0), 0.67, 0.86)
    """
    present, positive = checked_decisions(decisions, targets)
    members = {'total': range(positive.shape[1]), **groups}
    macro = group_means(per_class(present, positive).f1, groups)
    return {
        name: (micro_f1(present[:, list(own)], positive[:, list(own)]), macro[name])
        for name, own in members.items()
    }


def micro_f1(present: np.ndarray, positive: np.ndarray) -> float:
    """Computes the F1 of all decisions together, or NaN if there is nothing to find.

    Shape:
        - present, positive: (N, C), booleans.

    >>> micro_f1(np.array([[True, False]]), np.array([[True, True]]))
    0.6666666666666666
    """
    if not positive.any():
        return float('nan')
    return float(2 * (present & positive).sum() / (present.sum() + positive.sum()))
