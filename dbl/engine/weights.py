from pathlib import Path

import torch
from mmengine.config import Config
from mmengine.model import is_model_wrapper
from torch import Tensor, nn

from dbl.errors import InputError
from dbl.registry import MODELS
from dbl.safe_load import safe_load, shapes


def check_backbone_weights(config: Config) -> None:
    """Reads the backbone's weights once, so that a bad file shows before anything is written."""
    backbone = MODELS.build(config.model.backbone)
    if hasattr(backbone, 'init_weights'):
        backbone.init_weights()


def read_checkpoint(path: str | Path) -> dict:
    """Reads a checkpoint that ``tools/train.py`` wrote, with ``state_dict`` and ``meta``, or one of
    the released code's, whose weights get our names.

    Raises:
        InputError: The file is missing or damaged, or is something else.
    """
    if not Path(path).is_file():
        raise InputError(
            f"checkpoint '{path}' does not exist; tools/train.py writes work_dirs/<set>/<row>/*.pth"
        )
    checkpoint = safe_load(path)
    state_dict = checkpoint.get('state_dict') if isinstance(checkpoint, dict) else None
    if not isinstance(state_dict, dict) or not all(
        isinstance(key, str) and torch.is_tensor(value) for key, value in state_dict.items()
    ):
        raise InputError(
            f"checkpoint '{path}' is not one of tools/train.py's or of the released code's"
        )
    if 'head.fc_cls.weight' in state_dict:
        checkpoint['state_dict'] = _from_released_code(state_dict)
    return checkpoint


def _from_released_code(state_dict: dict[str, Tensor]) -> dict[str, Tensor]:
    """Renames the weights of the released code's checkpoints, whose neck has a layer unused."""
    return {
        key.replace('head.fc_cls.', 'head.fc.'): value
        for key, value in state_dict.items()
        if not key.startswith('neck.fc_hidden_1.')
    }


def load_weights(model: nn.Module, path: str | Path) -> None:
    """Loads the weights of a checkpoint into a model, every one of them.

    Raises:
        InputError: The file is not a checkpoint, or is of another model.
    """
    state_dict = read_checkpoint(path)['state_dict']
    model = model.module if is_model_wrapper(model) else model
    check_fits(model, state_dict, path)
    model.load_state_dict(state_dict)


def check_fits(model: nn.Module, state_dict: dict[str, Tensor], path: str | Path) -> None:
    """Raises InputError where weights, of the file ``path``, are not those of a model."""
    ours, theirs = shapes(model.state_dict()), shapes(state_dict)
    different = [key for key in {**ours, **theirs} if ours.get(key) != theirs.get(key)]
    if different:
        key = different[0]
        raise InputError(
            f"checkpoint '{path}' is of another model: {len(different)} weights differ, as "
            f"'{key}': {theirs.get(key, 'missing')} in the file, {ours.get(key, 'none')} in the "
            'config; check the config, its depth and number of classes'
        )
