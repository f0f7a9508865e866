from math import inf

import torch
from torch import Tensor, nn


class Loss(nn.Module):
    r"""Base of the losses: the scaled mean over all :math:`N \times C` terms.

    A subclass writes :meth:`terms`. Half precision is lifted to float32, where the terms stay
    finite; float64 stays.

    Args:
        gamma: Focusing exponent of the terms; 0 switches focal off.
        scale: Factor on the loss, positives and negatives alike.

    Shape:
        - logits: :math:`(N, C)`; targets: :math:`(N, C)`, multi-hot, of any type, each 0 or 1.
        - Output: scalar, at least float32.
    """

    def __init__(self, gamma: float = 0.0, scale: float = 1.0) -> None:
        super().__init__()
        if not 0 <= gamma < inf:
            raise ValueError(f'gamma must be finite and at least 0, but got {gamma}')
        if not 0 < scale < inf:
            raise ValueError(f'scale must be finite and above 0, but got {scale}')
        self.gamma, self.scale = gamma, scale

    def terms(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Computes the loss of each term, (N, C), of logits and targets of one float type."""
        raise NotImplementedError

    def forward(self, logits: Tensor, targets: Tensor) -> Tensor:
        logits = logits.to(torch.promote_types(logits.dtype, torch.float32))
        return self.scale * self.terms(logits, targets.to(logits)).mean()


class ClassFrequencyLoss(Loss):
    """Base of the losses that know how often each class occurs.

    Args:
        class_freq: Training images of each class, :math:`n_i`, at least 1.
        num_images: Training images, :math:`N`; no class has more. None where the loss does not
            need them.
        gamma: Focusing exponent of the terms.
        scale: Factor on the loss.
    """

    def __init__(
        self,
        class_freq: Tensor | list[int],
        num_images: int | None = None,
        gamma: float = 0.0,
        scale: float = 1.0,
    ) -> None:
        super().__init__(gamma, scale)
        class_freq = torch.as_tensor(class_freq)
        _check_class_freq(class_freq, num_images)
        self.num_images = num_images
        # Not persistent: the checkpoint of one row loads into another.
        # Integers: a model in half precision keeps them whole.
        self.register_buffer('class_freq', class_freq.long(), persistent=False)


def _check_class_freq(class_freq: Tensor, num_images: int | None) -> None:
    if class_freq.ndim != 1 or len(class_freq) == 0:
        raise ValueError(
            f'class_freq must be 1-D, one count a class, but got shape {tuple(class_freq.shape)}'
        )
    most = inf if num_images is None else num_images
    counts = (class_freq >= 1) & (class_freq <= most) & (class_freq == class_freq.long())
    if not counts.all():
        first = int((~counts).nonzero()[0])
        raise ValueError(
            f'class_freq must hold whole numbers in [1, num_images={num_images}], but got '
            f'{class_freq[first]} for class {first}; leave out a class without training images'
        )
