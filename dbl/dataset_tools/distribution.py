"""The picture of the classes' distribution that goes with the tables of statistics."""

import warnings
from pathlib import Path

from dbl.datasets.annotations import Annotations
from dbl.errors import InputError


def save_distribution(path: Path, train: Annotations) -> None:
    """Draws how many training images each class has.

    Raises:
        InputError: Pictures of that suffix cannot be drawn.
    """
    from matplotlib.figure import Figure  # slow, and only needed here

    from dbl.analysis.class_distribution import compute_class_distribution, plot_class_distribution

    figure = Figure(figsize=(min(40, max(6, 0.18 * len(train.classes))), 4.5))
    distribution = compute_class_distribution(train.labels)
    plot_class_distribution(figure.subplots(), distribution, train.classes)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings('ignore', 'Glyph')  # a box stands for what the font lacks
            figure.savefig(path, dpi=150, bbox_inches='tight')
    except ValueError as error:  # for an unknown suffix
        raise InputError(f"cannot draw '{path}': {error}") from error
