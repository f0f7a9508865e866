from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike
from scipy.sparse import csr_array, sparray

from dbl.analysis.class_axis import name_classes
from dbl.longtail import conditional_probability


class ConditionalProbability(NamedTuple):
    """How often classes appear together, the most frequent class first.

    Attributes:
        classes: Indices of the classes.
        shares: (C, C), p(i|j) in row i and column j, both in the order of ``classes``.
    """

    classes: np.ndarray
    shares: np.ndarray


def compute_conditional_probability(labels: ArrayLike | sparray) -> ConditionalProbability:
    """Computes which share of the images of class j also show class i (Figure 2).

    Shape:
        - labels: (N, C), multi-hot.
    """
    labels = csr_array(labels)
    order = np.argsort(-labels.sum(axis=0), kind='stable')
    shares = conditional_probability(labels).toarray()
    return ConditionalProbability(order, shares[np.ix_(order, order)])


def plot_conditional_probability(
    axes: Axes, probability: ConditionalProbability, names: Sequence[str]
) -> None:
    """Draws the shares as a heat map, dark where they are large, with a scale beside it."""
    # Greys lose nothing in print, nor for colour-blind readers.
    image = axes.imshow(probability.shares, cmap='Greys', vmin=0, vmax=1, interpolation='none')
    name_classes(axes, probability.classes, names)
    name_classes(axes, probability.classes, names, axis='y')
    axes.set_xlim(-0.5, len(probability.classes) - 0.5)
    axes.set_xlabel('given class j')
    axes.set_ylabel('other class i')
    label = 'p(i|j): share of the images of j that also show i'
    axes.figure.colorbar(image, ax=axes, label=label, fraction=0.04, pad=0.02)
