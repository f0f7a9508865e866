"""Weights that a backbone starts with."""

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from dbl.errors import InputError, shortened
from dbl.out_of_memory import is_out_of_memory
from dbl.safe_load import safe_load, shapes


def read_state_dict(
    path: Path, named: str, key: str = 'model.backbone.weights'
) -> dict[str, Tensor]:
    """Reads a file of weights, .safetensors or of ``torch.save``.

    Args:
        path: The file.
        named: What the config calls it, for messages.
        key: The config's key for it, likewise.

    Raises:
        InputError: It is missing, or is not a state dict.
    """
    if not path.is_file():
        raise InputError(f"{key}: '{named}' does not exist")
    if path.suffix == '.safetensors':
        return _read_safetensors(path, key)
    state_dict = safe_load(path)
    if not isinstance(state_dict, dict) or not all(map(torch.is_tensor, state_dict.values())):
        raise InputError(f"{key}: '{named}' is not a state dict of tensors")
    return state_dict


def _read_safetensors(path: Path, key: str) -> dict[str, Tensor]:
    try:
        from safetensors.torch import load_file
    except ModuleNotFoundError as error:
        raise InputError(f"{key}: '{path}' needs safetensors: `pip install safetensors`") from error
    try:
        return load_file(path)
    except Exception as error:  # of whatever kind the bytes lead to
        if is_out_of_memory(error):
            raise
        raise InputError(
            f"{key}: '{path}' is damaged, or is not a .safetensors file: {shortened(error, 200)}"
        ) from error


def load(backbone: nn.Module, state_dict: dict[str, Tensor], named: str, argument: str) -> None:
    """Loads weights of any precision into a backbone.

    Args:
        backbone: Gets them.
        state_dict: The weights.
        named: What the config calls them, for messages.
        argument: The argument of the backbone that they depend on, likewise.

    Raises:
        InputError: They belong to another network.
    """
    if misfit := first_misfit(state_dict, backbone):
        raise InputError(
            f"model.backbone.weights: '{named}' does not hold the weights of a "
            f'{type(backbone).__name__} with {argument}={getattr(backbone, argument)}: {misfit}; '
            f'check model.backbone.{argument}'
        )
    backbone.load_state_dict(state_dict, strict=False)  # counters of batches may be missing


def first_misfit(state_dict: Mapping[str, Tensor], net: nn.Module) -> str | None:
    """Says where weights differ first from those of a network, or gives None if they fit.

    >>> first_misfit({'weight': torch.zeros(2, 3)}, nn.Linear(4, 2, bias=False))
    "'weight' is of shape (2, 3), and has to be of (2, 4)"
    """
    found, expected = shapes(dict(state_dict)), shapes(net.state_dict())
    for name, shape in expected.items():
        if name not in found:
            return f"'{name}' is missing"
        if found[name] != shape:
            return f"'{name}' is of shape {found[name]}, and has to be of {shape}"
    odd = next((name for name in found if name not in expected), None)
    return None if odd is None else f"'{shortened(odd)}' is none of its weights"
