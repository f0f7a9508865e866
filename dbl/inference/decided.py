"""Learns decisions from a finished run, and measures them on its test set."""

from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
from rich.table import Table
from rich.text import Text

from dbl.errors import InputError
from dbl.evaluation.calibration_error import expected_calibration_error
from dbl.evaluation.metric import group_means
from dbl.evaluation.per_class import PerClass, per_class
from dbl.inference.decisions import Decisions, Method, learn_decisions, scores_of
from dbl.results.runs import Run, read_run
from dbl.settings import ADD_VALIDATION


@dataclass(frozen=True)
class Decided:
    """What was learnt from a run's validation, and how good it is on the run's test set.

    Attributes:
        run: The run.
        variant: Whose scores they are: begins with ``'ema_'`` for averaged weights, and goes on
            with ``'selected_'`` for those of the selected epoch.
        decisions: What was learnt.
        tested: Precision, recall and F1 on the test set, by class.
        at_half: The same of plain sigmoids, where 1/2 is enough.
        calibration_errors: Expected calibration error on the test set, mean over the classes: of
            plain sigmoids, and of the scores.
    """

    run: Run
    variant: str
    decisions: Decisions
    tested: PerClass
    at_half: PerClass
    calibration_errors: tuple[float, float]


def decide(
    folder: Path,
    precision: float | None = None,
    method: Method = 'none',
    least: int = 10,
    averaged: bool = False,
    last: bool = False,
) -> Decided:
    """Learns thresholds from the scores that a finished run has of its images for validation.

    Args:
        folder: Of the run.
        precision: The share of predictions that have to be right. None takes the best F1.
        method: How the logits are calibrated.
        least: Positives that a class needs for a threshold of its own.
        averaged: Take the averaged weights.
        last: Take the last epoch, where another was selected.

    Raises:
        InputError: There is no finished run, or it has no images for validation.
    """
    run = read_run(folder)
    if run is None:
        raise InputError(f"'{folder}' holds no finished run; `python -m dbl train` makes one")
    variant = 'ema_' * averaged
    if not last and (folder / f'{variant}selected_val_scores.npz').exists():
        variant += 'selected_'
    if not (folder / f'{variant}val_scores.npz').exists():
        raise InputError(
            f"'{folder}' has no {variant}val_scores.npz to learn from: train with images for "
            f'validation; {ADD_VALIDATION}'
        )
    val, test = (run.scores(f'{variant}{images}') for images in ('val_', ''))
    decisions = learn_decisions(val['logits'], val['targets'], precision, method, least)
    plain, scores = scores_of(test['logits'], None), decisions.scores(test['logits'])
    errors = (_mean_error(own, test['targets']) for own in (plain, scores))
    return Decided(
        run,
        variant,
        decisions,
        per_class(decisions.decide(scores), test['targets']),
        per_class(plain >= 0.5, test['targets']),
        (next(errors), next(errors)),
    )


def _mean_error(scores: np.ndarray, targets: np.ndarray) -> float:
    return float(expected_calibration_error(scores, targets).mean())


def model_of(decided: Decided) -> dict[str, object]:
    """What a model's file holds: weights, what they are of, and the decisions.

    Raises:
        InputError: The run's checkpoint is missing or damaged.
    """
    from dbl.training.checkpoint import averaged_weights, read_checkpoint  # they import torch

    if 'selected' in decided.variant:
        path = decided.run.folder / f'{decided.variant.removesuffix("selected_")}best.pth'
        checkpoint = read_checkpoint(path)
    else:
        path = _last_checkpoint(decided.run.folder)
        checkpoint = read_checkpoint(path)
        if decided.variant:
            checkpoint['state_dict'] = averaged_weights(checkpoint, path)
    kept = {'dbl', 'classes', 'class_freq', 'num_images', 'config', 'sha256', 'val', 'test'}
    meta = {key: value for key, value in checkpoint['meta'].items() if key in kept}
    return {
        'state_dict': checkpoint['state_dict'],
        'meta': meta,
        'decisions': msgspec.to_builtins(decided.decisions),
    }


def _last_checkpoint(folder: Path) -> Path:
    from dbl.training.run_folder import checkpoints

    found = checkpoints(folder)
    if not found:
        raise InputError(f"'{folder}' holds no checkpoint any more")
    return found[-1]


def class_lines(decided: Decided) -> list[list[str]]:
    """A table with a line for each class: its threshold, whose images decided, how good it is."""
    names = 'class, n, threshold, decided by, precision, recall, F1, support'.split(', ')
    run, learnt, found = decided.run, decided.decisions, decided.tested
    lines = [names]
    for c, name in enumerate(run.classes):
        threshold = learnt.thresholds[c]
        shares = [_percent(own[c]) for own in (found.precision, found.recall, found.f1)]
        reached = 'never' if threshold is None else f'{threshold:.3f}'
        head = [name, str(run.class_freq[c]), reached, learnt.chosen[c]]
        lines.append([*head, *shares, str(found.support[c])])
    return lines


def group_lines(decided: Decided) -> list[list[str]]:
    """A table of the means over head, medium and tail classes, and of F1 where 1/2 is enough."""
    found, groups = decided.tested, decided.run.groups
    columns = (found.precision, found.recall, found.f1, decided.at_half.f1)
    means = [group_means(own, groups) for own in columns]
    lines = [[group, *(_percent(mean[group]) for mean in means)] for group in means[0]]
    return [['group', 'precision', 'recall', 'F1', 'F1 at 0.5'], *lines]


def as_table(title: str, lines: list[list[str]]) -> Table:
    """Lays out lines, of which the first is the heading, for the terminal."""
    table = Table(title=title, title_justify='left')
    for number, name in enumerate(lines[0]):
        table.add_column(name, justify='left' if number == 0 else 'right', overflow='fold')
    for line in lines[1:]:
        table.add_row(*map(Text, line))
    return table


def _percent(value: float) -> str:
    return '-' if np.isnan(value) else f'{100 * value:.2f}'
