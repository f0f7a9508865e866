"""Whether the weights of a checkpoint fit a model, and what loads them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from dbl.errors import InputError, shortened
from dbl.safe_load import shapes
from dbl.training.checkpoint import averaged_weights, read_checkpoint
from dbl.training.trained_with import changed_scores


def load_weights(
    model: nn.Module, path: str | Path, averaged: bool = False, config: Any = None
) -> dict[str, Any]:
    """Loads all weights of a checkpoint, or all averaged ones, into a model.

    Args:
        model: Gets them.
        path: The checkpoint.
        averaged: Take the averaged ones.
        config: What the model was built by, if an error may say what differs.

    Returns:
        What else the checkpoint holds.

    Raises:
        InputError: The file is not a checkpoint, has no averaged weights, or fits another model.
    """
    checkpoint = read_checkpoint(path)
    state_dict = checkpoint.pop('state_dict')
    if averaged:
        state_dict = averaged_weights(checkpoint, path)
    changes = [] if config is None else changed_scores(config, checkpoint.get('meta'))
    load_fitting(model, state_dict, path, changes)
    return checkpoint


def load_fitting(
    model: nn.Module,
    state_dict: dict[str, Tensor],
    path: str | Path,
    changes: Sequence[str] = (),
) -> None:
    """Loads the weights from the file ``path`` into a model that is not to be trained on.

    A damaged counter of batches, which a test does not use, stays as it is. The error names what
    has changed in the config.

    Raises:
        InputError: They do not fit.
    """
    check_fits(model, state_dict, path, changes)
    own = model.state_dict()
    fitting = {
        key: value
        for key, value in state_dict.items()
        if key in own and _form(value) == _form(own[key])
    }
    model.load_state_dict(fitting, strict=False)


def _form(value: Tensor) -> tuple:
    return value.shape, value.dtype, value.layout, value.is_meta


def check_fits(
    model: nn.Module,
    state_dict: dict[str, Tensor],
    path: str | Path,
    changes: Sequence[str] = (),
) -> None:
    """Raises InputError if the weights from the file ``path`` do not fit a model."""
    different = misfits(model, state_dict)
    if different:
        helps = (
            f'give the values that it was trained with: {shortened("; ".join(changes), 300)}'
            if changes
            else 'check the config, its depth and number of classes'
        )
        raise InputError(
            f"checkpoint '{path}' is of another model: {len(different)} weights differ, such as "
            f'{different[0]}; {helps}'
        )


def misfits(model: nn.Module, state_dict: dict[str, Tensor]) -> list[str]:
    """Lists the weights in which a file and a model differ by name, shape, type or layout.

    The model may be on the meta device, where it takes no memory.
    """
    ours, theirs = _described(model.state_dict()), _described(state_dict)
    theirs |= {key: f'{theirs[key]}, meta' for key in theirs if state_dict[key].is_meta}
    return [
        f"'{key}': {theirs.get(key, 'missing')} in the file, {ours.get(key, 'none')} in the config"
        for key in {**ours, **theirs}
        if ours.get(key) != theirs.get(key)
    ]


def _described(state_dict: dict[str, Tensor]) -> dict[str, str]:
    """Describes weights by their shapes and by what is unusual about them.

    ``load_state_dict`` would cast integers, and pass over tensors without values.
    """
    usual = torch.float32, torch.strided
    found = {}
    for key, shape in shapes(state_dict).items():
        value = state_dict[key]
        kind = value.dtype, value.layout
        odd = [str(own) for own, other in zip(kind, usual, strict=True) if own != other]
        found[key] = ', '.join([str(shape), *odd])
    return found
