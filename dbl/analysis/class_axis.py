"""An axis of classes: their names, and where head, medium and tail begin."""

from collections.abc import Collection, Mapping, Sequence
from typing import Literal

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from dbl.terminal import visible

MOST_NAMES = 100


def name_classes(
    axes: Axes, classes: Collection[int], names: Sequence[str], axis: Literal['x', 'y'] = 'x'
) -> None:
    """Writes the classes' names along an axis, in their order, unless there are more than 100."""
    texts = [visible(names[c]) for c in classes] if len(classes) <= MOST_NAMES else []
    places, size = range(len(texts)), 10 if len(classes) <= 40 else 8
    # A name is plain text, even with dollar signs in it.
    if axis == 'x':
        axes.set_xlim(-0.7, len(classes) - 0.3)
        axes.set_xticks(places, texts, rotation=90, parse_math=False, fontsize=size)
    else:
        axes.set_yticks(places, texts, parse_math=False, fontsize=size)


def mark_groups(axes: Axes, classes: Collection[int], groups: Mapping[str, Sequence[int]]) -> None:
    """Writes the groups' names above their classes, with a line where the next group begins.

    Args:
        axes: Axes with the classes along x.
        classes: Sorted by frequency, so that groups do not mix.
        groups: The classes of each group.
    """
    begin = 0
    for name, members in groups.items():
        end = begin + len(set(members) & set(classes))
        if end == begin:
            continue
        if begin:
            axes.axvline(begin - 0.5, color='0.4', linewidth=0.8, linestyle=(0, (6, 3)))
        middle = (begin + end - 1) / 2
        across = axes.get_xaxis_transform()
        axes.text(middle, 1.01, name, transform=across, ha='center', va='bottom')
        begin = end


def wide_figure(num_classes: int, *beside: float) -> tuple[Figure, list[Axes]]:
    """Makes a figure with room for the class names, and for further axes of the given widths."""
    width = min(16, max(6, 0.18 * num_classes))
    figure = Figure(figsize=(width + sum(beside), 5), layout='constrained')
    ratios = [width, *beside]
    return figure, [*figure.subplots(1, len(ratios), squeeze=False, width_ratios=ratios)[0]]
