"""One row for each picture, of tables that have several rows of one."""

from collections.abc import Iterable
from typing import NamedTuple

from dbl.errors import shortened
from dbl.label_files.faults import Faults
from dbl.label_files.labelled import Labelled
from dbl.label_files.table import Table

JOINS = '--repeated union joins them'


class ByPicture(NamedTuple):
    """One row for each picture.

    Attributes:
        rows: In the order in which the pictures come first.
        joined: How many rows were joined with one before.
        notes: What is to be said.
    """

    rows: list[Labelled]
    joined: int
    notes: dict[str, str]


def by_picture(
    table: Table, rows: Iterable[Labelled], joins: bool, faults: Faults, helps: str = JOINS
) -> ByPicture:
    """Makes one row for each picture.

    Args:
        table: The table, for messages.
        rows: Its rows.
        joins: Whether rows of one picture but of other labels are joined.
        faults: Gets those that are not.
        helps: What helps against them.
    """
    found: dict[str, Labelled] = {}
    equal = joined = 0
    for row in rows:
        first = found.setdefault(row.image, row)
        if first is row:
            continue
        if first[2:] == row[2:]:
            equal += 1
        elif joins:
            found[row.image] = _joined(first, row)
            joined += 1
        else:
            place = f"{table.place(row.number)} ('{shortened(row.image, 40)}' of {first.number})"
            faults.add('picture again, with other labels', place, helps)
    notes = {'rows that repeat another': f'{equal}, left out'} if equal else {}
    if joined:
        notes['rows of a picture'] = f'{joined} joined with the one before'
    return ByPicture(list(found.values()), joined, notes)


def _joined(one: Labelled, other: Labelled) -> Labelled:
    shown = {*one.shown, *other.shown}
    unknown = {*one.unknown, *other.unknown} - shown
    return one._replace(shown=sorted(shown), unknown=sorted(unknown))
