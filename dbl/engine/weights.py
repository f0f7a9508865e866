from pathlib import Path
from pickle import UnpicklingError

import torch
from mmengine.config import Config
from mmengine.model import is_model_wrapper
from torch import nn

from dbl.errors import InputError
from dbl.registry import MODELS


def check_backbone_weights(config: Config) -> None:
    """Reads the backbone's weights once, so that a bad file shows before anything is written."""
    backbone = MODELS.build(config.model.backbone)
    if hasattr(backbone, 'init_weights'):
        backbone.init_weights()


def load_weights(model: nn.Module, path: str | Path) -> None:
    """Loads the weights of a checkpoint into a model, every one of them.

    Raises:
        InputError: The file is missing, damaged, more than plain data, or of another model.
    """
    state_dict = _read_state_dict(Path(path))
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


def _read_state_dict(path: Path) -> dict[str, torch.Tensor]:
    if not path.is_file():
        raise InputError(
            f"checkpoint '{path}' does not exist; tools/train.py writes work_dirs/<set>/<row>/*.pth"
        )
    try:
        checkpoint = torch.load(path, map_location='cpu', weights_only=True)
        return dict(checkpoint['state_dict'])
    except (UnpicklingError, RuntimeError, EOFError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"checkpoint '{path}' is damaged or is not one that tools/train.py wrote"
        ) from error
