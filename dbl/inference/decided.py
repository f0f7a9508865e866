"""Learns decisions from a finished run, and measures them on its test set."""

from dataclasses import dataclass
from pathlib import Path

import msgspec

from dbl.errors import InputError
from dbl.inference.decisions import Decisions, Method, learn_decisions
from dbl.inference.tested import Tested, tested
from dbl.results.runs import Run, read_run
from dbl.settings import ADD_VALIDATION

# Of a checkpoint's meta; the rest is for going on with the training.
KEPT = frozenset(
    'dbl classes class_freq num_images channels config sha256 val test epoch iter'.split()
)


@dataclass(frozen=True)
class Decided:
    """What was learnt from a run's validation, and how good it is on the run's test set.

    Attributes:
        run: The run.
        variant: Whose scores they are: begins with ``'ema_'`` for averaged weights, and goes on
            with ``'selected_'`` for those of the selected epoch.
        decisions: What was learnt.
        tested: How good it is.
    """

    run: Run
    variant: str
    decisions: Decisions
    tested: Tested


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
    return Decided(run, variant, decisions, tested(decisions, test['logits'], test['targets']))


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
    meta = {key: own for key, own in checkpoint['meta'].items() if key in KEPT}
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
