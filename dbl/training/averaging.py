"""Averages the weights of steps, by an exponential moving average."""

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

Tensors = tuple[Tensor, ...] | list[Tensor]


def averaged_model(model: nn.Module, decay: float) -> AveragedModel:
    r"""Makes a copy of a model whose weights and buffers are averaged over steps.

    After step :math:`t + 1` its weights are :math:`d_t \bar w + (1 - d_t) w`, with
    :math:`d_t = \min(d, (1 + t) / (10 + t))`. The first steps, whose weights are far from the last
    ones, are thus soon forgotten. The average begins with the weights of the first step. Integers,
    such as a norm's count of batches, are copied.

    >>> layer = nn.Linear(1, 1, bias=False)
    >>> average = averaged_model(layer, decay=0.9)
    >>> for weight in (1.0, 2.0):
    ...     _ = nn.init.constant_(layer.weight, weight)
    ...     average.update_parameters(layer)
    >>> round(average.module.weight.item(), 4), round(1 * 2 / 11 + 2 * 9 / 11, 4)
    (1.8182, 1.8182)
    """

    def update(average: Tensors, current: Tensors, count: Tensor | int) -> None:
        weight = torch.as_tensor(9 / (10 + count)).clamp(min=1 - decay)  # 1 - d, on the device
        for own, new in zip(average, current, strict=True):
            if own.is_floating_point():
                own.lerp_(new, weight.to(own.dtype))
            else:
                own.copy_(new)

    return AveragedModel(model, multi_avg_fn=torch.no_grad()(update), use_buffers=True)
