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
    image, are_paths = roles.image.index, roles.image.pictures > MANY
    first = table.header[image].strip()

    def rows() -> Iterator[Row]:
        found = table.rows()
        row = next(found, None)
        while row is not None:
            number, cells = row
            row = next(found, None)
            # A row that is too short is named by its reader.
            name = str(cells[image]).strip() if image < len(cells) else 'a.jpg'
            is_picture = is_path(name) if are_paths else name != ''
            if row is None and not are_paths:
                is_picture = is_picture and not _is_total(name, cells, roles)
            if name == first and cells == table.header:
                faults.add('the header again', table.place(number), 'remove it')
            elif is_picture:
                yield number, cells
            else:
                faults.add('no picture', _place(table, number, name), HELPS)

    return replace(table, rows=rows)


def _place(table: Table, number: int, name: str) -> str:
    word = shortened(name, 40)
    return f"{table.place(number)} ('{word}')" if word else table.place(number)


def is_path(name: str) -> bool:
    """Whether a cell is the path of a file, or its address.

    >>> is_path('a.jpg'), is_path('a.dcm'), is_path('total')
    (True, True, False)
    """
    return name.endswith(PICTURES) or '://' in name or SUFFIX.search(name) is not None


def _is_total(name: str, row: Sequence[Cell], roles: Roles) -> bool:
    """Whether a last row has no number in its name, and numbers in all columns of classes."""
    if roles.form is not Form.CLASS_COLUMNS or any(map(str.isdecimal, name)):
        return False
    cells = [str(row[column.index]) for column in roles.labels if column.index < len(row)]
    are_numbers = all(number_in(cell) is not None for cell in cells)
    return are_numbers and any(meaning(cell) in ('other', 'share') for cell in cells)
