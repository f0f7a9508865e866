"""Weights that a backbone starts with."""

from pathlib import Path

import torch
from torch import Tensor, nn

from dbl.errors import InputError
from dbl.safe_load import safe_load, shapes


def read_state_dict(path: Path, weights: str) -> dict[str, Tensor]:
    """Reads a file of weights, which the config gives by name or path.

    Raises:
        InputError: It is missing, or is not a state dict.
    """
    if not path.is_file():
        raise InputError(f"model.backbone.weights: '{weights}' does not exist")
    state_dict = safe_load(path)
    if not isinstance(state_dict, dict) or not all(map(torch.is_tensor, state_dict.values())):
        raise InputError(f"model.backbone.weights: '{weights}' is not a state dict of tensors")
    return state_dict


def load(backbone: nn.Module, state_dict: dict[str, Tensor], expected: str) -> None:
    """Loads weights of any precision into a backbone.

    Raises:
        InputError: They belong to another network; ``expected`` is the message.
    """
    if shapes(state_dict) != shapes(backbone.state_dict()):
        raise InputError(f'model.backbone.weights: {expected}')
    backbone.load_state_dict(state_dict, strict=False)  # counters of batches may be missing
