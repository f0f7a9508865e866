import torch
from torch import Tensor
from torch.nn import functional as F

from dbl.losses.base import Loss, Reduction


def focal_loss(logits: Tensor, targets: Tensor, gamma: float) -> Tensor:
    r"""Focal loss of each term, unreduced, after Lin et al., "Focal Loss for Dense Object
    Detection" (ICCV 2017), without their :math:`\alpha`. The gradient flows through :math:`p_t`.

    .. math::
        -(1 - p_t)^\gamma \log p_t, \quad p_t = y\,\sigma(z) + (1 - y)(1 - \sigma(z))

    Shape:
        - logits: :math:`(N, C)`; targets: :math:`(N, C)`, multi-hot.
        - Output: :math:`(N, C)`.

    >>> import torch
    >>> focal_loss(torch.zeros(1, 2), torch.tensor([[1, 0]]), gamma=2)  # log(2) / 4
    tensor([[0.1733, 0.1733]])
    """
    return signed_focal_loss((2 * targets - 1) * logits, gamma)


def signed_focal_loss(signed_logits: Tensor, gamma: float) -> Tensor:
    r"""Focal loss of each term, unreduced, from signed logits.

    A signed logit is :math:`z` for a positive and :math:`-z` for a negative, so that :math:`p_t` is
    its sigmoid.

    Shape:
        - signed_logits: any. Output: the same.
    """
    log_p_t = F.logsigmoid(signed_logits)
    if gamma == 0:
        return -log_p_t
    # This log(1 - p_t) stays finite, as does its gradient, where p_t rounds to 1.
    return -log_p_t * torch.exp(gamma * (log_p_t - signed_logits))


class FocalLoss(Loss):
    r"""Focal loss, scaled and averaged over all :math:`N \times C` terms: row Focal.

    Args:
        gamma: Focusing exponent; 0 gives binary cross entropy.
        scale: Factor on positives and negatives alike.
        reduction: ``'mean'`` or ``'sum'`` of the terms, or ``'none'``.

    Shape:
        - logits: :math:`(N, C)`; targets: :math:`(N, C)`, multi-hot.
        - Output: scalar, or :math:`(N, C)` with ``reduction='none'``; at least float32.

    >>> import torch
    >>> FocalLoss()(torch.zeros(1, 2), torch.tensor([[1, 0]]))
    tensor(0.3466)
    """

    def __init__(
        self, gamma: float = 2.0, scale: float = 2.0, reduction: Reduction = 'mean'
    ) -> None:
        super().__init__(gamma, scale, reduction)

    def terms(self, logits: Tensor, targets: Tensor) -> Tensor:
        return focal_loss(logits, targets, self.gamma)
