"""Figures from finished runs."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise

import numpy as np
from matplotlib.figure import Figure
from scipy.sparse import csr_array

from dbl.analysis.ap_increments import compute_ap_increments, plot_ap_increments
from dbl.analysis.class_axis import mark_groups, wide_figure
from dbl.analysis.sampling_variance import sampling_variance
from dbl.analysis.score_density import compute_score_densities, plot_score_density
from dbl.analysis.variance_and_gain import compute_variance_and_gain, plot_variance_and_gain
from dbl.errors import InputError, shortened
from dbl.registry import REFUSALS
from dbl.results.paper import NAMES
from dbl.results.runs import Run
from dbl.sources import train_and_val

ROWS = ('erm', 'rs', 'r_bce', 'db')


def increments(runs: Sequence[Run]) -> dict[str, Figure]:
    """Draws Figure 6, and beside it the correlation that section 4.4 describes.

    Raises:
        InputError: A row has no run, or the training labels have changed since the runs.
    """
    found = by_row(runs)
    ap = {row: np.stack([run.ap for run in found[row]]) for row in ROWS}
    first = found[ROWS[0]][0]
    variance = sampling_variance(labels_of(first))
    computed = compute_ap_increments(list(ap.values()), first.class_freq)
    figure, (bars, points) = wide_figure(len(first.classes), 5)
    steps = [f'{NAMES[a]} to {NAMES[b]}' for a, b in pairwise(ROWS)]
    plot_ap_increments(bars, computed, first.classes, steps)
    mark_groups(bars, computed.classes, first.groups)
    gain = compute_variance_and_gain(variance, ap['rs'], ap['db'])
    plot_variance_and_gain(points, gain, first.groups, 'RS to DB')
    figure.suptitle(f'mean over seeds: {seeds(found)}')
    return {'ap_increments': figure}


def labels_of(run: Run) -> csr_array:
    """Reads a run's training labels again, from where the run found them.

    Raises:
        InputError: They are missing, or have changed since the run.
    """
    with built_again(run):
        source, _ = train_and_val(run.given)
        train = source.annotations
    if train.class_freq != run.class_freq or [*train.classes] != run.classes:
        raise InputError(
            f"'{source.name}' has changed since '{run.folder}' was trained: images per class "
            f'are {train.class_freq}, but were {run.class_freq}; restore it, or train again'
        )
    return train.labels


@contextmanager
def built_again(run: Run) -> Iterator[None]:
    """Names the run in the error if a part of its config can no longer be built.

    The config comes from the run's file, which may say anything.

    Raises:
        InputError: A part cannot be built.
    """
    try:
        yield
    except (*REFUSALS, OSError) as error:
        what = error if isinstance(error, (InputError, OSError)) else repr(error)
        raise InputError(f"the config of '{run.folder}': {shortened(what, 1000)}") from error


def scores(runs: Sequence[Run]) -> dict[str, Figure]:
    """Draws Figure 1, for head and tail.

    Raises:
        InputError: A row has no run, or a run has no scores.
    """
    found = by_row(runs)
    groups = {name: found[ROWS[0]][0].groups[name] for name in ('head', 'tail')}
    pooled = [[run.scores() for run in found[row]] for row in ROWS]
    logits, targets = (
        [np.concatenate([seed[key] for seed in row]) for row in pooled]
        for key in ('logits', 'targets')
    )
    computed = compute_score_densities(logits, targets, list(groups.values()))
    figure = Figure(figsize=(9, 10), layout='constrained')
    grid = figure.subplots(len(ROWS), len(groups), sharex=True, sharey=True)
    for (row, group), axes in np.ndenumerate(grid):
        plot_score_density(axes, computed, row, group)
        axes.set_title(f'{NAMES[ROWS[row]]}, {[*groups][group]} classes')
    figure.suptitle(f'seeds: {seeds(found)}')
    figure.supxlabel('probability on the test set')
    figure.supylabel('density')
    grid[0, -1].legend(loc='upper right')
    return {'score_densities': figure}


def by_row(runs: Sequence[Run]) -> dict[str, list[Run]]:
    """Sorts runs by row, for the rows that the figures show.

    Raises:
        InputError: A row has no run.
    """
    found = {row: [run for run in runs if run.row == row] for row in ROWS}
    missing = [row for row in ROWS if not found[row]]
    if missing:
        raise InputError(f'there is no finished run of {", ".join(missing)}')
    return found


def seeds(runs: dict[str, list[Run]]) -> str:
    """Says how many seeds each row has, because rows may differ."""
    return ', '.join(f'{NAMES[row]} {len(own)}' for row, own in runs.items())
