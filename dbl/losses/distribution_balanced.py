from math import inf, isfinite
from typing import Literal, get_args

import torch
from torch import Tensor

from dbl.losses.base import ClassFrequencyLoss, Reduction
from dbl.losses.focal import signed_focal_loss

Tolerate = Literal['negative', 'both']


def rebalanced_weight(
    targets: Tensor, class_freq: Tensor, alpha: float, beta: float, mu: float
) -> Tensor:
    r"""Discounts each label for the repeats its image gets from the image's other labels.

    .. math::
        \hat r_i^k = \alpha + \sigma(\beta (r_i^k - \mu)), \quad
        r_i^k = \frac{1 / n_i}{\sum_{j: y_j^k = 1} 1 / n_j}

    Negatives are weighted as well; there :math:`r` can exceed 1. An image without positives has
    an infinite :math:`r`: its labels get :math:`\alpha + 1`, if :math:`\beta > 0`.

    Shape:
        - targets: :math:`(N, C)`, multi-hot; class_freq: :math:`(C)`, the counts :math:`n_i`.
        - Output: :math:`(N, C)`.

    >>> import torch
    >>> targets, class_freq = torch.tensor([[1, 1]]), torch.tensor([3, 1])  # r is 1/4 and 3/4
    >>> rebalanced_weight(targets, class_freq, alpha=0.1, beta=10, mu=0.25)
    tensor([[0.6000, 1.0933]])
    """
    inverse_freq = 1 / class_freq
    expected_repeats = (targets * inverse_freq).sum(dim=1, keepdim=True)
    # The floor keeps beta = 0 a constant weight for an image without positives.
    r = inverse_freq / expected_repeats.clamp(min=1e-20)
    return alpha + torch.sigmoid(beta * (r - mu))


def class_bias(class_freq: Tensor, num_images: int, kappa: float) -> Tensor:
    r"""The class-specific bias :math:`\nu_i = \kappa \log(N / n_i - 1)` of NT-BCE.

    A class that every image shows is treated as absent from one, which keeps its bias finite.

    Shape:
        - class_freq: :math:`(C)`. Output: :math:`(C)`.

    >>> import torch
    >>> class_bias(torch.tensor([50, 1]), num_images=100, kappa=0.05)
    tensor([0.0000, 0.2298])
    """
    return kappa * torch.log((num_images - class_freq).clamp(min=1) / class_freq)


def distribution_balanced_loss(
    logits: Tensor,
    targets: Tensor,
    nu: Tensor | float,
    lam: float,
    gamma: float = 0.0,
    weight: Tensor | float = 1.0,
    tolerate: Tolerate = 'negative',
    divided: bool = True,
) -> Tensor:
    r"""Negative-tolerant, weighted, focal binary cross entropy of each term, unreduced.

    .. math::
        w \Big[ y f(z - \nu) + \frac{1}{\lambda} (1 - y) f(-\lambda (z - \nu)) \Big], \quad
        f(u) = (1 - \sigma(u))^\gamma \log(1 + e^{-u})

    The signs in the paper's Eq. 7 and 10 are reversed; these are the ones its text means.
    ``tolerate='both'`` gives the positives the form of the negatives (section 4.5):
    :math:`\frac{1}{\lambda} y f(\lambda (z - \nu))`. Without ``divided`` no term is divided by
    :math:`\lambda`.

    Shape:
        - logits: :math:`(N, C)`; targets: :math:`(N, C)`, multi-hot; nu: :math:`(C)` or a number;
          weight: :math:`(N, C)`, :math:`(C)`, or a number.
        - Output: :math:`(N, C)`.

    >>> import torch
    >>> distribution_balanced_loss(torch.zeros(1, 2), torch.tensor([[1, 0]]), nu=0.0, lam=2)
    tensor([[0.6931, 0.3466]])
    """
    # Factors of the logits, negative for negatives, so that p_t is sigma of the product.
    positive = lam if tolerate == 'both' else 1.0
    slope = targets * (positive + lam) - lam
    if divided:
        weight = weight / slope.abs()
    return weight * signed_focal_loss(slope * (logits - nu), gamma)


class DistributionBalancedLoss(ClassFrequencyLoss):
    r"""Distribution-Balanced loss: re-balanced weights on negative-tolerant BCE, rows R-BCE to
    DB-Focal.

    Wu et al., "Distribution-Balanced Loss for Multi-Label Classification in Long-Tailed Datasets"
    (ECCV 2020), Eq. 10; formulas in :func:`rebalanced_weight`, :func:`class_bias` and
    :func:`distribution_balanced_loss`. The mean is over all :math:`N \times C` terms.

    The defaults are DB-Focal for COCO-MLT; VOC-MLT's have ``mu=0.3, lam=5``. ``gamma=0, scale=1``
    switches focusing off, which gives DB; with it ``lam=1, kappa=0`` gives R-BCE, and
    ``rebalance=False`` NT-BCE. NT-BCE with ``lam=1`` is binary cross entropy with logit adjustment
    (Menon et al., ICLR 2021, for many labels): ``kappa`` is their :math:`\tau`, often 1.

    Huang et al. (EMNLP 2021) use it on texts with ``nu_over_lam=False, scale=0.5``: ``mu=0.9`` is
    their DB, ``gamma=0`` with it DB-0FL, ``lam=1, kappa=0`` with it R-FL, and
    ``rebalance=False, divided=False`` NTR-FL.

    Args:
        class_freq: Training images of each class, :math:`n_i`, between 1 and ``num_images``.
        num_images: Training images, :math:`N`.
        alpha: Lift of the re-balanced weight.
        beta: Steepness of the weight's smoothing.
        mu: Centre of the weight's smoothing.
        lam: Tolerance :math:`\lambda` of negatives: it multiplies their logits and divides their
            loss.
        kappa: Scale of the class-specific bias :math:`\nu`.
        gamma: Focusing exponent.
        scale: Factor on the loss.
        nu_over_lam: Shift by :math:`\nu / \lambda`, as the released code does, which gave the
            published numbers, instead of by the paper's :math:`\nu`.
        rebalance: Weight each term by :math:`\hat r`.
        tolerate: ``'negative'`` logits alone, or ``'both'``, which the paper found slightly worse.
        divided: Divide the loss of what is tolerated by :math:`\lambda`, as the paper does.
        reduction: ``'mean'`` or ``'sum'`` of the terms, or ``'none'``.

    Shape:
        - logits: :math:`(N, C)`; targets: :math:`(N, C)`, multi-hot.
        - Output: scalar, or :math:`(N, C)` with ``reduction='none'``; at least float32.

    >>> import torch
    >>> loss = DistributionBalancedLoss(class_freq=[775, 249, 4], num_images=1142, mu=0.3, lam=5.0)
    >>> loss(torch.zeros(2, 3), torch.tensor([[1, 0, 0], [1, 1, 0]]))
    tensor(0.1799)
    """

    num_images: int

    def __init__(
        self,
        class_freq: Tensor | list[int],
        num_images: int,
        alpha: float = 0.1,
        beta: float = 10.0,
        mu: float = 0.2,
        lam: float = 2.0,
        kappa: float = 0.05,
        gamma: float = 2.0,
        scale: float = 2.0,
        nu_over_lam: bool = True,
        rebalance: bool = True,
        tolerate: Tolerate = 'negative',
        divided: bool = True,
        reduction: Reduction = 'mean',
    ) -> None:
        super().__init__(class_freq, num_images, gamma, scale, reduction)
        for name, value in dict(alpha=alpha, beta=beta, mu=mu, kappa=kappa).items():
            if not isfinite(value):
                raise ValueError(f'{name} must be finite, but got {value}')
        if not 0 < lam < inf:
            raise ValueError(f'lam must be finite and above 0, but got {lam}')
        if tolerate not in get_args(Tolerate):
            raise ValueError(f"tolerate must be 'negative' or 'both', but got '{tolerate}'")
        self.alpha, self.beta, self.mu, self.kappa = alpha, beta, mu, kappa
        self.lam, self.rebalance, self.tolerate = lam, rebalance, tolerate
        self.nu_over_lam, self.divided = nu_over_lam, divided
        # Released code: nu / lambda, which its author calls an oversight. Paper: nu.
        self.nu_scale = kappa / lam if nu_over_lam else kappa

    def terms(self, logits: Tensor, targets: Tensor) -> Tensor:
        class_freq = self.class_freq.to(logits)
        weight: Tensor | float = 1.0
        if self.rebalance:
            weight = rebalanced_weight(targets, class_freq, self.alpha, self.beta, self.mu)
        nu = class_bias(class_freq, self.num_images, self.nu_scale)
        return distribution_balanced_loss(
            logits, targets, nu, self.lam, self.gamma, weight, self.tolerate, self.divided
        )
