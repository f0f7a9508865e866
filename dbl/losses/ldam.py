from math import inf

from torch import Tensor

from dbl.losses.base import ClassFrequencyLoss, Reduction
from dbl.losses.focal import focal_loss


def ldam_margin(class_freq: Tensor, max_margin: float) -> Tensor:
    r"""Margin of each class, the larger the rarer the class.

    .. math::
        \Delta_i = \Delta_{\max} \Big( \frac{\min_j n_j}{n_i} \Big)^{1/4}

    Shape:
        - class_freq: :math:`(C)`, the counts :math:`n_i`. Output: :math:`(C)`.

    >>> import torch
    >>> ldam_margin(torch.tensor([16, 1]), max_margin=0.5)
    tensor([0.2500, 0.5000])
    """
    return max_margin * (class_freq.min() / class_freq) ** 0.25


def ldam_loss(
    logits: Tensor, targets: Tensor, margin: Tensor, s: float = 1.0, gamma: float = 0.0
) -> Tensor:
    r"""Focal loss of each term, unreduced, with each positive logit lowered by its class's margin.

    .. math::
        -(1 - p_t)^\gamma \log p_t, \quad p_i = \sigma(s (z_i - y_i \Delta_i))

    Shape:
        - logits: :math:`(N, C)`; targets: :math:`(N, C)`, multi-hot; margin: :math:`(C)`.
        - Output: :math:`(N, C)`.

    >>> import torch
    >>> logits, margin = torch.tensor([[0.25, 0.0]]), torch.tensor([0.25, 0.5])
    >>> ldam_loss(logits, torch.tensor([[1, 0]]), margin)  # log(2): the margin takes the logit to 0
    tensor([[0.6931, 0.6931]])
    """
    return focal_loss(s * (logits - targets * margin), targets, gamma)


class LDAMLoss(ClassFrequencyLoss):
    r"""Label-distribution-aware margin loss on binary cross entropy: row LDAM.

    It is the scaled mean of :func:`ldam_loss` with the margins of :func:`ldam_margin`. Cao et al.,
    "Learning Imbalanced Datasets with Label-Distribution-Aware Margin Loss" (NeurIPS 2019), have
    one label per image. They released no form for many labels; this one is ours.

    Args:
        class_freq: Training images of each class, :math:`n_i`, at least 1.
        max_margin: Margin of the rarest class; 0 gives binary cross entropy.
        s: Scale of the logits, above 0.
        gamma: Focusing exponent.
        scale: Factor on the loss.
        reduction: ``'mean'`` or ``'sum'`` of the terms, or ``'none'``.

    Shape:
        - logits: :math:`(N, C)`; targets: :math:`(N, C)`, multi-hot.
        - Output: scalar, or :math:`(N, C)` with ``reduction='none'``; at least float32.

    >>> import torch
    >>> loss = LDAMLoss(class_freq=[16, 1])
    >>> loss(torch.tensor([[0.25, 0.0]]), torch.tensor([[1, 0]]))
    tensor(0.6931)
    """

    def __init__(
        self,
        class_freq: Tensor | list[int],
        max_margin: float = 0.5,
        s: float = 1.0,
        gamma: float = 0.0,
        scale: float = 1.0,
        reduction: Reduction = 'mean',
    ) -> None:
        super().__init__(class_freq, gamma=gamma, scale=scale, reduction=reduction)
        if not 0 <= max_margin < inf:
            raise ValueError(f'max_margin must be finite and at least 0, but got {max_margin}')
        if not 0 < s < inf:
            raise ValueError(f's must be finite and above 0, but got {s}')
        self.max_margin, self.s = max_margin, s

    def terms(self, logits: Tensor, targets: Tensor) -> Tensor:
        margin = ldam_margin(self.class_freq.to(logits), self.max_margin)
        return ldam_loss(logits, targets, margin, self.s, self.gamma)
