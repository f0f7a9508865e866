from math import inf, isfinite

from torch import Tensor

from dbl.losses.base import ClassFrequencyLoss, Reduction
from dbl.losses.class_balanced import effective_number_weight
from dbl.losses.distribution_balanced import class_bias, distribution_balanced_loss


class ClassBalancedNTRLoss(ClassFrequencyLoss):
    r"""Class-balanced weights on a negative-tolerant focal loss: CB-NTR.

    Huang et al., "Balancing Methods for Multi-label Text Classification with Long-Tailed Class
    Distribution" (EMNLP 2021). It is :func:`~dbl.losses.distribution_balanced_loss` with the weight
    :func:`~dbl.losses.effective_number_weight` of each class.

    Args:
        class_freq: Training images of each class, :math:`n_i`, between 1 and ``num_images``.
        num_images: Training images, :math:`N`.
        beta: Of the effective number, in [0, 1).
        lam: Tolerance :math:`\lambda` of negatives.
        kappa: Scale of the class-specific bias :math:`\nu`.
        gamma: Focusing exponent.
        scale: Factor on the loss; 5 is theirs, who have 10 and half of our focal loss.
        reduction: ``'mean'`` or ``'sum'`` of the terms, or ``'none'``.

    Shape:
        - logits: :math:`(N, C)`; targets: :math:`(N, C)`, multi-hot.
        - Output: scalar, or :math:`(N, C)` with ``reduction='none'``; at least float32.

    >>> import torch
    >>> loss = ClassBalancedNTRLoss(class_freq=[60, 4], num_images=100, gamma=0, scale=1)
    >>> loss(torch.zeros(1, 2), torch.tensor([[1, 0]]))
    tensor(0.0740)
    """

    num_images: int

    def __init__(
        self,
        class_freq: Tensor | list[int],
        num_images: int,
        beta: float = 0.9,
        lam: float = 2.0,
        kappa: float = 0.05,
        gamma: float = 2.0,
        scale: float = 5.0,
        reduction: Reduction = 'mean',
    ) -> None:
        super().__init__(class_freq, num_images, gamma, scale, reduction)
        if not 0 <= beta < 1:
            raise ValueError(f'beta must lie in [0, 1), but got {beta}')
        if not 0 < lam < inf:
            raise ValueError(f'lam must be finite and above 0, but got {lam}')
        if not isfinite(kappa):
            raise ValueError(f'kappa must be finite, but got {kappa}')
        self.beta, self.lam, self.kappa = beta, lam, kappa

    def terms(self, logits: Tensor, targets: Tensor) -> Tensor:
        class_freq = self.class_freq.to(logits)
        weight = effective_number_weight(class_freq, self.beta)
        nu = class_bias(class_freq, self.num_images, self.kappa)
        return distribution_balanced_loss(logits, targets, nu, self.lam, self.gamma, weight)
