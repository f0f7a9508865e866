"""Tables of micro and macro F1 of finished runs, beside the published numbers."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from dbl.errors import InputError
from dbl.evaluation.group_f1 import group_f1
from dbl.evaluation.thresholds import shared_threshold
from dbl.results.paper import NAMES
from dbl.results.published_f1 import REUTERS
from dbl.results.runs import GROUPS, Run
from dbl.settings import ADD_VALIDATION

CSV_COLUMNS = (
    'row group published_micro published_macro micro micro_std macro macro_std n seeds '
    'micro_values macro_values'
)


@dataclass(frozen=True)
class F1Row:
    """A row of a table of F1.

    Attributes:
        name: Name of the row, as in configs/.
        seeds: The finished seeds.
        values: (n, 4, 2), micro and macro F1 in percent of each seed: total, head, medium, tail.
        published: (4, 2), the published numbers, or NaN where there are none.
    """

    name: str
    seeds: list[int]
    values: np.ndarray
    published: np.ndarray

    @property
    def mean(self) -> np.ndarray:
        """(4, 2), or NaN without any seed."""
        return self.values.mean(axis=0) if self.seeds else np.full((4, 2), np.nan)

    @property
    def std(self) -> np.ndarray:
        """(4, 2), the sample standard deviation, or NaN for fewer than two seeds."""
        enough = len(self.seeds) > 1
        return self.values.std(axis=0, ddof=1) if enough else np.full((4, 2), np.nan)


def f1_rows(runs: Sequence[Run], names: Sequence[str], data_set: str) -> list[F1Row]:
    """Sums up runs by row: those of the selected epoch, or else of the last one.

    The threshold is learnt on validation, see
    :func:`~dbl.evaluation.thresholds.shared_threshold`.

    Args:
        runs: Comparable ones.
        names: The rows wanted, in order; one without runs stays empty.
        data_set: The set, as ``'reuters/linear'``, which decides what was published.

    Raises:
        InputError: A run was not validated, or its scores are damaged.
    """
    published = REUTERS if data_set.split('/')[0] == 'reuters' else {}
    rows = []
    for name in names:
        own = sorted((run for run in runs if run.row == name), key=lambda run: run.seed)
        found = [list(f1_of(run).values()) for run in own]
        values = 100 * np.array(found).reshape(-1, len(GROUPS), 2)
        theirs = np.array(published.get(name, np.full((4, 2), np.nan)))
        rows.append(F1Row(name, [run.seed for run in own], values, theirs))
    return rows


def f1_of(run: Run) -> dict[str, tuple[float, float]]:
    """Micro and macro F1 of a run on its test set, over all classes and by group.

    Raises:
        InputError: The run was not validated, or its scores are damaged.
    """
    decisions, targets = decisions_of(run)
    return group_f1(decisions, targets, run.groups)


def decisions_of(run: Run) -> tuple[np.ndarray, np.ndarray]:
    """What a run decides on its test set, and the labels there, (N, C) each.

    The threshold is shared by all classes, and learnt on validation.

    Raises:
        InputError: The run was not validated, or its scores are damaged.
    """
    if 'val/mAP/total' not in run.metrics:
        raise InputError(
            f"'{run.folder}' was not validated, so it has no threshold; to train one that is, "
            f'{ADD_VALIDATION}'
        )
    weights = 'selected_' if 'selected/epoch' in run.metrics else ''
    val, test = run.scores(f'{weights}val_'), run.scores(weights)
    threshold = shared_threshold(expit(val['logits'].astype(float)), val['targets'])
    return expit(test['logits'].astype(float)) >= threshold, test['targets']


def f1_line(by_group: Mapping[str, tuple[float, float]]) -> list[str]:
    """Micro and macro F1 as text, by group.

    >>> f1_line({'total': (0.8771, 0.5161)})
    ['87.71 / 51.61']
    """
    return [f'{100 * micro:.2f} / {100 * macro:.2f}' for micro, macro in by_group.values()]


def as_f1_lines(rows: Sequence[F1Row]) -> list[list[str]]:
    """Lays out a table, header first: micro / macro F1, what was published above ours."""
    lines = [['row', '', 'n', *GROUPS]]
    for row in rows:
        if not np.isnan(row.published).any():
            cells = [f'{micro:.2f} / {macro:.2f}' for micro, macro in row.published]
            lines.append([NAMES.get(row.name, row.name), 'published', '', *cells])
        cells = [' / '.join(map(_number, *pair)) for pair in zip(row.mean, row.std, strict=True)]
        lines.append([NAMES.get(row.name, row.name), 'ours', str(len(row.seeds)), *cells])
    return lines


def _number(mean: float, std: float) -> str:
    if np.isnan(mean):
        return '-'
    return f'{mean:.2f}' if np.isnan(std) else f'{mean:.2f} ± {std:.2f}'


def as_f1_csv(rows: Sequence[F1Row]) -> str:
    """Writes rows as CSV, one line for each row and group. Missing values are empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator='\n')
    writer.writerow(CSV_COLUMNS.split())
    for row in rows:
        for g, group in enumerate(GROUPS):
            ours = np.stack([row.mean[g], row.std[g]], axis=1).ravel()
            numbers = ['' if np.isnan(x) else f'{x:.2f}' for x in (*row.published[g], *ours)]
            seeds = ' '.join(map(str, row.seeds))
            by_seed = (' '.join(f'{x:.2f}' for x in own) for own in row.values[:, g].T)
            writer.writerow([row.name, group, *numbers, len(row.seeds), seeds, *by_seed])
    return text.getvalue()
