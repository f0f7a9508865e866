"""Tables with a column for each class, in the words of their owner."""

import gc
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from dbl.label_files.answers import Answers
from dbl.label_files.columns import Roles
from dbl.label_files.faults import Faults
from dbl.label_files.labelled import Cells, Labels
from dbl.label_files.own_words import OPTIONS, own_words
from dbl.label_files.table import Cell, Row, Table
from dbl.label_files.words import Meaning
from dbl.label_files.zero_one import read_zero_one


def read_class_columns(table: Table, roles: Roles, answers: Answers, faults: Faults) -> Labels:
    """Reads the columns of the classes.

    Args:
        table: The table.
        roles: What its columns are for.
        answers: How its cells are read.
        faults: Gets what is wrong.
    """
    words, met, seen = own_words(answers), set[str](), set[Meaning]()
    known = in_ones_and_zeros(table, {column.index for column in roles.labels}, words, met)
    with paused_collector():
        rows = list(read_zero_one(known, roles, answers, faults, seen))
    notes = {}
    if met:
        notes['words'] = ', '.join(f"'{word}' as {words[word]}" for word in words if word in met)
        notes['words'] += ' (--positive-words, --negative-words)'
    minus_is_no = answers.uncertain == 'refuse' and 'minus' in seen
    if minus_is_no:
        notes['-1'] = 'counts as not shown (--uncertain)'
    used = _used(seen) | {OPTIONS[words[word]] for word in met}
    classes = [column.name for column in roles.labels]
    return Labels(classes, rows, Cells.ZERO_OR_ONE, '0 or 1', notes, used, minus_is_no)


@contextmanager
def paused_collector() -> Iterator[None]:
    """Pauses the garbage collector, which would go through all rows again and again.

    They hold no cycles. It is a fifth of the time of a wide table.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def in_ones_and_zeros(
    table: Table, columns: Collection[int], words: Mapping[str, str], met: set[str]
) -> Table:
    """The table with the owner's words in some columns as 1 and 0.

    Args:
        table: The table.
        columns: The indices of the columns.
        words: What the words mean.
        met: Gets the words that there are, as the rows are gone through.
    """

    def known(cell: Cell) -> Cell:
        word = cell.strip().casefold() if isinstance(cell, str) else ''
        if word not in words:
            return cell
        met.add(word)
        return words[word]

    def rows() -> Iterator[Row]:
        for number, row in table.rows():
            yield number, [known(cell) if i in columns else cell for i, cell in enumerate(row)]

    return replace(table, rows=rows) if words else table


def _used(seen: Collection[Meaning]) -> frozenset[str]:
    """The answers that cells of some meanings are read by."""
    of = {'share': 'confidence', 'minus': 'uncertain', 'uncertain': 'uncertain', 'blank': 'blank'}
    return frozenset(option for kind, option in of.items() if kind in seen)
