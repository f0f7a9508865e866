"""Tables with a column for each class, which says whether a picture shows it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice, pairwise
from operator import itemgetter

import numpy as np

from dbl.errors import shortened
from dbl.label_files.answers import Answers, Count
from dbl.label_files.columns import Column, Roles
from dbl.label_files.faults import Faults
from dbl.label_files.labelled import Labelled, picture_path
from dbl.label_files.line import Line
from dbl.label_files.table import Row, Table
from dbl.label_files.words import Meaning, meaning, number_in, one_spelling

NEGATIVE: Count = 'negative'
CHUNK = 100  # rows
NONE: list[int] = []  # one for all rows, of which there are many
CROSS = {'x'}  # in a form a tick, and beside another tick its opposite
ZERO, COMMA = ord('0'), ','


def read_zero_one(
    table: Table, roles: Roles, answers: Answers, faults: Faults, seen: set[Meaning]
) -> Iterator[Labelled]:
    """Reads a row a picture: the indices of the columns that say its classes.

    Args:
        table: The table.
        roles: What its columns are for.
        answers: How its cells count.
        faults: Gets what is wrong.
        seen: Gets the meanings that there are.
    """
    reader = _Cells(answers, not _has_zero(roles.labels), seen)
    image, take = roles.image.index, _taker([column.index for column in roles.labels])
    rows, width = table.rows(), len(table.header)
    labels_are_rest = [column.index for column in roles.labels] == list(range(1, width))
    while chunk := list(islice(rows, CHUNK)):
        lines = [row for _, row in chunk if labels_are_rest and isinstance(row, Line)]
        whole = len(lines) == len(chunk)
        texts = [line.rest for line in lines] if whole else _joined(chunk, width, take)
        delimiter = lines[0].delimiter if whole else COMMA
        if (shown := plain_shown(texts, len(roles.labels), delimiter)) is not None:
            if 'absent' not in seen and any(len(row) < len(roles.labels) for row in shown):
                seen.add('absent')
            if any(shown):
                seen.add('shown')
                reader.shown.add('1')
            for (number, row), classes in zip(chunk, shown, strict=True):
                yield Labelled(number, picture_path(str(row[image])), classes, NONE)
        else:
            yield from _read_one_by_one(table, roles, chunk, take, reader, faults)
    if reader.minus_is_absent and 'minus' in seen and seen & {'absent', 'blank', 'uncertain'}:
        faults.add('-1 beside other words for what is not shown', 'its cells', _UNCERTAIN)
    if reader.minus_is_absent and 'minus' in seen and 'shown' not in seen:
        faults.add('-1 without a 1', 'its cells', _UNCERTAIN)
    if reader.shown > CROSS:
        faults.add(f"x beside '{min(reader.shown - CROSS)}'", 'its cells', _CROSS)


def _joined(chunk: Sequence[Row], width: int, take: Callable) -> list[str]:
    """The cells of labels of each row, joined by commas, if all rows have as many as the header."""
    fits = all(len(row) == width for _, row in chunk)
    return [COMMA.join(map(str, take(row))) for _, row in chunk] if fits else []


def plain_shown(texts: Sequence[str], count: int, delimiter: str) -> list[list[int]] | None:
    """Where the ones stand in rows of so many cells that all are 0 or 1; None where some are not.

    >>> plain_shown(['0,1,1', '0,0,0'], 3, ',')
    [[1, 2], []]
    >>> plain_shown(['10,'], 2, ',')
    """
    text = '\n'.join([*texts, ''])
    if len(delimiter) > 1 or delimiter in '01':
        return None
    if {*map(len, texts)} != {2 * count - 1} or not text.isascii():
        return None
    found = np.frombuffer(text.encode(), np.uint8).reshape(len(texts), -1)
    bits, between = found[:, ::2] - ZERO, found[:, 1:-1:2]
    if bits.max() > 1 or (between != ord(delimiter)).any():
        return None
    rows, columns = np.nonzero(bits.view(bool))
    ends = np.searchsorted(rows, np.arange(1, len(texts) + 1)).tolist()
    indices = columns.tolist()
    return [indices[start:end] for start, end in pairwise([0, *ends])]


def _read_one_by_one(
    table: Table,
    roles: Roles,
    rows: Iterable[Row],
    take: Callable[[Sequence], Sequence[str]],
    reader: '_Cells',
    faults: Faults,
) -> Iterator[Labelled]:
    width = len(table.header)
    for number, row in rows:
        if len(row) < width or any(row[width:]):
            faults.add(f'{len(row)} cells instead of {width}', table.place(number))
            continue
        cells = [cell if isinstance(cell, str) else str(cell) for cell in take(row)]
        shown, unknown = reader.read(cells)
        for index in reader.problems(cells):
            what, helps = _FAULTS.get(meaning(cells[index]), _OTHER)
            odd = shortened(one_spelling(cells[index]), 40)
            cell = f": '{odd}'" if meaning(odd) == 'other' else ''
            faults.add(what, f"{table.place(number)} ('{roles.labels[index].name}'{cell})", helps)
        yield Labelled(number, picture_path(str(row[roles.image.index])), shown, unknown)


def _has_zero(columns: Sequence[Column]) -> bool:
    return any(column.meanings['absent'] for column in columns)


def _taker(indices: Sequence[int]) -> Callable[[Sequence], Sequence[str]]:
    first, last = indices[0], indices[-1]
    if list(indices) == list(range(first, last + 1)):
        return itemgetter(slice(first, last + 1))
    return lambda row: [row[index] for index in indices]


class _Cells:
    """Reads cells, each word once.

    Attributes:
        minus_is_absent: -1 means that a class is not shown, as where there is no 0.
        seen: The meanings that there were.
        shown: The words that say that a class is shown.
    """

    def __init__(self, answers: Answers, minus_is_absent: bool, seen: set[Meaning]) -> None:
        self.minus_is_absent = minus_is_absent and answers.uncertain == 'refuse'
        self.seen = seen
        self.shown: set[str] = set()
        self._answers = answers
        self._counts: dict[str, Count] = {}
        self._bad: list[str] = []

    def read(self, cells: Sequence[str]) -> tuple[list[int], list[int]]:
        """The indices of the cells that count as shown, and of those that are unknown."""
        words = set(cells)
        for word in words - self._counts.keys():
            self._counts[word] = self._count(word)
        shown = [word for word in words if self._counts[word] == 'positive']
        unknown = [word for word in words if self._counts[word] == 'unknown']
        return places(cells, shown), places(cells, unknown)

    def problems(self, cells: Sequence[str]) -> list[int]:
        """Gives the indices of the cells that are at fault."""
        return places(cells, [word for word in self._bad if word in cells])

    def _count(self, word: str) -> Count:
        kind = meaning(word)
        self.seen.add(kind)
        count = self._count_of(kind, word)
        if count == 'refuse':
            self._bad.append(word)
        if kind == 'shown':
            self.shown.add(word.strip().casefold())
        return count

    def _count_of(self, kind: Meaning, word: str) -> Count:
        least, number = self._answers.confidence, number_in(word)
        if kind == 'share' and least is not None and number is not None:
            return 'positive' if number >= least else NEGATIVE
        if kind == 'minus':
            return NEGATIVE if self.minus_is_absent else self._answers.uncertain
        known: dict[Meaning, Count] = {
            'shown': 'positive',
            'absent': NEGATIVE,
            'uncertain': self._answers.uncertain,
            'blank': self._answers.blank,
        }
        return known.get(kind, 'refuse')


def places(cells: Sequence[str], words: Sequence[str]) -> list[int]:
    """Where some words stand, ascending; it is quick where they are few.

    >>> places(['0', '1', '0', '1'], ['1'])
    [1, 3]
    """
    found = []
    for word in words:
        at = -1
        for _ in range(cells.count(word)):
            at = cells.index(word, at + 1)
            found.append(at)
    return sorted(found) if len(words) > 1 else found


_CROSS = '--positive-words x or --negative-words x says whether it is a tick or a cross'
_UNCERTAIN = '--uncertain negative, positive or unknown says how -1 counts'
_OTHER = (
    'neither 0 nor 1',
    '--positive-words and --negative-words say what words mean, --drop-columns leaves out a column '
    'that holds no class',
)
_FAULTS: dict[Meaning, tuple[str, str]] = {
    'blank': ('empty cell', '--blank negative, positive or unknown says how it counts'),
    'minus': ('-1', _UNCERTAIN),
    'uncertain': (
        'uncertain cell',
        '--uncertain negative, positive or unknown says how it counts',
    ),
    'share': (
        'number between 0 and 1',
        '--confidence 0.5 counts a label from that number on, --drop-columns leaves out a column '
        'that holds no class',
    ),
}
