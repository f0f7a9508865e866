"""The part of the page on decisions: thresholds, calibration, and how good both are."""

from math import ceil
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from dbl.analysis.colours import GROUP_LOOKS
from dbl.analysis.precision_recall import compute_precision_recall, plot_precision_recall
from dbl.analysis.reliability import compute_reliability, plot_reliability
from dbl.errors import InputError
from dbl.inference.decided import Decided, decide
from dbl.inference.decisions import scores_of
from dbl.inference.tested import class_lines, group_lines
from dbl.report.charts import Chart, as_chart
from dbl.results.runs import Run
from dbl.terminal import visible

COLUMNS, MOST_PANELS = 8, 120
Scores = dict[str, np.ndarray]  # of the test set, as a run keeps them


def decisions(run: Run) -> dict[str, Any]:
    """Tables and charts of a run's decisions, learnt on its images for validation, or why not."""
    try:
        decided = decide(run.folder, method='platt')
    except InputError as error:
        return {'note': f'Not shown: {error}.', 'tables': [], 'charts': []}
    run, found = decided.run, decided.tested
    before, after = found.calibration_errors
    note = (
        f'Thresholds of the {decided.decisions.rule} and a calibration after Platt, learnt on '
        f'{decided.decisions.num_images} images for validation, and measured on the test set. The '
        f'expected calibration error, mean over the classes, is {before:.3f} before and '
        f'{after:.3f} after.'
    )
    by_class = class_lines(found, decided.decisions, run.classes, run.class_freq)
    tables = [group_lines(found, run.groups, run.class_freq), by_class]
    test = run.scores(decided.variant)
    charts = [_reliability(decided, test), *_curves(decided, test)]
    return {'note': note, 'tables': tables, 'charts': charts}


def _reliability(decided: Decided, test: Scores) -> Chart:
    figure = Figure(figsize=(4.2, 4.2), layout='constrained')
    curves = {
        'sigmoid of the logits': scores_of(test['logits'], None),
        'calibrated': decided.decisions.scores(test['logits']),
    }
    axes = figure.subplots()
    plot_reliability(
        axes, {name: compute_reliability(own, test['targets']) for name, own in curves.items()}
    )
    axes.set_xlabel('mean score')
    axes.set_ylabel('share of positives')
    return as_chart(figure, 'Scores against shares of positives, in tenths of all scores.')


def _curves(decided: Decided, test: Scores) -> list[Chart]:
    """Precision against recall, a panel a class, the most frequent first."""
    run = decided.run
    scores = decided.decisions.scores(test['logits'])
    curves = compute_precision_recall(scores, test['targets'], decided.decisions.thresholds)
    group_of = {c: group for group, members in run.groups.items() for c in members}
    order = sorted(range(len(curves)), key=lambda c: -run.class_freq[c])
    known = [(c, curve) for c in order if (curve := curves[c]) is not None]
    drawn = known[:MOST_PANELS]
    figure = Figure(figsize=(11, 0.5 + 1.5 * ceil(len(drawn) / COLUMNS)), layout='constrained')
    grid = figure.subplots(ceil(len(drawn) / COLUMNS), COLUMNS, squeeze=False).ravel()
    for axes, (c, curve) in zip(grid, drawn, strict=False):
        plot_precision_recall(axes, curve, GROUP_LOOKS[group_of[c]].colour)
        axes.set_title(visible(run.classes[c])[:18], fontsize=7, parse_math=False)
        axes.set_xticks([0, 1])
        axes.set_yticks([0, 1])
        axes.tick_params(labelsize=6)
    for axes in grid[len(drawn) :]:
        axes.remove()
    left = f' The {MOST_PANELS} most frequent classes.' if len(drawn) < len(known) else ''
    caption = f'Precision (up) against recall on the test set; a point at the threshold.{left}'
    return [as_chart(figure, caption)]
