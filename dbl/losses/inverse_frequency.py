from torch import Tensor

from dbl.losses.base import ClassFrequencyLoss
from dbl.losses.focal import focal_loss


def inverse_frequency_weight(class_freq: Tensor, num_images: int, power: float) -> Tensor:
    r"""Weighs rare classes more, the rarest by 1.

    .. math::
        w_i = \frac{(N / n_i)^a}{\max_j (N / n_j)^a}, \quad a = \mathrm{power}

    Shape:
        - class_freq: :math:`(C)`, the counts :math:`n_i`. Output: :math:`(C)`, in (0, 1].
    """
    weight = (num_images / class_freq) ** power
    return weight / weight.max()


class InverseFrequencyLoss(ClassFrequencyLoss):
    r"""Binary cross entropy weighted by smoothed inverse class frequency: rows RW and RS+RW-Focal.

    .. math::
        -\frac{1}{NC} \sum_{k, i} w_i (1 - p_{t,i}^k)^\gamma \log p_{t,i}^k

    with the weights of :func:`inverse_frequency_weight`. The paper says "normalize the weights to
    be between 0 and 1 in a mini-batch" and released no such row: dividing by the largest class
    weight, a constant, is our reading.

    Args:
        class_freq: Training images of each class, :math:`n_i`, between 1 and ``num_images``.
        num_images: Training images, :math:`N`.
        power: 0.5 is the square root; 0 weighs all classes alike.
        gamma: Focusing exponent.
        scale: Factor on the loss.

    Shape:
        - logits: :math:`(N, C)`; targets: :math:`(N, C)`, multi-hot.
        - Output: scalar, at least float32.
    """

    def __init__(
        self,
        class_freq: Tensor | list[int],
        num_images: int,
        power: float = 0.5,
        gamma: float = 0.0,
        scale: float = 1.0,
    ) -> None:
        super().__init__(class_freq, num_images, gamma, scale)
        self.power = power

    def terms(self, logits: Tensor, targets: Tensor) -> Tensor:
        class_freq = self.class_freq.to(logits)
        weight = inverse_frequency_weight(class_freq, self.num_images, self.power)
        return weight * focal_loss(logits, targets, self.gamma)
