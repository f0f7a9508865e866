import math

import torch
from torch import Tensor
from torch.nn import functional as F

from dbl.losses.base import Loss, Reduction
from dbl.losses.focal import signed_focal_loss


def asymmetric_loss(
    logits: Tensor, targets: Tensor, gamma_pos: float, gamma_neg: float, m: float
) -> Tensor:
    r"""Asymmetric loss of each term, unreduced, after Ridnik et al., "Asymmetric Loss For
    Multi-Label Classification" (ICCV 2021). The gradient flows through all factors.

    .. math::
        -y (1 - p)^{\gamma_+} \log p - (1 - y)\, p_m^{\gamma_-} \log (1 - p_m), \quad
        p = \sigma(z), \quad p_m = \max(p - m, 0)

    A negative with a probability below the margin :math:`m` costs nothing.

    Shape:
        - logits: :math:`(N, C)`; targets: :math:`(N, C)`, multi-hot.
        - Output: :math:`(N, C)`.

    >>> import torch
    >>> logits, targets = torch.tensor([[0.0, 0.0, -3.0]]), torch.tensor([[1, 0, 0]])
    >>> asymmetric_loss(logits, targets, gamma_pos=1, gamma_neg=2, m=0.05)
    tensor([[0.3466, 0.1211, 0.0000]])
    """
    positives = signed_focal_loss(logits, gamma_pos)
    return torch.where(targets == 1, positives, _shifted_focal_loss(logits, gamma_neg, m))


def _shifted_focal_loss(logits: Tensor, gamma: float, m: float) -> Tensor:
    """The loss of negatives; 1 - p_m is taken as a logarithm, finite where p rounds to 1."""
    log_m = logits.new_full((), math.log(m) if m > 0 else -math.inf)  # without waiting for a GPU
    cross_entropy = (-torch.logaddexp(F.logsigmoid(-logits), log_m)).clamp(min=0)
    # Above 0, so that an exponent below 1 has a finite gradient.
    p_m = (-torch.expm1(-cross_entropy)).clamp(min=1e-20)
    return p_m**gamma * cross_entropy


class AsymmetricLoss(Loss):
    r"""Asymmetric loss (ASL): focal loss with one exponent for positives and another for negatives,
    which a margin shifts. No row of Wu et al. (ECCV 2020) has it.

    It is the scaled mean of :func:`asymmetric_loss`. Ridnik et al. sum the terms:
    ``reduction='sum'``. Their mean is smaller by the factor :math:`N C`, and wants a larger rate.

    Args:
        gamma_pos: Focusing exponent of positives.
        gamma_neg: Focusing exponent of negatives.
        m: Probability margin of negatives, in [0, 1); 0 leaves two focal losses.
        scale: Factor on positives and negatives alike.
        reduction: ``'mean'`` or ``'sum'`` of the terms, or ``'none'``.

    Shape:
        - logits: :math:`(N, C)`; targets: :math:`(N, C)`, multi-hot.
        - Output: scalar, or :math:`(N, C)` with ``reduction='none'``; at least float32.

    >>> import torch
    >>> AsymmetricLoss(reduction='sum')(torch.zeros(1, 2), torch.tensor([[1, 0]]))
    tensor(0.3711)
    """

    def __init__(
        self,
        gamma_pos: float = 1.0,
        gamma_neg: float = 4.0,
        m: float = 0.05,
        scale: float = 1.0,
        reduction: Reduction = 'mean',
    ) -> None:
        super().__init__(scale=scale, reduction=reduction)
        for name, value in dict(gamma_pos=gamma_pos, gamma_neg=gamma_neg).items():
            if not 0 <= value < math.inf:
                raise ValueError(f'{name} must be finite and at least 0, but got {value}')
        if not 0 <= m < 1:
            raise ValueError(f'm must lie in [0, 1), but got {m}')
        self.gamma_pos, self.gamma_neg, self.m = gamma_pos, gamma_neg, m

    def terms(self, logits: Tensor, targets: Tensor) -> Tensor:
        return asymmetric_loss(logits, targets, self.gamma_pos, self.gamma_neg, self.m)
