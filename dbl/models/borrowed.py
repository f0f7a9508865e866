"""Backbones that are networks of other packages: what they have in common."""

from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple

import torch
from torch import nn
from torch.func import functional_call

from dbl.errors import InputError
from dbl.models.norms import keep_statistics


class Normalization(NamedTuple):
    """Mean and standard deviation of R, G and B, in grey levels."""

    mean: tuple[float, ...]
    std: tuple[float, ...]


def grey_levels(mean: Sequence[float], std: Sequence[float]) -> Normalization:
    """A normalisation of pictures whose values lie in [0, 1], for pictures in grey levels.

    >>> grey_levels([0.5, 0.5, 0.5], [0.25, 0.25, 0.25]).mean
    (127.5, 127.5, 127.5)
    """
    return Normalization(*(tuple(round(255 * v, 3) for v in values) for values in (mean, std)))


class BorrowedBackbone(nn.Module):
    """A network of another package, without its classifier.

    What is frozen, by ``requires_grad_(False)``, stays in eval mode while the rest is trained.

    Args:
        name: Name of the network in its package.
        net: The network.
        norm_eval: Keep every BatchNorm in eval mode while training.
        expects: How the pictures were normalised that its weights were trained on, if it has any.
        size: Height and width of these pictures.
        resizable: Whether ``image_size`` makes the network for another size.

    >>> backbone = BorrowedBackbone('net', nn.Sequential(nn.Conv2d(3, 4, 1), nn.Dropout()))
    >>> backbone.net.requires_grad_(False)[1].training, backbone.train().net[1].training
    (True, False)
    """

    def __init__(
        self,
        name: str,
        net: nn.Module,
        norm_eval: bool = True,
        expects: Normalization | None = None,
        size: int = 224,
        resizable: bool = False,
    ) -> None:
        super().__init__()
        self.name, self.net, self.norm_eval = name, net, norm_eval
        self.expects, self.size, self.resizable = expects, size, resizable

    def train(self, mode: bool = True) -> 'BorrowedBackbone':
        super().train(mode)
        for part in self.net.modules():
            if _is_frozen(part):
                part.eval()
        if self.norm_eval:
            keep_statistics(self)
        return self

    def width(self) -> int:
        """The channels of its map, or the length of its vector.

        Raises:
            InputError: It gives neither a map nor a vector.
        """
        shape = output_shape(self, self.size)
        if len(shape) not in (2, 4):
            raise InputError(
                f"model.backbone.name: '{self.name}' gives {len(shape) - 1} dimensions an image, "
                'neither a map nor a vector; choose a network for classification'
            )
        return shape[1]


def _is_frozen(module: nn.Module) -> bool:
    trained = [parameter.requires_grad for parameter in module.parameters()]
    return bool(trained) and not any(trained)


def check_image_size(image_size: int | None, name: str, resizable: bool) -> None:
    """Refuses a size that a network cannot be made for.

    Raises:
        InputError: The network takes any size, or one size alone.
        ValueError: The size is no number of pixels.
    """
    if image_size is None:
        return
    if not resizable:
        raise InputError(
            f"model.backbone.image_size: '{name}' is not made for a size of choice; leave it out"
        )
    if image_size < 1:
        raise ValueError(f'image_size must be at least 1, but got {image_size}')


def output_shape(net: nn.Module, size: int) -> tuple[int, ...]:
    """The shape of what a network gives for one picture, found without computing it if possible.

    Raises:
        Exception: The network cannot take pictures of this size. It is the network's own.

    >>> output_shape(nn.Conv2d(3, 8, 3, stride=2, padding=1), 224)
    (1, 8, 112, 112)
    """
    modes = {module: module.training for module in net.modules()}
    net.eval()
    try:
        return _shape_on(net, size, torch.device('meta'))
    except Exception:  # a few networks ask for more than shapes, and others refuse again
        return _shape_on(net, size, next(net.parameters()).device)
    finally:
        for module, training in modes.items():
            module.training = training


@torch.no_grad()
def _shape_on(net: nn.Module, size: int, device: torch.device) -> tuple[int, ...]:
    tensors = chain(net.named_parameters(), net.named_buffers())
    state = {name: tensor.detach().to(device) for name, tensor in tensors}
    images = torch.zeros(1, 3, size, size, device=device)
    return tuple(functional_call(net, state, (images,)).shape)
