"""Calibrations as layers of a network, which an exported model ends in."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

NARROWEST = 1e-30  # where two points are one in float32, a step


class SigmoidLayer(nn.Module):
    """The sigmoid of slope * logit + offset, for each class.

    Shape:
        - logits: :math:`(N, C)`. Output: :math:`(N, C)`.

    >>> SigmoidLayer([2.0], [-1.0])(torch.tensor([[0.5]])).tolist()
    [[0.5]]
    """

    slope: Tensor
    offset: Tensor

    def __init__(self, slope: Sequence[float], offset: Sequence[float]) -> None:
        super().__init__()
        self.register_buffer('slope', torch.tensor(slope))
        self.register_buffer('offset', torch.tensor(offset))

    def forward(self, logits: Tensor) -> Tensor:
        return torch.sigmoid(self.slope * logits + self.offset)


class PiecewiseLayer(nn.Module):
    r"""Runs straight between the points of each class, as :func:`numpy.interp` does.

    .. math::
        p = y_1 + \sum_k (y_{k+1} - y_k) \min(\max(\frac{z - x_k}{x_{k+1} - x_k}, 0), 1)

    Args:
        logits: The points' :math:`x`, ascending, for each class.
        scores: Their :math:`y`.

    Shape:
        - logits: :math:`(N, C)`. Output: :math:`(N, C)`.

    >>> layer = PiecewiseLayer([[0.0, 2.0, 3.0], [1.0]], [[0.0, 0.5, 1.0], [0.25]])
    >>> layer(torch.tensor([[1.0, 9.0], [5.0, 0.0]])).tolist()
    [[0.25, 0.25], [1.0, 0.25]]
    """

    first: Tensor
    starts: Tensor
    widths: Tensor
    rises: Tensor

    def __init__(
        self, logits: Sequence[Sequence[float]], scores: Sequence[Sequence[float]]
    ) -> None:
        super().__init__()
        most = max(map(len, logits))
        at, height = (torch.tensor([_padded(own, most) for own in of]) for of in (logits, scores))
        self.register_buffer('first', height[:, 0])
        self.register_buffer('starts', at[:, :-1])
        self.register_buffer('widths', at.diff().clamp(min=NARROWEST))
        self.register_buffer('rises', height.diff())

    def forward(self, logits: Tensor) -> Tensor:
        shares = ((logits.unsqueeze(2) - self.starts) / self.widths).clamp(0, 1)
        return self.first + (shares * self.rises).sum(dim=2)


def _padded(points: Sequence[float], count: int) -> list[float]:
    return [*points, *[points[-1]] * (count - len(points))]


def calibration_layer(calibration: Mapping[str, Any] | None, num_classes: int) -> nn.Module:
    """Makes the layer of a calibration; where none was learnt, that is a plain sigmoid.

    >>> calibration_layer(None, 2)(torch.zeros(1, 2)).tolist()
    [[0.5, 0.5]]
    """
    if calibration is None:
        return SigmoidLayer([1.0] * num_classes, [0.0] * num_classes)
    if calibration['method'] == 'isotonic':
        return PiecewiseLayer(calibration['logits'], calibration['scores'])
    return SigmoidLayer(calibration['slope'], calibration['offset'])
