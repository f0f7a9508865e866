import base64
import io
from collections.abc import Callable, Sequence
from itertools import chain
from math import ceil
from typing import NamedTuple

from matplotlib.figure import Figure

from dbl.analysis.ap_by_frequency import plot_ap_by_frequency
from dbl.analysis.figures_of_labels import sampling
from dbl.analysis.figures_of_runs import built_again, increments, labels_of, scores
from dbl.analysis.training_curves import (
    TrainingCurves,
    compute_training_curves,
    plot_losses,
    plot_mean_ap,
)
from dbl.config_values import flat_values
from dbl.errors import InputError
from dbl.results.paper import NAMES
from dbl.results.runs import Run
from dbl.terminal import visible

COLUMNS = 4


class Chart(NamedTuple):
    """A chart on a page: its address, which holds all its bytes, and what it shows.

    Without an address, the caption says why the chart is missing.
    """

    address: str
    caption: str


def as_chart(figure: Figure, caption: str) -> Chart:
    """Writes a figure as SVG, in which text stays text."""
    content = io.BytesIO()
    figure.savefig(content, format='svg', bbox_inches='tight', metadata={'Date': None})
    code = base64.b64encode(content.getvalue()).decode()
    return Chart(f'data:image/svg+xml;base64,{code}', caption)


def panels(by_row: dict[str, list], plot: Callable, x: str, y: str) -> Figure:
    """Draws a panel per row with ``plot(axes, own)``, and a legend of the first panel's labels."""
    lines = ceil(len(by_row) / COLUMNS)
    figure = Figure(figsize=(11, 0.6 + 2.1 * lines), layout='constrained')
    grid = figure.subplots(lines, COLUMNS, squeeze=False).ravel()
    for axes, (row, own) in zip(grid, by_row.items(), strict=False):
        plot(axes, own)
        # A name is plain text, even with dollar signs in it.
        axes.set_title(visible(NAMES.get(row, row)), fontsize=10, parse_math=False)
    for axes in grid[len(by_row) :]:
        axes.remove()
    figure.supxlabel(x, fontsize=10)
    figure.supylabel(y, fontsize=10)
    handles, labels = grid[0].get_legend_handles_labels()
    if handles:
        figure.legend(handles, labels, loc='outside upper center', ncols=4, frameon=False)
    return figure


def ap_charts(by_row: dict[str, list[Run]]) -> list[Chart]:
    """Average precision of the classes against their training images."""

    def plot(axes, own: Sequence[Run]) -> None:
        plot_ap_by_frequency(axes, [r.ap for r in own], own[0].class_freq, own[0].groups)

    figure = panels(by_row, plot, 'training images of the class', 'AP (%)')
    return [as_chart(figure, 'One point per class, the mean over seeds.')]


def curve_charts(by_row: dict[str, list[Run]]) -> list[Chart]:
    """Loss by iteration, and mAP if a run was evaluated more than once."""
    curves: dict[str, list[TrainingCurves]] = {}
    charts = []
    for run in chain.from_iterable(by_row.values()):
        try:
            if rows := run.scalars():
                curves.setdefault(run.row, []).append(compute_training_curves(rows))
        except InputError as error:
            charts.append(Chart('', f'One line is not drawn, since {error}.'))
    if not curves:
        return charts
    loss = panels(curves, plot_losses, 'iteration', 'training loss')
    charts.append(
        as_chart(loss, 'Training loss, one line per seed. Scales differ from row to row.')
    )
    tested = {row: own for row, own in curves.items() if max(len(c.tested) for c in own) > 1}
    if tested:
        figure = panels(tested, plot_mean_ap, 'iteration', 'mAP (%)')
        charts.append(as_chart(figure, 'mAP on the test set. Nothing is chosen by it.'))
    return charts


def paper_charts(by_row: dict[str, list[Run]]) -> list[Chart]:
    """Figures 1, 2, 5 and 6, each if its rows and labels are available."""
    runs = [run for own in by_row.values() for run in own]
    charts = []
    for draw, shows in (
        (resampling, 'Class-aware re-sampling (Figures 2 and 5)'),
        (increments, 'Gains by class (Figure 6, section 4.4)'),
        (scores, 'Densities of the test scores (Figure 1)'),
    ):
        try:
            figures = {name.replace('_', ' '): figure for name, figure in draw(runs).items()}
            charts += [as_chart(figure, f'{shows}: {name}') for name, figure in figures.items()]
        except InputError as error:
            charts.append(Chart('', f'{shows}: not drawn, since {error}.'))
    return charts


def resampling(runs: Sequence[Run]) -> dict[str, Figure]:
    """Figures 2 and 5 of a run with re-sampling, if there is one."""
    types = [flat_values(run.given).get('train_dataloader.sampler.type') for run in runs]
    if 'ClassAwareSampler' not in types:
        raise InputError('no run has a ClassAwareSampler')
    run = runs[types.index('ClassAwareSampler')]
    labels_of(run)  # fails if they have changed
    with built_again(run):
        return sampling(run.given)
