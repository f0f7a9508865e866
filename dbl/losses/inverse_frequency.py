from math import inf

from torch import Tensor

from dbl.losses.base import ClassFrequencyLoss, Reduction
from dbl.losses.focal import focal_loss


def inverse_frequency_weight(class_freq: Tensor, power: float) -> Tensor:
    r"""Gives rare classes larger weights, and the rarest 1.

    .. math::
        w_i = \frac{(N / n_i)^a}{\max_j (N / n_j)^a} = \Big( \frac{\min_j n_j}{n_i} \Big)^a,
        \quad a = \mathrm{power}

    Shape:
        - class_freq: :math:`(C)`, the counts :math:`n_i`. Output: :math:`(C)`, in (0, 1].

    >>> import torch
    >>> inverse_frequency_weight(torch.tensor([100, 25]), power=0.5)
    tensor([0.5000, 1.0000])
    """
    return (class_freq.min() / class_freq) ** power


def inverse_frequency_loss(
    logits: Tensor, targets: Tensor, class_freq: Tensor, power: float = 0.5, gamma: float = 0.0
) -> Tensor:
    r"""Focal loss of each term, weighted by its class, unreduced.

    .. math::
        -w_i (1 - p_t)^\gamma \log p_t

    with the weights of :func:`inverse_frequency_weight`.

    Shape:
        - logits: :math:`(N, C)`; targets: :math:`(N, C)`, multi-hot; class_freq: :math:`(C)`.
        - Output: :math:`(N, C)`.

    >>> import torch
    >>> class_freq = torch.tensor([100, 25])
    >>> inverse_frequency_loss(torch.zeros(1, 2), torch.tensor([[1, 0]]), class_freq)
    tensor([[0.3466, 0.6931]])
    """
    return inverse_frequency_weight(class_freq, power) * focal_loss(logits, targets, gamma)


class InverseFrequencyLoss(ClassFrequencyLoss):
    r"""Binary cross entropy weighted by smoothed inverse class frequency: rows RW and RS+RW-Focal.

    It is the scaled mean of :func:`inverse_frequency_loss`. Wu et al., "Distribution-Balanced Loss
    for Multi-Label Classification in Long-Tailed Datasets" (ECCV 2020), say "normalize the weights
    to be between 0 and 1 in a mini-batch", and released no such row. Dividing by the largest class
    weight, a constant, is our reading.

    Args:
        class_freq: Training images of each class, :math:`n_i`, between 1 and ``num_images``.
        num_images: Training images, :math:`N`.
        power: Exponent of the frequency ratio. 0.5 is the square root; 0 weights all classes alike.
        gamma: Focusing exponent.
        scale: Factor on the loss.
        reduction: ``'mean'`` or ``'sum'`` of the terms, or ``'none'``.

    Shape:
        - logits: :math:`(N, C)`; targets: :math:`(N, C)`, multi-hot.
        - Output: scalar, or :math:`(N, C)` with ``reduction='none'``; at least float32.

    >>> import torch
    >>> loss = InverseFrequencyLoss(class_freq=[100, 25], num_images=120)
    >>> loss(torch.zeros(1, 2), torch.tensor([[1, 0]]))
    tensor(0.5199)
    """

    def __init__(
        self,
        class_freq: Tensor | list[int],
        num_images: int,
        power: float = 0.5,
        gamma: float = 0.0,
        scale: float = 1.0,
        reduction: Reduction = 'mean',
    ) -> None:
        super().__init__(class_freq, num_images, gamma, scale, reduction)
        if not 0 <= power < inf:
            raise ValueError(f'power must be finite and at least 0, but got {power}')
        self.power = power

    def terms(self, logits: Tensor, targets: Tensor) -> Tensor:
        class_freq = self.class_freq.to(logits)
        return inverse_frequency_loss(logits, targets, class_freq, self.power, self.gamma)
