from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

import numpy as np
import torch
from matplotlib.axes import Axes
from numpy.typing import ArrayLike
from torch import Tensor
from torch.nn import functional as F

from dbl.analysis.colours import BLACK, BLUE, ORANGE, SKY, VERMILION
from dbl.losses import BCELoss
from dbl.losses.distribution_balanced import distribution_balanced_loss


class NegativeGradients(NamedTuple):
    """Gradients of the losses with respect to the logit of a negative.

    Attributes:
        logits: (Z), the logits.
        softmax: (Z), of softmax cross entropy.
        bce: (Z), of binary cross entropy.
        nt_bce: (K, Z), of NT-BCE for each class bias.
        positive_logit: The logit of the true class, which only softmax depends on.
    """

    logits: np.ndarray
    softmax: np.ndarray
    bce: np.ndarray
    nt_bce: np.ndarray
    positive_logit: float


def compute_negative_gradients(
    logits: ArrayLike, nu: ArrayLike, lam: float, positive_logit: float = 3.0
) -> NegativeGradients:
    r"""Differentiates the losses with respect to the logit of a negative (Figure 3, Eq. 6).

    .. math::
        \frac{\partial L_{CE}}{\partial z} = \frac{e^z}{e^z + e^{z_+}}, \quad
        \frac{\partial L_{BCE}}{\partial z} = \sigma(z), \quad
        \frac{\partial L_{NT}}{\partial z} = \sigma(\lambda (z - \nu))

    The softmax is over two classes: the negative, and the true one with logit :math:`z_+`.

    Shape:
        - logits: (Z); nu: (K), class biases.
    """
    z = torch.as_tensor(np.asarray(logits, dtype=np.float64))
    nu = torch.as_tensor(np.asarray(nu, dtype=np.float64))
    softmax = _gradient(lambda z: _softmax_loss(z, positive_logit), z)
    bce = _gradient(lambda z: BCELoss().terms(z, torch.zeros_like(z)), z)
    z_by_class = z[:, None].repeat(1, len(nu))
    nt_bce = _gradient(
        lambda z: distribution_balanced_loss(z, torch.zeros_like(z), nu, lam), z_by_class
    )
    return NegativeGradients(z.numpy(), softmax, bce, nt_bce.T, positive_logit)


def _softmax_loss(z: Tensor, positive_logit: float) -> Tensor:
    both = torch.stack([z, torch.full_like(z, positive_logit)], dim=1)
    return F.cross_entropy(both, torch.ones(len(z), dtype=torch.long), reduction='none')


def _gradient(terms: Callable[[Tensor], Tensor], z: Tensor) -> np.ndarray:
    z = z.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(terms(z).sum(), z)
    return gradient.numpy()


def plot_negative_gradients(
    axes: Axes,
    gradients: NegativeGradients,
    labels: Sequence[str],
    scale: Literal['linear', 'log'] = 'linear',
) -> None:
    """Draws one curve per loss, with labels for a legend that the caller adds.

    Args:
        axes: Where to draw.
        gradients: What to draw.
        labels: One for each class bias of NT-BCE. There are three looks.
        scale: Scale of the gradient axis, ``'linear'`` or ``'log'``.
    """
    softmax_label = f'softmax CE, positive at {gradients.positive_logit:g}'
    axes.plot(gradients.logits, gradients.softmax, '--', color=ORANGE, label=softmax_label)
    axes.plot(gradients.logits, gradients.bce, '-', color=BLACK, label='BCE')
    looks = [(BLUE, '-', 's'), (VERMILION, '-.', '^'), (SKY, ':', 'o')]
    every = max(1, len(gradients.logits) // 12)
    for k, (curve, label) in enumerate(zip(gradients.nt_bce, labels, strict=True)):
        colour, line, marker = looks[k % len(looks)]
        # The markers are offset, so that curves that nearly coincide are both visible.
        offset = k * every // len(labels)
        axes.plot(
            gradients.logits, curve, label=label, color=colour, linestyle=line, marker=marker,
            markersize=5, markevery=(offset, every),
        )  # fmt: skip
    axes.set_yscale(scale)
    if scale == 'log':
        axes.set_ylim(1e-6, 2)  # smaller gradients teach nothing
    axes.set_xlabel('logit z of a negative')
    axes.set_ylabel('gradient of the loss with respect to z')
