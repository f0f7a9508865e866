from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike
from scipy.sparse import csr_array, sparray
from scipy.special import expit

from dbl.analysis.class_axis import name_classes
from dbl.analysis.colours import BLACK, BLUE, LIGHT_GREY, VERMILION


class ClassBalance(NamedTuple):
    """Each class's share of the positives, relative to an equal share, which is 1.

    Attributes:
        classes: Indices of the classes, the most frequent first.
        images: The share in the training images.
        resampled: The expected share in what class-aware sampling draws.
        reweighted: The same, with each positive counted by its re-balanced weight.
    """

    classes: np.ndarray
    images: np.ndarray
    resampled: np.ndarray
    reweighted: np.ndarray


def compute_class_balance(
    labels: ArrayLike | sparray, alpha: float, beta: float, mu: float
) -> ClassBalance:
    r"""Follows the positives of each class through re-sampling and re-balanced weighting.

    Class-aware sampling draws image k in proportion to :math:`\sum_{j: y_j^k = 1} 1 / n_j`.
    Weights of :math:`r_i^k` itself would therefore give each class the same share. The smoothing
    :math:`\hat r = \alpha + \sigma(\beta (r - \mu))` keeps part of the imbalance.

    Args:
        labels: Labels of the training set.
        alpha: Lift of the weight.
        beta: Slope of its smoothing.
        mu: Centre of its smoothing.

    Shape:
        - labels: (N, C), multi-hot. A class without images has no share.
    """
    images, classes = csr_array(labels).nonzero()
    class_freq = np.bincount(classes, minlength=np.shape(labels)[1])
    inverse = 1 / class_freq[classes]
    repeats = np.bincount(images, inverse)[images]  # of each positive's image
    weight = alpha + expit(beta * (inverse / repeats - mu))
    order = np.argsort(-class_freq, kind='stable')
    counts = (np.bincount(classes, w, len(order)) for w in (None, repeats, repeats * weight))
    return ClassBalance(order, *((own / own.mean())[order] for own in counts))


def plot_class_balance(axes: Axes, balance: ClassBalance, names: Sequence[str]) -> None:
    """Draws the training images as bars, and how the method's two steps level them.

    Args:
        axes: Where to draw.
        balance: What to draw.
        names: The names of all classes, by index. More than 100 names are not written.
    """
    places = np.arange(len(balance.classes))
    axes.bar(places, balance.images, 0.8, color=LIGHT_GREY, label='training images')
    axes.plot(places, balance.resampled, 's--', markersize=4, color=BLUE, label='re-sampled')
    label = 're-sampled and re-weighted'
    axes.plot(places, balance.reweighted, 'o-', markersize=4, color=VERMILION, label=label)
    axes.axhline(1, color=BLACK, linewidth=0.8, linestyle=':')
    axes.set_yscale('log')
    axes.set_ylabel('positives of a class\nrelative to an equal share')
    name_classes(axes, balance.classes, names)
    axes.legend()
