from pathlib import Path

import torch
from mmengine.config import Config
from mmengine.model import is_model_wrapper
from torch import nn

from dbl.errors import InputError
from dbl.registry import MODELS
from dbl.safe_load import safe_load


def check_backbone_weights(config: Config) -> None:
    """Reads the backbone's weights once, so that a bad file shows before anything is written."""
    backbone = MODELS.build(config.model.backbone)
    if hasattr(backbone, 'init_weights'):
        backbone.init_weights()


def read_checkpoint(path: str | Path) -> dict:
    """Reads a checkpoint that ``tools/train.py`` wrote, with ``state_dict`` and ``meta``.

    Raises:
        InputError: The file is missing or damaged, or is something else.
    """
    if not Path(path).is_file():
        raise InputError(
            f"checkpoint '{path}' does not exist; tools/train.py writes work_dirs/<set>/<row>/*.pth"
        )
    checkpoint = safe_load(path)
    state_dict = checkpoint.get('state_dict') if isinstance(checkpoint, dict) else None
    if not isinstance(state_dict, dict) or not all(map(torch.is_tensor, state_dict.values())):
        raise InputError(f"checkpoint '{path}' is not one that tools/train.py wrote")
    return checkpoint


def load_weights(model: nn.Module, path: str | Path) -> dict:
    """Loads the weights of a checkpoint into a model, every one of them; returns the checkpoint.

    Raises:
        InputError: The file is not a checkpoint, or is of another model.
    """
    checkpoint = read_checkpoint(path)
    state_dict = checkpoint['state_dict']
    model = model.module if is_model_wrapper(model) else model
    ours = {key: tuple(value.shape) for key, value in model.state_dict().items()}
    theirs = {key: tuple(value.shape) for key, value in state_dict.items()}
    different = [key for key in {**ours, **theirs} if ours.get(key) != theirs.get(key)]
    if different:
        key = different[0]
        raise InputError(
            f"checkpoint '{path}' is of another model: {len(different)} weights differ, as '{key}' "
            f'of shape {theirs.get(key)} where the config makes {ours.get(key)}; check the config '
            'and its number of classes'
        )
    model.load_state_dict(state_dict)
    return checkpoint
