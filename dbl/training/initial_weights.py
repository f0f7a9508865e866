"""The weights that a training starts with."""

from collections.abc import Sequence
from logging import getLogger
from pathlib import Path

from torch import Tensor, nn

from dbl.errors import InputError
from dbl.models import MultiLabelClassifier
from dbl.models.classifier import of_training_set
from dbl.training.checkpoint import read_checkpoint
from dbl.training.distributed import is_main
from dbl.training.fitting_weights import misfits
from dbl.training.trained_with import other_class


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


def warn_of_frozen_noise(backbone: nn.Module) -> None:
    """Warns where a backbone takes weights but has none, and random ones are frozen."""
    weights = getattr(backbone, 'weights', True)  # a backbone of another kind may bring its own
    frozen = [p for p in backbone.parameters() if not p.requires_grad]
    if not weights and frozen and is_main():
        getLogger('dbl').warning(
            f'model.backbone.weights={weights}: the backbone starts from random weights, and those '
            'that are frozen stay random; freeze nothing, as with model.backbone.frozen_stages=-1 '
            'model.backbone.norm_eval=False'
        )


def start_from(model: nn.Module, path: str | Path, classes: Sequence[str]) -> None:
    """Loads the backbone of a checkpoint, and its neck and head if they fit.

    A head for other classes does not fit, even if their number does. A warning names what does not
    fit. What a head has from the training set, such as a graph of the classes, stays its own.

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
        if different or (name == 'head' and other_class(checkpoint.get('meta'), classes)):
            left_out.append(name)
        else:
            part.load_state_dict({**weights, **of_training_set(part)})
    if left_out and is_main():
        parts = ' and '.join(left_out)
        getLogger('dbl').warning(
            f"'{path}' does not fit the config in its {parts}; random weights are used there"
        )


def _of_part(state_dict: dict[str, Tensor], name: str) -> dict[str, Tensor]:
    prefix = f'{name}.'
    return {k.removeprefix(prefix): v for k, v in state_dict.items() if k.startswith(prefix)}
