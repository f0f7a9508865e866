from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike
from scipy.sparse import csr_array, sparray

from dbl.analysis.class_axis import name_classes
from dbl.analysis.colours import BLUE


class SamplingVariance(NamedTuple):
    """The variance of each class, the most frequent class first.

    Attributes:
        classes: Indices of the classes.
        variance: Variance of the normalised sampling frequency within each class.
    """

    classes: np.ndarray
    variance: np.ndarray


def sampling_variance(labels: ArrayLike | sparray) -> np.ndarray:
    r"""Variance, over each class's images, of how often class-aware sampling draws them.

    Class-aware sampling draws image k in proportion to :math:`\sum_{j: y_j^k = 1} 1 / n_j`. For
    class i alone, it would draw each of its images in proportion to :math:`1 / n_i`. The
    normalised sampling frequency is the ratio of the two. It is the inverse of the :math:`r_i^k`
    by which re-balanced weighting discounts:

    .. math::
        f_i^k = \frac{1}{r_i^k} = n_i \sum_{j: y_j^k = 1} \frac{1}{n_j}, \quad
        v_i = \frac{1}{n_i} \sum_{k: y_i^k = 1} (f_i^k - \bar f_i)^2, \quad
        \bar f_i = \frac{1}{n_i} \sum_{k: y_i^k = 1} f_i^k = \sum_j p(i|j)

    The variance is 0 where all images of a class are drawn equally often, as if each showed that
    class alone. The paper names the quantity but gives no formula: this reading is ours.

    Shape:
        - labels: (N, C), multi-hot. Output: (C), NaN for a class without images.
    """
    labels = csr_array(labels)
    class_freq = labels.sum(axis=0)
    images, classes = labels.nonzero()
    expected_repeats = labels @ (1 / np.maximum(class_freq, 1))
    frequency = class_freq[classes] * expected_repeats[images]
    n = np.where(class_freq > 0, class_freq, np.nan)
    mean = np.bincount(classes, frequency, minlength=len(n)) / n
    deviation = frequency - mean[classes]
    # For images drawn equally often only rounding is left, which a logarithmic axis would show.
    deviation[np.abs(deviation) < 1e-12 * frequency] = 0
    return np.bincount(classes, deviation**2, minlength=len(n)) / n


def compute_sampling_variance(labels: ArrayLike | sparray) -> SamplingVariance:
    """Sorts :func:`sampling_variance` by class frequency (Figure 5).

    Shape:
        - labels: (N, C), multi-hot.
    """
    labels = csr_array(labels)
    order = np.argsort(-labels.sum(axis=0), kind='stable')
    return SamplingVariance(order, sampling_variance(labels)[order])


def plot_sampling_variance(axes: Axes, variance: SamplingVariance, names: Sequence[str]) -> None:
    """Draws one bar per class on a logarithmic axis, except where the variance is 0."""
    axes.bar(np.arange(len(variance.classes)), variance.variance, color=BLUE)
    axes.set_yscale('log' if np.nansum(variance.variance) > 0 else 'linear')
    axes.set_ylabel('variance of the normalised\nsampling frequency (no bar: 0)')
    name_classes(axes, variance.classes, names)
