"""The weights that a training starts with."""

from collections.abc import Mapping, Sequence
from logging import getLogger
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from dbl.errors import InputError
from dbl.models import MultiLabelClassifier
from dbl.training.checkpoint import misfits, read_checkpoint
from dbl.training.distributed import is_main


def init_weights(
    model: MultiLabelClassifier, init_from: str | None, classes: Sequence[str]
) -> None:
    """Loads a checkpoint's weights or, if ``init_from`` is None, the backbone's own.

    Raises:
        InputError: The file is missing or damaged, or its backbone is another.
    """
    if init_from is not None:
        start_from(model, init_from, classes)
    elif (own_weights := getattr(model.backbone, 'init_weights', None)) is not None:
        own_weights()


def warn_of_frozen_noise(model: MultiLabelClassifier, backbone: Mapping[str, Any]) -> None:
    """Warns where weights of a backbone are random, and frozen, so that they stay so.

    Args:
        model: The model.
        backbone: Its part of the config.
    """
    is_random = 'weights' in backbone and backbone['weights'] is None
    frozen = [p for p in model.backbone.parameters() if not p.requires_grad]
    if is_random and frozen and is_main():
        getLogger('dbl').warning(
            'model.backbone.weights=None: the backbone starts from random weights, and those that '
            'are frozen stay random; freeze nothing, as with model.backbone.frozen_stages=-1 '
            'model.backbone.norm_eval=False'
        )


def start_from(model: nn.Module, path: str | Path, classes: Sequence[str]) -> None:
    """Loads the backbone of a checkpoint, and its neck and head if they fit.

    A head for other classes does not fit, even if their number does. A warning names what does not
    fit.

    Raises:
        InputError: The file is missing or damaged, or its backbone is another.
    """
    checkpoint = read_checkpoint(path)
    left_out = []
    for name, part in model.named_children():
        weights = _of_part(checkpoint['state_dict'], name)
        different = misfits(part, weights)
        if name == 'backbone' and different:
            raise InputError(
                f"init_from: '{path}' has another backbone: {len(different)} weights differ, such "
                f"as {different[0]}; set model.backbone as the checkpoint's config has it"
            )
        if different or (name == 'head' and _has_other_classes(checkpoint, classes)):
            left_out.append(name)
        else:
            part.load_state_dict(weights)
    if left_out and is_main():
        parts = ' and '.join(left_out)
        getLogger('dbl').warning(
            f"'{path}' does not fit the config in its {parts}; random weights are used there"
        )


def _of_part(state_dict: dict[str, Tensor], name: str) -> dict[str, Tensor]:
    prefix = f'{name}.'
    return {k.removeprefix(prefix): v for k, v in state_dict.items() if k.startswith(prefix)}


def _has_other_classes(checkpoint: dict[str, Any], classes: Sequence[str]) -> bool:
    """Whether a checkpoint says that it is of other classes. Some do not say."""
    meta = checkpoint.get('meta')
    found = meta.get('classes') if isinstance(meta, dict) else None
    return found is not None and list(found) != list(classes)
