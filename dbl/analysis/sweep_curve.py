from collections.abc import Mapping, Sequence
from math import isfinite
from numbers import Real
from typing import Any, Literal, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from dbl.analysis.colours import GROUP_LOOKS

LOG_FROM = 20
Scale = Literal['linear', 'log', 'categories']


class SweepCurve(NamedTuple):
    """mAPs over the values of one config key.

    Attributes:
        values: (V), ascending if they are numbers, else as given.
        mean: By group, (V), the mean over seeds, or NaN for a value without seeds.
        deviation: By group, (V), the deviation over seeds, or NaN for fewer than two.
        scale: Scale of the values: ``'linear'``, ``'log'`` or ``'categories'``.
    """

    values: list
    mean: dict[str, np.ndarray]
    deviation: dict[str, np.ndarray]
    scale: Scale


def compute_sweep_curve(values: Sequence[Any], metrics: Mapping[str, ArrayLike]) -> SweepCurve:
    """Computes the mean and standard deviation over seeds (Figure 7).

    Args:
        values: Distinct values of the key. Numbers are sorted. Positive numbers that span more than
            a factor of 20 get a logarithmic axis. Values that are not numbers are categories.
        metrics: mAPs between 0 and 1 by group, such as ``{'total': ..., 'tail': ...}``, with NaN
            for a missing run.

    Shape:
        - values: (V); metrics: (V, S) each.
    """
    values = list(values)
    if len(set(map(repr, values))) < len(values):
        raise ValueError(f'values must be different, but got {values}')
    scale = _scale(values)
    numbers = scale != 'categories'
    order = sorted(range(len(values)), key=values.__getitem__) if numbers else range(len(values))
    by_group = {group: _rows(ap, len(values))[list(order)] for group, ap in metrics.items()}
    mean = {group: _statistic(np.mean, ap, 1) for group, ap in by_group.items()}
    deviation = {
        group: _statistic(lambda known: np.std(known, ddof=1), ap, 2)
        for group, ap in by_group.items()
    }
    return SweepCurve([values[k] for k in order], mean, deviation, scale)


def _scale(values: Sequence[Any]) -> Scale:
    for value in values:
        if not isinstance(value, Real) or isinstance(value, bool) or not isfinite(value):
            return 'categories'
    positive = min(values) > 0
    return 'log' if positive and max(values) > LOG_FROM * min(values) else 'linear'


def _rows(metrics: ArrayLike, count: int) -> np.ndarray:
    rows = np.asarray(metrics, dtype=float)
    if rows.ndim != 2 or len(rows) != count:
        raise ValueError(f'metrics must be ({count}, S), one row per value, but got {rows.shape}')
    return rows


def _statistic(function, rows: np.ndarray, least: int) -> np.ndarray:
    """Takes a statistic over the known seeds, or NaN if there are fewer than it needs."""
    known = [row[~np.isnan(row)] for row in rows]
    return np.array([function(row) if len(row) >= least else np.nan for row in known])


def plot_sweep_curve(axes: Axes, curve: SweepCurve, key: str) -> None:
    """Draws one line per group, in percent, with bars of one standard deviation over seeds.

    Args:
        axes: Where to draw.
        curve: What to draw.
        key: The config key, such as ``model.head.loss.beta``.
    """
    categories = curve.scale == 'categories'
    places = np.arange(len(curve.values)) if categories else np.array(curve.values, dtype=float)
    for group, mean in curve.mean.items():
        look = GROUP_LOOKS[group]
        bars = 100 * curve.deviation[group]
        axes.errorbar(
            places, 100 * mean, yerr=bars, label=group, color=look.colour, linestyle=look.line,
            marker=look.marker, capsize=3,
        )  # fmt: skip
    axes.set_xscale('linear' if categories else curve.scale)
    if curve.scale != 'linear':
        _write_values(axes, places, [f'{value}' for value in curve.values])
    axes.set_xlabel(key, parse_math=False)
    axes.set_ylabel('mAP (%)')
    axes.legend(loc='lower center', bbox_to_anchor=(0.5, 1), ncols=4, frameon=False)


def _write_values(axes: Axes, places: np.ndarray, texts: Sequence[str]) -> None:
    axes.minorticks_off()
    axes.set_xticks(places, texts, parse_math=False)
    if max(map(len, texts)) > 8:
        axes.tick_params(axis='x', rotation=30)
