from collections.abc import Mapping, Sequence

import numpy as np


def group_means(per_class: np.ndarray, groups: Mapping[str, Sequence[int]]) -> dict[str, float]:
    """Unweighted means over all classes (``'total'``) and over each group's classes.

    A class that is NaN is left out; a group without any other is NaN.

    Shape:
        - per_class: (C).
    """
    means = {'total': _mean(per_class)}
    return means | {name: _mean(per_class[list(members)]) for name, members in groups.items()}


def _mean(values: np.ndarray) -> float:
    values = values[~np.isnan(values)]
    return float(values.mean()) if len(values) else float('nan')
