from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike
from scipy.sparse import csr_array, sparray

from dbl.longtail import expected_draws


class ClassDistribution(NamedTuple):
    """Classes by their training images, the most frequent first.

    Attributes:
        classes: Indices of the classes.
        class_freq: Training images of each, n_i.
        draws: Expected positives of each in a class-aware epoch of n_max / 4 draws a class.
    """

    classes: np.ndarray
    class_freq: np.ndarray
    draws: np.ndarray


def compute_class_distribution(labels: ArrayLike | sparray) -> ClassDistribution:
    """Sorts the classes of training labels, (N, C), multi-hot."""
    class_freq = csr_array(labels).sum(axis=0)
    order = np.argsort(-class_freq, kind='stable')
    return ClassDistribution(order, class_freq[order], expected_draws(labels)[order])


def plot_class_distribution(
    axes: Axes, distribution: ClassDistribution, names: Sequence[str]
) -> None:
    """Draws bars of the training images, and dots of the expected draws.

    Args:
        axes: Where to draw.
        distribution: What to draw.
        names: The names of all classes, by index; more than 100 are not written.
    """
    places = np.arange(len(distribution.classes))
    axes.bar(places, distribution.class_freq, color='0.7', label='training images')
    axes.plot(places, distribution.draws, 'k.', label='class-aware epoch, expected')
    axes.set_yscale('log' if distribution.class_freq.any() else 'linear')
    axes.set_ylabel('images')
    axes.set_xlim(-0.7, len(places) - 0.3)
    if len(places) <= 100:
        axes.set_xticks(places, [names[c] for c in distribution.classes], parse_math=False)
    else:
        axes.set_xticks([])
    axes.tick_params(axis='x', rotation=90)
    axes.legend()
