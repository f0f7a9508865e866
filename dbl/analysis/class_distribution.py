from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike
from scipy.sparse import csr_array, sparray

from dbl.analysis.class_axis import name_classes
from dbl.analysis.colours import BLACK, BLUE, LIGHT_GREY
from dbl.longtail import expected_draws


class ClassDistribution(NamedTuple):
    """Positives of each class before and after re-sampling, the most frequent class first.

    Attributes:
        classes: Indices of the classes.
        class_freq: Training images of each class, n_i.
        draws: Expected positives of each class in a class-aware epoch.
        counted: Positives of each class in an epoch's plan, or None without a plan.
    """

    classes: np.ndarray
    class_freq: np.ndarray
    draws: np.ndarray
    counted: np.ndarray | None = None


def compute_class_distribution(
    labels: ArrayLike | sparray, plan: ArrayLike | None = None
) -> ClassDistribution:
    """Counts the positives of each class before and after re-sampling (Figures 2 and 5).

    Args:
        labels: Labels of the training set.
        plan: Image indices of a class-aware epoch. Its length gives the paper's N_e. Without a
            plan, N_e is n_max / 4.

    Shape:
        - labels: (N, C), multi-hot; plan: (D).
    """
    labels = csr_array(labels)
    class_freq = labels.sum(axis=0)
    order = np.argsort(-class_freq, kind='stable')
    if plan is None:
        return ClassDistribution(order, class_freq[order], expected_draws(labels)[order])
    plan = np.asarray(plan, dtype=int)
    draws = expected_draws(labels, len(plan) / labels.shape[1])
    counted = labels[plan].sum(axis=0)
    return ClassDistribution(order, class_freq[order], draws[order], counted[order])


def plot_class_distribution(
    axes: Axes, distribution: ClassDistribution, names: Sequence[str]
) -> None:
    """Draws bars for the training images and an epoch's draws, and dots for the expected draws.

    Args:
        axes: Where to draw.
        distribution: What to draw.
        names: The names of all classes, by index. More than 100 names are not written.
    """
    classes, class_freq, draws, counted = distribution
    places = np.arange(len(classes))
    width, shift = (0.8, 0.0) if counted is None else (0.4, 0.2)
    axes.bar(places - shift, class_freq, width, color=LIGHT_GREY, label='training images')
    if counted is not None:
        label = 'class-aware epoch, counted'
        axes.bar(places + shift, counted, width, color=BLUE, label=label)
    axes.plot(
        places + shift, draws, label='class-aware epoch, expected', linestyle='none', color=BLACK,
        marker='D', markersize=4, markeredgecolor='white', markeredgewidth=0.5,
    )  # fmt: skip
    axes.set_yscale('log' if class_freq.any() else 'linear')
    axes.set_ylabel('images')
    name_classes(axes, classes, names)
    axes.legend()
