"""The rows of a table that are of a picture; others, such as a row of totals, are faults."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from dbl.errors import shortened
from dbl.label_files.columns import MANY, Roles
from dbl.label_files.faults import Faults
from dbl.label_files.label_columns import Form
from dbl.label_files.table import Cell, Row, Table
from dbl.label_files.words import PICTURES, meaning, number_in

SUFFIX = re.compile(r'\.[a-z]\w*$', re.IGNORECASE)  # of whatever kind of file
HELPS = 'remove a row that is of no picture, as one of totals, or write the suffix of its file'


def pictured(table: Table, roles: Roles, faults: Faults) -> Table:
    """The table without the rows that are of no picture, which have no path.

    Where most rows have the path of a picture, a word without a suffix is none. Where pictures have
    bare names, a last row of numbers is none, if there is no number in its name.

    Args:
        table: The table.
        roles: What its columns are for.
        faults: Gets the rows.
    """
    has_path = _has_path if roles.image.pictures > MANY else _has_name

    def rows() -> Iterator[Row]:
        found = table.rows()
        row = next(found, None)
        while row is not None:
            after = next(found, None)
            if row[1] == table.header:
                faults.add('the header again', table.place(row[0]), 'remove it')
            elif has_path(row[1], roles, after is None):
                yield row
            else:
                faults.add('no picture', _place(table, row, roles), HELPS)
            row = after

    return replace(table, rows=rows)


def _place(table: Table, row: Row, roles: Roles) -> str:
    number, cells = row
    word = shortened(_name(cells, roles), 40)
    return f"{table.place(number)} ('{word}')" if word else table.place(number)


def _name(row: Sequence[Cell], roles: Roles) -> str:
    """The cell of the picture; that a row is too short, its reader says."""
    return str(row[roles.image.index]).strip() if roles.image.index < len(row) else 'a.jpg'


def _has_path(row: Sequence[Cell], roles: Roles, _: bool) -> bool:
    name = _name(row, roles)
    return name.endswith(PICTURES) or '://' in name or SUFFIX.search(name) is not None


def _has_name(row: Sequence[Cell], roles: Roles, is_last: bool) -> bool:
    name = _name(row, roles)
    if roles.form is not Form.CLASS_COLUMNS or not is_last or any(map(str.isdecimal, name)):
        return bool(name)
    cells = [str(row[column.index]) for column in roles.labels if column.index < len(row)]
    are_numbers = all(number_in(cell) is not None for cell in cells)
    return not are_numbers or not any(meaning(cell) in ('other', 'share') for cell in cells)
