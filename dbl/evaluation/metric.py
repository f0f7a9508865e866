"""The numbers of a run: mean average precision, total and by group, and F1."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from dbl.evaluation.average_precision import average_precision
from dbl.evaluation.checked import check_finite
from dbl.longtail import head_medium_tail


class MultiLabelMetric:
    """Mean average precision, total and by group, and F1, each between 0 and 1.

    Args:
        class_freq: Training images of each class, which decide its group. A class without any is
            left out of the means, as nothing was learnt of it.
        head: Classes with at least this many are head. The paper's text says over 100, that is 101.
        tail: Classes with fewer than this are tail.

    >>> import numpy as np
    >>> metric = MultiLabelMetric(class_freq=[200, 50])
    >>> logits = np.array([[2.0, -1.0], [-1.0, 3.0], [-2.0, 1.0]])
    >>> metrics = metric.compute(logits, np.array([[1, 0], [0, 0], [0, 1]]), ['cat', 'dog'])
    >>> metrics['mAP/total'], metrics['mAP/head'], metrics['AP/dog']
    (0.75, 1.0, 0.5)
    """

    def __init__(self, class_freq: Sequence[int], head: int = 100, tail: int = 20) -> None:
        self.groups = head_medium_tail(class_freq, head, tail)
        self.trained = np.asarray(class_freq) > 0

    def compute(
        self, logits: np.ndarray, targets: np.ndarray, classes: Sequence[str]
    ) -> dict[str, float]:
        """Computes ``mAP/<group>``, ``F1/micro``, ``F1/macro`` and ``AP/<class>``, in that order.

        A class without positives is NaN, and so is a group with no other classes.

        Shape:
            - logits: (N, C); targets: (N, C), multi-hot; classes: their C names.

        Raises:
            InputError: The logits are not finite.
        """
        check_finite(logits)
        ap = average_precision(logits, targets)
        counted = np.where(self.trained, ap, np.nan)
        means = {f'mAP/{group}': mean for group, mean in group_means(counted, self.groups).items()}
        f1 = {f'F1/{average}': value for average, value in f1_scores(logits, targets).items()}
        by_class = {f'AP/{name}': float(value) for name, value in zip(classes, ap, strict=True)}
        return {**means, **f1, **by_class}


def group_means(per_class: np.ndarray, groups: Mapping[str, Sequence[int]]) -> dict[str, float]:
    """Averages over all classes (``'total'``) and over each group, unweighted.

    A class that is NaN is left out. A group with no other classes is NaN.

    Shape:
        - per_class: (C).

    >>> group_means(np.array([0.5, np.nan, 0.25]), {'head': [0, 1], 'tail': [1]})
    {'total': 0.375, 'head': 0.5, 'tail': nan}
    """
    means = {'total': _mean(per_class)}
    return means | {name: _mean(per_class[list(members)]) for name, members in groups.items()}


def _mean(values: np.ndarray) -> float:
    values = values[~np.isnan(values)]
    return float(values.mean()) if len(values) else float('nan')


def f1_scores(logits: ArrayLike, targets: ArrayLike) -> dict[str, float]:
    """Computes micro and macro F1, as the released code reports them: a logit above 0 is "present".

    A class that is neither shown nor predicted has F1 0.

    Shape:
        - logits: (N, C); targets: (N, C), multi-hot.

    >>> f1_scores([[1.0, -1.0], [1.0, -1.0]], [[1, 0], [1, 1]])
    {'micro': 0.8, 'macro': 0.5}
    """
    targets, present = np.asarray(targets) > 0, np.asarray(logits) > 0
    hits = (targets & present).sum(axis=0)
    shown_and_predicted = targets.sum(axis=0) + present.sum(axis=0)
    return {
        'micro': float(2 * hits.sum() / max(shown_and_predicted.sum(), 1)),
        'macro': float((2 * hits / np.maximum(shown_and_predicted, 1)).mean()),
    }
