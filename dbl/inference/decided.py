"""Learns decisions from a finished run, and measures them on its test set."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from dbl.config_values import UNSET, changed_values
from dbl.errors import InputError, shortened
from dbl.inference.decisions import LEAST, Decisions, Method, learn_decisions
from dbl.inference.tested import Tested, tested
from dbl.results.runs import Run, read_run
from dbl.results.same_configuration import material_values
from dbl.settings import ADD_VALIDATION

if TYPE_CHECKING:
    from dbl.inference.model_file import ModelFile

# Of a checkpoint's meta; the rest is for going on with the training.
KEPT = frozenset(
    'dbl torch classes class_freq num_images channels config sha256 val test epoch iter'.split()
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
    least: int = LEAST,
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
    if folder.is_file():
        raise InputError(f"'{folder}' is a file; name the folder of its run")
    run = read_run(folder)
    if run is None:
        raise InputError(f"'{folder}' holds no finished run; `python -m dbl train` makes one")
    variant = _variant(folder, averaged, last)
    val, test = (run.scores(f'{variant}{images}') for images in ('val_', ''))
    decisions = learn_decisions(val['logits'], val['targets'], precision, method, least)
    return Decided(run, variant, decisions, tested(decisions, test['logits'], test['targets']))


def _variant(folder: Path, averaged: bool, last: bool) -> str:
    """Whose scores are learnt from, as :class:`Decided` names them."""
    variant = 'ema_' * averaged
    if not last and (folder / f'{variant}selected_val_scores.npz').exists():
        variant += 'selected_'
    if not (folder / f'{variant}val_scores.npz').exists():
        raise InputError(
            f"'{folder}' has no {variant}val_scores.npz to learn from: train with "
            f'{"ema=0.9997 and " * averaged}images for validation; {ADD_VALIDATION}'
        )
    return variant


def model_of(decided: Decided) -> dict[str, Any]:
    """What a model's file holds: weights, what they are of, and the decisions.

    Raises:
        InputError: The run's checkpoint is missing or damaged, or of another training.
    """
    from dbl.inference.model_file import model_file  # which imports torch

    path, checkpoint = _checkpoint_of(decided)
    content = {
        'state_dict': checkpoint['state_dict'],
        'meta': checkpoint.get('meta'),
        'decisions': msgspec.to_builtins(decided.decisions),
    }
    check_is_of(model_file(content, path), decided.run)
    content['meta'] = {key: own for key, own in content['meta'].items() if key in KEPT}
    return content


def _checkpoint_of(decided: Decided) -> tuple[Path, dict[str, Any]]:
    """The path and the content of the checkpoint whose weights gave the scores."""
    from dbl.training.checkpoint import averaged_weights, read_checkpoint

    if 'selected' in decided.variant:
        path = decided.run.folder / f'{decided.variant.removesuffix("selected_")}best.pth'
        return path, read_checkpoint(path)
    path = last_checkpoint(decided.run)
    checkpoint = read_checkpoint(path)
    if decided.variant:
        checkpoint['state_dict'] = averaged_weights(checkpoint, path)
    return path, checkpoint


def last_checkpoint(run: Run) -> Path:
    """The checkpoint of a run's last epoch, which gave its scores.

    Raises:
        InputError: It is missing.
    """
    from dbl.training.run_files import checkpoints

    found = checkpoints(run.folder)
    if not found:
        raise InputError(f"'{run.folder}' holds no checkpoint any more; train it again")
    return found[-1]


def check_is_of(file: 'ModelFile', run: Run) -> None:
    """Refuses a checkpoint in a run's folder that is of other classes, or of another training.

    A run that was resumed may have changed its values, so that classes alone are compared.

    Raises:
        InputError: It is.
    """
    if file.classes != run.classes:
        raise InputError(
            f"'{file.path}' is of other classes than the run in its folder; put it back"
        )
    theirs, ours = (
        {**material_values(of), 'seed': of.get('seed', UNSET)} for of in (file.config, run.given)
    )
    if len(run.starts) == 1 and (changes := changed_values(ours, theirs)):
        raise InputError(
            f"'{file.path}' is of another training than the run in its folder: "
            f'{shortened("; ".join(changes), 200)}; put its own one back'
        )


def check_free(out: Path) -> None:
    """Refuses a path for a model's file that holds anything else, such as a run's checkpoint.

    Raises:
        InputError: It is a folder, does not end in .pth, or is a file without decisions.

    >>> check_free(Path('model.onnx'))
    Traceback (most recent call last):
    ...
    dbl.errors.InputError: --out 'model.onnx' must end in .pth
    """
    if out.is_dir():
        raise InputError(f"--out '{out}' is a folder; name a file in it, such as model.pth")
    if out.suffix != '.pth':
        raise InputError(f"--out '{out}' must end in .pth")
    if out.exists() and not _has_decisions(out):
        raise InputError(f"--out '{out}' is a checkpoint, and would be lost; name another file")


def _has_decisions(path: Path) -> bool:
    from dbl.training.checkpoint import read_checkpoint

    return 'decisions' in read_checkpoint(path)
