from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.sparse import csr_array

from dbl.longtail import expected_draws


def save_class_distribution(path: Path, classes: Sequence[str], labels: csr_array) -> None:
    """Draws the distribution of a training set with labels (N, C) into a picture."""
    class_freq = labels.sum(axis=0)
    figure = Figure(figsize=(min(40, max(6, 0.18 * len(classes))), 4.5))
    draws = expected_draws(labels, max(class_freq) / 4)
    plot_class_distribution(figure.subplots(), classes, class_freq, draws)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=150, bbox_inches='tight')


def plot_class_distribution(
    axes: Axes, classes: Sequence[str], class_freq: Sequence[int], draws: Sequence[float]
) -> None:
    """Bars of the classes' training images, the most frequent first, and their expected draws.

    Args:
        axes: Where to draw.
        classes: The class names.
        class_freq: Training images of each class.
        draws: Expected positives of each class in a class-aware epoch.
    """
    order = np.argsort(-np.asarray(class_freq), kind='stable')
    places = np.arange(len(order))
    axes.bar(places, np.asarray(class_freq)[order], color='0.7', label='training images')
    axes.plot(places, np.asarray(draws)[order], 'k.', label='class-aware epoch, expected')
    axes.set_yscale('log')
    axes.set_ylabel('images')
    axes.set_xlim(-0.7, len(order) - 0.3)
    named = len(order) <= 100
    axes.set_xticks(places if named else [], [classes[i] for i in order] if named else [])
    axes.tick_params(axis='x', rotation=90)
    axes.legend()
