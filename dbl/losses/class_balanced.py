import math

import torch
from torch import Tensor

from dbl.losses.base import ClassFrequencyLoss
from dbl.losses.focal import focal_loss


def effective_number_weight(class_freq: Tensor, beta: float) -> Tensor:
    r"""The inverse of each class's effective number of images.

    .. math::
        w_i = \frac{1 - \beta}{1 - \beta^{n_i}}

    Shape:
        - class_freq: :math:`(C)`, the counts :math:`n_i`. Output: :math:`(C)`, in (1 - beta, 1].
    """
    log_beta = math.log(beta) if beta > 0 else -math.inf
    return (1 - beta) / -torch.expm1(class_freq * log_beta)


def class_balanced_weight(targets: Tensor, class_freq: Tensor, beta: float) -> Tensor:
    r"""Weighs an image by the mean over its positive classes of :func:`effective_number_weight`.

    An image without positives gets :math:`1 - \beta`, the weight of a class with endless images.

    Shape:
        - targets: :math:`(N, C)`, multi-hot; class_freq: :math:`(C)`.
        - Output: :math:`(N, 1)`.
    """
    positives = targets.sum(dim=1, keepdim=True)
    total = (targets * effective_number_weight(class_freq, beta)).sum(dim=1, keepdim=True)
    return torch.where(positives > 0, total / positives.clamp(min=1e-20), 1 - beta)


class ClassBalancedLoss(ClassFrequencyLoss):
    r"""Focal loss weighted by effective numbers of images: rows CB-Focal and RS+CB-Focal.

    Cui et al., "Class-Balanced Loss Based on Effective Number of Samples" (CVPR 2019).

    .. math::
        -\frac{s}{NC} \sum_{k, i} w^k (1 - p_{t,i}^k)^\gamma \log p_{t,i}^k, \quad s =
        \mathrm{scale}

    with the weights of :func:`class_balanced_weight`, or, ``per='class'``, :math:`w_i` of
    :func:`effective_number_weight` in their place.

    Args:
        class_freq: Training images of each class, :math:`n_i`, at least 1.
        beta: In [0, 1); 0 weighs all alike. The paper gives none, the released code 0.9.
        gamma: Focusing exponent.
        scale: Factor on the loss.
        per: One weight an ``'image'``, as in the released code, or a ``'class'``, as the paper
            says.

    Shape:
        - logits: :math:`(N, C)`; targets: :math:`(N, C)`, multi-hot.
        - Output: scalar, at least float32.
    """

    def __init__(
        self,
        class_freq: Tensor | list[int],
        beta: float = 0.9,
        gamma: float = 2.0,
        scale: float = 2.0,
        per: str = 'image',
    ) -> None:
        super().__init__(class_freq, gamma=gamma, scale=scale)
        if not 0 <= beta < 1:
            raise ValueError(f'beta must lie in [0, 1), but got {beta}')
        if per not in ('image', 'class'):
            raise ValueError(f"per must be 'image' or 'class', but got '{per}'")
        self.beta, self.per = beta, per

    def terms(self, logits: Tensor, targets: Tensor) -> Tensor:
        class_freq = self.class_freq.to(logits)
        # Released code: the mean over the image's positives. Paper: "class-wise".
        if self.per == 'image':
            weight = class_balanced_weight(targets, class_freq, self.beta)
        else:
            weight = effective_number_weight(class_freq, self.beta)
        return weight * focal_loss(logits, targets, self.gamma)
