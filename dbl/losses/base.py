import inspect
from math import inf
from typing import Literal, get_args

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor, nn

Reduction = Literal['mean', 'sum', 'none']
REDUCTIONS = get_args(Reduction)


class Loss(nn.Module):
    r"""Base of the losses: the scaled terms, reduced over all :math:`N \times C` of them.

    A subclass implements :meth:`terms`. Half precision is converted to float32, where the terms
    stay finite. float64 stays as it is. The base only stores ``gamma``: a focal loss with other
    exponents, such as one for positives and one for negatives, takes arguments of its own.

    Args:
        gamma: Focusing exponent of the terms; 0 switches focusing off.
        scale: Factor on the loss, for positives and negatives alike.
        reduction: ``'mean'`` or ``'sum'`` of the terms, or ``'none'``.

    Shape:
        - logits: :math:`(N, C)`; targets: :math:`(N, C)`, multi-hot, of any type, each 0 or 1.
        - Output: scalar, or :math:`(N, C)` with ``reduction='none'``; at least float32.

    Raises:
        ValueError: The shapes differ, or a target is neither 0 nor 1. On a GPU the check does not
            wait for the targets: torch's own assertion fails there, some calls later.
    """

    def __init__(
        self, gamma: float = 0.0, scale: float = 1.0, reduction: Reduction = 'mean'
    ) -> None:
        super().__init__()
        if not 0 <= gamma < inf:
            raise ValueError(f'gamma must be finite and at least 0, but got {gamma}')
        if not 0 < scale < inf:
            raise ValueError(f'scale must be finite and above 0, but got {scale}')
        if reduction not in REDUCTIONS:
            raise ValueError(f'reduction must be one of {REDUCTIONS}, but got {reduction!r}')
        self.gamma, self.scale, self.reduction = gamma, scale, reduction

    def terms(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Computes the loss of each term, (N, C), from logits and targets of one float type."""
        raise NotImplementedError

    def forward(self, logits: Tensor, targets: Tensor) -> Tensor:
        check_targets(logits, targets)
        logits = logits.to(torch.promote_types(logits.dtype, torch.float32))
        terms = self.terms(logits, targets.to(logits))
        if self.reduction == 'none':
            return self.scale * terms
        return self.scale * (terms.mean() if self.reduction == 'mean' else terms.sum())

    def extra_repr(self) -> str:
        names = inspect.signature(type(self)).parameters.keys()
        shown = (name for name in names if name != 'class_freq')
        return ', '.join(f'{name}={getattr(self, name)!r}' for name in shown)


def check_targets(logits: Tensor, targets: Tensor) -> None:
    """Raises ValueError for targets that no loss here supports, as :class:`Loss` describes."""
    if logits.shape != targets.shape:
        raise ValueError(
            f'expected logits and targets of one shape (N, C), but got {tuple(logits.shape)} and '
            f'{tuple(targets.shape)}'
        )
    if torch.compiler.is_compiling():
        return
    fits = (targets == 0) | (targets == 1)
    if not _is_at_hand(targets):
        torch._assert_async(fits.all(), BAD_TARGET)
    elif not fits.all():
        raise ValueError(f'{BAD_TARGET}, but got {targets[~fits][0].item():g}')


def _is_at_hand(targets: Tensor) -> bool:
    """Whether the values can be looked at without waiting for a device."""
    return targets.is_cpu


BAD_TARGET = 'targets must be 0 or 1 (soft and unknown labels are not supported yet)'


class ClassFrequencyLoss(Loss):
    """Base of the losses that know how often each class occurs.

    Args:
        class_freq: Training images of each class, :math:`n_i`, at least 1.
        num_images: Training images, :math:`N`; no class has more. None if the loss does not
            need it.
        gamma: Focusing exponent of the terms.
        scale: Factor on the loss.
        reduction: ``'mean'`` or ``'sum'`` of the terms, or ``'none'``.
    """

    class_freq: Tensor

    def __init__(
        self,
        class_freq: Tensor | ArrayLike,
        num_images: int | None = None,
        gamma: float = 0.0,
        scale: float = 1.0,
        reduction: Reduction = 'mean',
    ) -> None:
        super().__init__(gamma, scale, reduction)
        class_freq = _as_counts(class_freq)
        _check_class_freq(class_freq, num_images)
        self.num_images = num_images
        # Not persistent: the checkpoint of one row loads into another.
        # Integers: a model in half precision keeps them whole.
        self.register_buffer('class_freq', class_freq.long(), persistent=False)

    def forward(self, logits: Tensor, targets: Tensor) -> Tensor:
        if logits.ndim != 2 or logits.shape[1] != len(self.class_freq):
            raise ValueError(
                f'expected logits of shape (N, C) of {len(self.class_freq)} classes, as class_freq '
                f'has, but got shape {tuple(logits.shape)}'
            )
        return super().forward(logits, targets)

    def extra_repr(self) -> str:
        return f'num_classes={len(self.class_freq)}, {super().extra_repr()}'


def _as_counts(class_freq: Tensor | ArrayLike) -> Tensor:
    """Makes a tensor that can be compared with any number of images, of counts of any type."""
    if not isinstance(class_freq, Tensor):
        class_freq = torch.from_numpy(np.array(class_freq))  # a reversed array is copied
    return class_freq if class_freq.is_floating_point() else class_freq.long()


def _check_class_freq(class_freq: Tensor, num_images: int | None) -> None:
    if class_freq.ndim != 1 or len(class_freq) == 0:
        raise ValueError(
            f'class_freq must be 1-D, one count per class, but got shape {tuple(class_freq.shape)}'
        )
    most = inf if num_images is None else num_images
    counts = (class_freq >= 1) & (class_freq <= most) & (class_freq == class_freq.long())
    if not counts.all():
        first = int((~counts).nonzero()[0])
        empty = '; leave out a class without training images' if class_freq[first] == 0 else ''
        raise ValueError(
            f'class_freq must hold whole numbers in [1, num_images={num_images}], but got '
            f'{class_freq[first]} for class {first}{empty}'
        )
