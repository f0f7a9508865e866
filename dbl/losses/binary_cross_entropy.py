from torch import Tensor
from torch.nn import functional as F

from dbl.losses.base import Loss, Reduction


class BCELoss(Loss):
    r"""Binary cross entropy on logits, the baseline: row ERM.

    .. math::
        -\frac{1}{NC} \sum_{k, i} y_i^k \log p_i^k + (1 - y_i^k) \log (1 - p_i^k),
        \quad p = \sigma(z)

    Args:
        reduction: ``'mean'`` or ``'sum'`` of the terms, or ``'none'``.

    Shape:
        - logits: :math:`(N, C)`; targets: :math:`(N, C)`, multi-hot.
        - Output: scalar, or :math:`(N, C)` with ``reduction='none'``; at least float32.

    >>> import torch
    >>> loss = BCELoss(reduction='sum')
    >>> loss(torch.zeros(1, 2), torch.tensor([[1, 0]]))
    tensor(1.3863)
    """

    def __init__(self, reduction: Reduction = 'mean') -> None:
        super().__init__(reduction=reduction)

    def terms(self, logits: Tensor, targets: Tensor) -> Tensor:
        return F.binary_cross_entropy_with_logits(logits, targets, reduction='none')
