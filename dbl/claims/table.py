"""The table of the paper's claims: what finished runs say about each."""

from collections.abc import Sequence

import numpy as np

from dbl.claims.answers import Answer
from dbl.claims.claim import Measure
from dbl.claims.resampled import DRAWS
from dbl.claims.verdict import ENOUGH_SEEDS
from dbl.results.runs import GROUPS

MEASURED = {
    'map': 'mAP points at the last epoch',
    'f1': 'points of macro F1, at the epoch and with the threshold that validation chose',
}
MORE = {
    'map': 'Spearman\'s correlation stands in the column "total", unscaled.',
    'f1': 'A row alone has its own value.',
}
HEADER = ['claim', 'rows', 'by', 'n', *GROUPS, 'verdict']


def claim_lines(answers: Sequence[Answer]) -> list[list[str]]:
    """Lays out answers, header first: differences in points, with their intervals."""
    return [HEADER, *map(_line, answers)]


def _line(answer: Answer) -> list[str]:
    numbers = zip(answer.mean, answer.low, answer.high, strict=True)
    cells = [_with_interval(*own, answer.digits) for own in numbers]
    n = str(len(answer.seeds))
    return [answer.claim, answer.pair, answer.group, n, *cells, answer.verdict]


def _with_interval(mean: float, low: float, high: float, digits: int) -> str:
    if np.isnan(mean):
        return '-'
    if any(end and not round(end, digits) for end in (low, high)):
        digits += 1  # whether 0 lies within must be seen
    return f'{mean:+.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]'


def how_to_read(answers: Sequence[Answer], draws: int = DRAWS, measure: Measure = 'map') -> str:
    """Says in a few sentences what the table's numbers are."""
    return (
        f'Differences in {MEASURED[measure]}, within each seed, with 95 % intervals from '
        f'{draws:,} draws of test pictures and seeds together. A claim is "shown" if the interval '
        'of the group that decides (column "by") lies on its side of 0 and every seed agrees, "the '
        'opposite" if both lie on the other side, and "not shown" otherwise. The number of seeds '
        f'is given if there are fewer than {ENOUGH_SEEDS}. {MORE[measure]} Of {len(answers)} '
        'comparisons, one in twenty may exclude 0 by chance.'
    )
