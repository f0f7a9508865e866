"""Builds torchvision's networks for classification, without their last layer."""

from collections.abc import Iterable
from contextlib import nullcontext
from typing import Any

import torch
import torchvision
from torch import nn
from torch.overrides import TorchFunctionMode
from torchvision.models import get_model, list_models

from dbl.errors import InputError, unknown

KEY = 'model.backbone'
# Networks for classification that are no backbones, by how their names begin, and why.
UNFIT = {
    'squeezenet': 'its classifier is no linear layer',
    'googlenet': 'it gives three outputs in training',
    'inception': 'it gives two outputs in training',
    'mnasnet': 'its weights are loaded by a version number, which few files have',
}


def check_name(name: str) -> None:
    """Refuses a network that does not give one vector an image.

    Raises:
        InputError: torchvision has no network of this name, or it is of another kind.

    >>> check_name('convnext_tiny')
    """
    fit = [own for own in list_models(module=torchvision.models) if not _unfit(own)]
    if name in fit:
        return
    if name not in list_models():
        raise unknown(f'{KEY}.name', name, fit)
    reason = _unfit(name) or 'it is not for the classification of images'
    raise InputError(
        f"{KEY}.name: '{name}' cannot be a backbone, since {reason}; choose another, such as "
        'convnext_tiny'
    )


def _unfit(name: str) -> str | None:
    return next((reason for start, reason in UNFIT.items() if name.startswith(start)), None)


def make(name: str, image_size: int | None = None) -> tuple[nn.Module, str]:
    """Builds a network without its last linear layer, and without the dropout before that.

    Returns:
        The network, and the name of the layer.

    >>> net, layer = make('mobilenet_v2')
    >>> layer, net.classifier
    ('classifier.1', Sequential(
      (0): Identity()
      (1): Identity()
    ))
    """
    size = {} if image_size is None else {'image_size': image_size}
    with _NumbersHaveValues() if name.startswith('regnet') else nullcontext():
        net = get_model(name, **size)
    layer = [key for key, part in net.named_modules() if isinstance(part, nn.Linear)][-1]
    parent = net.get_submodule(layer.rpartition('.')[0])
    net.set_submodule(layer, nn.Identity())
    layers = [*parent.named_children()]
    if len(layers) > 1 and isinstance(layers[-2][1], nn.Dropout):
        setattr(parent, layers[-2][0], nn.Identity())
    return net, layer


class _NumbersHaveValues(TorchFunctionMode):
    """RegNets compute their widths with tensors, which must not be shapes alone, as layers may."""

    def __torch_function__(self, func, types, args=(), kwargs=None) -> Any:
        place = {'device': 'cpu'} if func in (torch.arange, torch.tensor) else {}
        return func(*args, **{**place, **(kwargs or {})})


def freeze(net: nn.Module, names: Iterable[str]) -> None:
    """Freezes submodules of a network.

    Raises:
        InputError: It has no submodule of a name.

    >>> net, _ = make('mobilenet_v2')
    >>> freeze(net, ['features.0'])
    >>> next(net.parameters()).requires_grad
    False
    """
    known = dict(net.named_modules())
    for name in names:
        if name not in known:
            raise unknown(f'{KEY}.frozen', name, [key for key in known if key.count('.') < 2])
        known[name].requires_grad_(False)
