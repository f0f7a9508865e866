import math
from typing import Literal, get_args

import torch
from torch import Tensor

from dbl.losses.base import ClassFrequencyLoss, Reduction
from dbl.losses.focal import focal_loss

Per = Literal['image', 'class']


def effective_number_weight(class_freq: Tensor, beta: float) -> Tensor:
    r"""The inverse of each class's effective number of images.

    .. math::
        w_i = \frac{1 - \beta}{1 - \beta^{n_i}}

    Shape:
        - class_freq: :math:`(C)`, the counts :math:`n_i`. Output: :math:`(C)`, in (1 - beta, 1].

    >>> import torch
    >>> effective_number_weight(torch.tensor([1, 1000]), beta=0.9)
    tensor([1.0000, 0.1000])
    """
    log_beta = math.log(beta) if beta > 0 else -math.inf
    return (1 - beta) / -torch.expm1(class_freq * log_beta)


def class_balanced_weight(targets: Tensor, class_freq: Tensor, beta: float) -> Tensor:
    r"""Weighs an image by the mean over its positive classes of :func:`effective_number_weight`.

    An image without positives gets the weight :math:`1 - \beta`, as a class with infinitely many
    images would.

    Shape:
        - targets: :math:`(N, C)`, multi-hot; class_freq: :math:`(C)`.
        - Output: :math:`(N, 1)`.

    >>> import torch
    >>> targets = torch.tensor([[1, 1], [0, 1], [0, 0]])
    >>> class_balanced_weight(targets, torch.tensor([1, 1000]), beta=0.9)
    tensor([[0.5500],
            [0.1000],
            [0.1000]])
    """
    positives = targets.sum(dim=1, keepdim=True)
    total = (targets * effective_number_weight(class_freq, beta)).sum(dim=1, keepdim=True)
    return torch.where(positives > 0, total / positives.clamp(min=1e-20), 1 - beta)


def class_balanced_loss(
    logits: Tensor,
    targets: Tensor,
    class_freq: Tensor,
    beta: float = 0.9,
    gamma: float = 2.0,
    per: Per = 'image',
) -> Tensor:
    r"""Focal loss of each term, weighted by its image or by its class, unreduced.

    .. math::
        -w (1 - p_t)^\gamma \log p_t

    where :math:`w` is :func:`class_balanced_weight` or, with ``per='class'``,
    :func:`effective_number_weight`.

    Shape:
        - logits: :math:`(N, C)`; targets: :math:`(N, C)`, multi-hot; class_freq: :math:`(C)`.
        - Output: :math:`(N, C)`.

    >>> import torch
    >>> class_freq = torch.tensor([1, 1000])
    >>> class_balanced_loss(torch.zeros(1, 2), torch.tensor([[1, 1]]), class_freq, gamma=0)
    tensor([[0.3812, 0.3812]])
    """
    # Released code: the mean over the image's positives. Paper: "class-wise".
    weight = {
        'image': class_balanced_weight(targets, class_freq, beta),
        'class': effective_number_weight(class_freq, beta),
    }[per]
    return weight * focal_loss(logits, targets, gamma)


class ClassBalancedLoss(ClassFrequencyLoss):
    r"""Focal loss weighted by effective numbers of images: rows CB-Focal and RS+CB-Focal.

    It is the scaled mean of :func:`class_balanced_loss`, after Cui et al., "Class-Balanced Loss
    Based on Effective Number of Samples" (CVPR 2019).

    Args:
        class_freq: Training images of each class, :math:`n_i`, at least 1.
        beta: In [0, 1); 0 weights all alike. The default is that of the code released by Wu et al.
            (ECCV 2020), whose paper gives none.
        gamma: Focusing exponent.
        scale: Factor on the loss.
        per: One weight per ``'image'``, as in that code, or per ``'class'``, as in their paper.
        reduction: ``'mean'`` or ``'sum'`` of the terms, or ``'none'``.

    Shape:
        - logits: :math:`(N, C)`; targets: :math:`(N, C)`, multi-hot.
        - Output: scalar, or :math:`(N, C)` with ``reduction='none'``; at least float32.

    >>> import torch
    >>> loss = ClassBalancedLoss(class_freq=[1, 1000])
    >>> loss(torch.zeros(1, 2), torch.tensor([[1, 1]]))
    tensor(0.1906)
    """

    def __init__(
        self,
        class_freq: Tensor | list[int],
        beta: float = 0.9,
        gamma: float = 2.0,
        scale: float = 2.0,
        per: Per = 'image',
        reduction: Reduction = 'mean',
    ) -> None:
        super().__init__(class_freq, gamma=gamma, scale=scale, reduction=reduction)
        if not 0 <= beta < 1:
            raise ValueError(f'beta must lie in [0, 1), but got {beta}')
        if per not in get_args(Per):
            raise ValueError(f"per must be 'image' or 'class', but got '{per}'")
        self.beta, self.per = beta, per

    def terms(self, logits: Tensor, targets: Tensor) -> Tensor:
        class_freq = self.class_freq.to(logits)
        return class_balanced_loss(logits, targets, class_freq, self.beta, self.gamma, self.per)
