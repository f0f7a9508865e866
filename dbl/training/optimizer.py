"""Builds the optimiser, with the rates that the batch asks for."""

from math import inf
from typing import Any

import torch
from mmengine.config import Config
from torch import nn
from torch.optim import Optimizer

from dbl.errors import InputError
from dbl.models import MultiLabelClassifier
from dbl.registry import OPTIMIZERS, REFUSALS, build, registered


def build_optimizer(config: Config, model: MultiLabelClassifier, batch_factor: float) -> Optimizer:
    """Builds the optimiser, whose rates grow in proportion to the batch (Goyal et al. 2017).

    Args:
        config: With ``optimizer`` and ``backbone_lr``.
        model: Whose parameters it updates, on their device.
        batch_factor: The batch divided by the one that the rates are meant for.

    Raises:
        InputError: The optimiser cannot be built or take a step, or a rate has no effect.
    """
    registered(OPTIMIZERS, 'optimizer', config.optimizer)
    lr = config.optimizer.get('lr')
    if type(lr) not in (int, float) or not 0 < lr < inf:
        raise InputError(f'optimizer.lr must be a finite number above 0, but got {lr!r}')
    part = {**config.optimizer, 'lr': lr * batch_factor}
    groups = _groups(model, config.backbone_lr, batch_factor)
    optimizer = build(OPTIMIZERS, 'optimizer', part, {'params': groups})
    _check_step(part, next(model.parameters()).device)
    return optimizer


def _groups(model: MultiLabelClassifier, lr: float | None, batch_factor: float) -> list[Any]:
    """The parameters. The backbone's are apart if it has a rate of its own."""
    everything = list(model.parameters())
    if lr is None:
        return everything
    backbone = list(model.backbone.parameters())
    if not any(parameter.requires_grad for parameter in backbone):
        raise InputError('backbone_lr has no effect: the backbone is frozen; set it to None')
    # The backbone comes first, so that the parameters' order is the same with and without it.
    apart = {'params': backbone, 'lr': lr * batch_factor, 'initial_lr': lr * batch_factor}
    return [apart, {'params': everything[len(backbone) :]}]


def _check_step(part: dict[str, Any], device: torch.device) -> None:
    """Takes a step on a number of its own: torch checks some arguments only there."""
    number = nn.Parameter(torch.zeros(1, device=device))
    number.grad = torch.ones_like(number)
    try:
        build(OPTIMIZERS, 'optimizer', part, {'params': [number]}).step()
    except REFUSALS as error:
        raise InputError(f'optimizer cannot take a step: {error}') from error
