"""Tables of finished runs, beside the paper's numbers where there are some."""

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from rich.table import Table
from rich.text import Text

from dbl.errors import InputError
from dbl.results.paper import ERRATA, NAMES, PAPER, MeanAP
from dbl.results.runs import GROUPS, Run
from dbl.settings import ADD_VALIDATION
from dbl.training.variants import by_variant, described


@dataclass(frozen=True)
class Row:
    """A row of a table: the paper's mAP, and that of some seeds, in percent.

    Attributes:
        name: Name of the row, as in configs/.
        seeds: The finished seeds.
        values: (n, 4), mAP of each seed: total, head, medium, tail.
        seconds: Time of each seed's run.
        paper: None where the paper has no such row, or the set is not the paper's.
        erratum: The total that the paper's groups imply, where it differs from the printed one.
        variant: The images and weights of the numbers, as in
            :func:`~dbl.training.variants.by_variant`.
    """

    name: str
    seeds: list[int]
    values: np.ndarray
    seconds: list[float]
    paper: MeanAP | None = None
    erratum: float | None = None
    variant: str = ''

    @property
    def label(self) -> str:
        """Its name in a table, with the weights, unless they are those of the last epoch."""
        _, *weights = described(self.variant)
        return ', '.join([NAMES.get(self.name, self.name), *weights])

    @property
    def mean(self) -> np.ndarray:
        """(4,), or NaN without any seed."""
        return self.values.mean(axis=0) if self.seeds else np.full(len(GROUPS), math.nan)

    @property
    def std(self) -> np.ndarray:
        """(4,), the sample standard deviation, or NaN for fewer than two seeds."""
        enough = len(self.seeds) > 1
        return self.values.std(axis=0, ddof=1) if enough else np.full(len(GROUPS), math.nan)

    @property
    def difference(self) -> np.ndarray:
        """(4,), our mean minus the paper's, or NaN where one of them is missing."""
        return self.mean - np.array(self.paper or [math.nan] * len(GROUPS))


def table_rows(
    runs: Sequence[Run], names: Sequence[str], data_set: str, on: Literal['test', 'val'] = 'test'
) -> list[Row]:
    """Sums up runs by row: the last epoch, and what else the config of the row asks for.

    Args:
        runs: Comparable ones, see :func:`~dbl.results.same_configuration.check_comparable`.
        names: The rows wanted, in order; one without runs stays empty.
        data_set: The set whose numbers in the paper go beside the last epoch, as ``'voc_mlt'``.
        on: The ``'test'`` set, or ``'val'``, the images for validation.

    Raises:
        InputError: A run was not validated, or was tested with other weights than its row.
    """
    return [
        _row(name, own, data_set, variant)
        for name in names
        for own in [[run for run in runs if run.row == name]]
        for variant in _variants(own, on)
    ]


def _variants(runs: Sequence[Run], on: Literal['test', 'val']) -> list[str]:
    """The variants that the runs of a row have for the images wanted."""
    for run in runs:
        if on == 'val' and 'val/mAP/total' not in run.metrics:
            raise InputError(
                f"'{run.folder}' was not validated; to train one that is, {ADD_VALIDATION}"
            )
    found = by_variant(runs[0].metrics) if runs else {'': {}, 'val/': {}}
    for run in runs:
        if by_variant(run.metrics).keys() != found.keys():
            raise InputError(
                f"'{run.folder / 'metrics.json'}' has other means than that of "
                f"'{runs[0].folder}'; delete the run that lacks some, and train it again"
            )
    return [variant for variant in found if variant.endswith('val/') == (on == 'val')]


def _row(name: str, runs: Sequence[Run], data_set: str, variant: str) -> Row:
    runs = sorted(runs, key=lambda run: run.seed)
    values = [[100 * run.metrics[f'{variant}mAP/{group}'] for group in GROUPS] for run in runs]
    listed = {} if variant else PAPER.get(data_set, {})
    return Row(
        name,
        [run.seed for run in runs],
        np.array(values).reshape(-1, len(GROUPS)),
        [run.seconds for run in runs],
        listed.get(name),
        ERRATA.get((data_set, name)) if name in listed else None,
        variant,
    )


def result_cells(row: Row) -> list[str]:
    """The results of a row as text, in the columns of RESULTS."""
    ours = [_mean_and_deviation(*pair) for pair in zip(row.mean, row.std, strict=True)]
    missing = ['missing', *[''] * (len(GROUPS) - 1)]
    times = f'{np.median(row.seconds):.0f}' if row.seconds else ''
    return [str(len(row.seeds)), *(ours if row.seeds else missing), times]


def paper_cells(row: Row) -> list[str]:
    """The paper's numbers for a row, and how far ours are from them, as text."""
    if row.paper is None:
        return ['-', '-']
    mark = '' if row.erratum is None else f' (erratum: the groups imply {row.erratum:.2f})'
    difference = ' / '.join(f'{value:+.2f}' for value in row.difference) if row.seeds else '-'
    return [' / '.join(f'{value:.2f}' for value in row.paper) + mark, difference]


RESULTS = ['n', *GROUPS, 'seconds']
CSV_COLUMNS = 'row group paper paper_erratum mean std n difference seeds values'


def as_lines(rows: Sequence[Row]) -> list[list[str]]:
    """Lays out a table, header first, with the paper's columns if it has any of the rows."""
    named = [row.label for row in rows]
    if not any(row.paper for row in rows):
        lines = [[name, *result_cells(row)] for name, row in zip(named, rows, strict=True)]
        return [['row', *RESULTS], *lines]
    lines = [
        [name, *paper_cells(row), *result_cells(row)] for name, row in zip(named, rows, strict=True)
    ]
    return [['row', 'paper', 'difference', *RESULTS], *lines]


def _mean_and_deviation(mean: float, std: float) -> str:
    if math.isnan(mean):
        return '-'
    return f'{mean:.2f}' if math.isnan(std) else f'{mean:.2f} ± {std:.2f}'


def as_terminal(lines: Sequence[Sequence[str]], title: str) -> Table:
    """Lays lines out for rich's console."""
    header, *lines = lines
    table = Table(title=Text(title), title_justify='left')
    for name in header:
        left = name in ('row', 'paper')
        table.add_column(Text(name), justify='left' if left else 'right', no_wrap=name != 'paper')
    for line in lines:
        table.add_row(*map(Text, line))
    return table


def as_markdown(lines: Sequence[Sequence[str]]) -> str:
    """Writes lines as a Markdown table."""
    header, *lines = lines
    written = [header, ['---'] * len(header), *lines]
    cells = ([cell.replace('|', '\\|') for cell in line] for line in written)
    return ''.join(f'| {" | ".join(line)} |\n' for line in cells)


def as_csv(rows: Sequence[Row]) -> str:
    """Writes rows as CSV, one line for each row and group. Missing values are empty.

    A row of other weights than the last epoch's says so in its name, as ``db_focal/selected``.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator='\n')
    writer.writerow(CSV_COLUMNS.split())
    for row in rows:
        for g, group in enumerate(GROUPS):
            paper = row.paper[g] if row.paper else math.nan
            erratum = row.erratum if row.erratum and group == 'total' else math.nan
            numbers = paper, erratum, row.mean[g], row.std[g]
            texts = ['' if math.isnan(x) else f'{x:.2f}' for x in (*numbers, row.difference[g])]
            by_seed = ' '.join(map(str, row.seeds)), ' '.join(f'{x:.2f}' for x in row.values[:, g])
            name = f'{row.name}/{row.variant}'.removesuffix('/')
            writer.writerow([name, group, *texts[:4], len(row.seeds), texts[4], *by_seed])
    return text.getvalue()
