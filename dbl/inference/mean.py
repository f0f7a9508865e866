"""The mean of what several networks, or a picture and its mirror image, give."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from dbl.errors import InputError


class MeanOf(nn.Module):
    """Averages the probabilities of several networks, and gives the logits of the mean.

    So "above 0" still means "above 1/2", and a mean of scores near 1 keeps their order.

    Args:
        networks: Give logits of the same classes.
        flip: Also average over the mirror image of each picture.

    Shape:
        - images: :math:`(N, 3, H, W)`. Output: :math:`(N, C)`.

    Raises:
        InputError: Features or texts are to be flipped.

    >>> logits = torch.tensor([[0.5, -1.0]])
    >>> torch.allclose(MeanOf([nn.Identity(), nn.Identity()])(logits), logits)
    True
    """

    def __init__(self, networks: Sequence[nn.Module], flip: bool = False) -> None:
        super().__init__()
        shown = {getattr(part, 'takes', 'pictures') for own in networks for part in own.children()}
        if flip and (others := shown - {'pictures'}):
            raise InputError(f'{min(others)} have no mirror image; leave --flip out')
        self.networks = nn.ModuleList(networks)
        self.flip = flip

    def forward(self, images: Tensor) -> Tensor:
        views = [images, images.flip(3)] if self.flip else [images]
        return mean_logits(torch.stack([net(view) for net in self.networks for view in views]))


def backbones(network: nn.Module) -> list[nn.Module]:
    """The backbones of a network, or of each network of a mean."""
    networks: Any = network.networks if isinstance(network, MeanOf) else [network]
    return [own.backbone for own in networks]


def mean_logits(logits: Tensor) -> Tensor:
    r"""The logits of a mean of probabilities.

    .. math::
        \log \sum_k \sigma(z_k) - \log \sum_k \sigma(-z_k)

    Shape:
        - logits: :math:`(K, \ldots)`. Output: :math:`(\ldots)`.

    >>> mean_logits(torch.tensor([[2.0], [-2.0]])).abs().item() < 1e-6
    True
    >>> mean_logits(torch.tensor([[100.0], [90.0]])).item() > 90
    True
    """
    shown, absent = (torch.logsumexp(F.logsigmoid(own), dim=0) for own in (logits, -logits))
    return shown - absent
