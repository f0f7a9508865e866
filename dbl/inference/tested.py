"""How good decisions are on images that they were not learnt on, and tables of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from rich.table import Table
from rich.text import Text

from dbl.evaluation.calibration_error import expected_calibration_error
from dbl.evaluation.per_class import PerClass, per_class
from dbl.inference.decisions import Decisions, scores_of

Lines = list[list[str]]


@dataclass(frozen=True)
class Tested:
    """How good decisions are.

    Attributes:
        by_class: Precision, recall and F1.
        at_half: The same of plain sigmoids, where 1/2 is enough.
        calibration_errors: Expected calibration error, mean over the classes: of plain sigmoids,
            and of the scores.
    """

    by_class: PerClass
    at_half: PerClass
    calibration_errors: tuple[float, float]


def tested(decisions: Decisions, logits: np.ndarray, targets: np.ndarray) -> Tested:
    """Measures decisions.

    Shape:
        - logits: (N, C); targets: (N, C), multi-hot.

    >>> decisions = Decisions('given', 0, [0.4], ['all'])
    >>> found = tested(decisions, np.array([[0.0], [-1.0]]), np.array([[1], [1]]))
    >>> found.by_class.recall.tolist(), found.by_class.support.tolist()
    ([0.5], [2])
    >>> class_lines(found, decisions, ['cat'], [7])[1]
    ['cat', '7', '0.400', 'all', '100.00', '50.00', '66.67', '2']
    >>> group_lines(found, {'tail': [0]}, [7])[-1]
    ['tail', '100.00', '50.00', '66.67', '66.67']
    """
    plain, scores = scores_of(logits, None), decisions.scores(logits)
    before, after = (expected_calibration_error(own, targets).mean() for own in (plain, scores))
    return Tested(
        per_class(decisions.decide(scores), targets),
        per_class(plain >= 0.5, targets),
        (float(before), float(after)),
    )


def class_lines(
    found: Tested, decisions: Decisions, classes: Sequence[str], class_freq: Sequence[int]
) -> Lines:
    """A line for each class, under a heading: its threshold, whose images decided, and measures."""
    by_class = found.by_class
    lines = ['class, trained on, threshold, decided by, precision, recall, F1, support'.split(', ')]
    for c, name in enumerate(classes):
        threshold = decisions.thresholds[c]
        enough = 'never' if threshold is None else f'{threshold:.3f}'
        shares = [_percent(own[c]) for own in (by_class.precision, by_class.recall, by_class.f1)]
        head = [name, str(class_freq[c]), enough, decisions.chosen[c]]
        lines.append([*head, *shares, str(by_class.support[c])])
    return lines


def group_lines(
    found: Tested, groups: Mapping[str, Sequence[int]], class_freq: Sequence[int]
) -> Lines:
    """A line for all classes and for each group, under a heading: the means of the measures.

    A class without training images is left out, as it is of the mAPs.
    """
    trained = np.asarray(class_freq) > 0
    own, half = (measured.means(groups, trained) for measured in (found.by_class, found.at_half))
    lines = [['group', 'precision', 'recall', 'F1', 'F1 at 0.5']]
    for group in ('total', *groups):
        shares = [own[f'{name}/{group}'] for name in ('precision', 'recall', 'F1')]
        lines.append([group, *map(_percent, [*shares, half[f'F1/{group}']])])
    return lines


def _percent(value: float) -> str:
    return '-' if np.isnan(value) else f'{100 * value:.2f}'


def as_table(title: str, lines: Lines) -> Table:
    """Lays out lines, of which the first is the heading, for the terminal."""
    table = Table(title=title, title_justify='left')
    for number, name in enumerate(lines[0]):
        table.add_column(name, justify='left' if number == 0 else 'right', overflow='fold')
    for line in lines[1:]:
        table.add_row(*map(Text, line))
    return table
