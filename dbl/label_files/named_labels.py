"""Tables whose cells name classes: all in one cell, one a row, or one in each of several cells."""

import ast
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain

from dbl.errors import InputError, shortened
from dbl.label_files.answers import Answers
from dbl.label_files.columns import Roles
from dbl.label_files.faults import Faults
from dbl.label_files.labelled import Labelled, picture_path
from dbl.label_files.table import Cell, Table, as_cell, one_spelling
from dbl.label_files.words import is_blank

SEPARATORS = '|;,'  # and the blank, where the cells show that it is one
WHOLE = 'none'  # as a separator: each cell is one name
ONE_NAME = 'one name in each cell'


@dataclass
class _Row:
    number: int
    place: str
    image: str
    cells: list[Cell]


def read_named(
    table: Table, roles: Roles, answers: Answers, faults: Faults
) -> tuple[list[str], list[Labelled], str]:
    """Reads names of classes.

    Returns:
        The classes, ascending, each row's, and how the cells were read.
    """
    rows = list(_rows(table, roles, answers, faults))
    cells = list(chain.from_iterable(row.cells for row in rows))
    separator = _separator(table, [cell for cell in cells if isinstance(cell, str)], answers)
    named = [_names(row.cells, separator) for row in rows]
    said = 'lists' if any(isinstance(cell, list) for cell in cells) else _said(separator)
    if said == 'lists' and _are_one_hot(named):
        named = [names and _numbers_shown(names) for names in named]
        said = 'lists of 0 and 1'
    classes = _classes(chain.from_iterable(filter(None, named)))
    index = {name: c for c, name in enumerate(classes)}
    found = []
    for row, names in zip(rows, named, strict=True):
        shown = sorted({index[name] for name in names or []})
        unknown = list(index.values()) if _is_unknown(row, names, answers, faults) else []
        found.append(Labelled(row.number, row.image, shown, unknown))
    return _with_names(table, classes, answers), found, said


def _rows(table: Table, roles: Roles, answers: Answers, faults: Faults) -> Iterator[_Row]:
    width = len(table.header)
    needed = [roles.image.index, *(column.index for column in roles.labels)]
    for number, row in table.rows():
        place = table.place(number)
        if len(row) <= max(needed) or any(row[width:]):
            faults.add(
                'other number of cells', f'{place}: expected {width} cells, but got {len(row)}'
            )
            continue
        labels = [_as_list(row[column.index]) for column in roles.labels]
        sure = not roles.confidence or _is_sure(place, row[roles.confidence.index], answers, faults)
        yield _Row(number, place, picture_path(str(row[roles.image.index])), labels if sure else [])


def _as_list(cell: Cell) -> Cell:
    """A list that is written into a cell, as ``['cat', 'dog']`` or ``{"choices": ["cat"]}``."""
    if not isinstance(cell, str) or not cell.strip().startswith(('[', '{')):
        return cell
    for parse in (json.loads, ast.literal_eval):
        with suppress(ValueError, SyntaxError, RecursionError, MemoryError):
            value = as_cell(parse(cell.strip()))
            return value if isinstance(value, list) else cell
    return cell


def _is_sure(place: str, cell: Cell, answers: Answers, faults: Faults) -> bool:
    """Whether a label counts, by the cell that says how sure it is."""
    try:
        number = float(str(cell))
    except ValueError:
        faults.add('no number for a confidence', f"{place} ('{shortened(cell, 40)}')")
        return False
    if answers.confidence is None and number not in (0, 1):
        faults.add(
            'number between 0 and 1',
            f'{place} ({number:g})',
            '--confidence 0.5 counts a label from that number on',
        )
    return number >= (1 if answers.confidence is None else answers.confidence)


def _names(cells: Sequence[Cell], separator: str) -> list[str] | None:
    """The names in some cells, or None where they are blank, which says nothing."""
    names = []
    for cell in cells:
        items = cell if isinstance(cell, list) else _split(cell, separator)
        names += [one_spelling(item) for item in items if not is_blank(item)]
    is_empty_list = any(cell == [] for cell in cells) or not cells
    return names if names or is_empty_list else None


def _split(cell: str, separator: str) -> list[str]:
    if separator == WHOLE:
        return [cell]
    return cell.split(None if separator == ' ' else separator)


def _separator(table: Table, cells: Sequence[str], answers: Answers) -> str:
    """Finds what parts the names in a cell.

    Raises:
        InputError: There are blanks, and it is open whether they part names.
    """
    if answers.separator is not None:
        return answers.separator
    texts = {one_spelling(cell) for cell in cells if not is_blank(cell)}
    for separator in SEPARATORS:
        if any(separator in text for text in texts):
            return separator
    parted = [text.split() for text in texts if ' ' in text]
    if not parted:
        return WHOLE
    words = set(chain.from_iterable(parted))
    if words <= texts or all(map(str.isdecimal, words)):
        return ' '
    example = shortened(' '.join(parted[0]), 40)
    raise InputError(
        f"'{table.path}': it is open whether '{example}' is one class or several; --separator "
        "none takes it as one, --separator ' ' parts it"
    )


def _said(separator: str) -> str:
    if separator == WHOLE:
        return ONE_NAME
    return f"names parted by '{separator}'"


def _are_one_hot(named: Iterable[list[str] | None]) -> bool:
    """Whether the lists are vectors of 0 and 1, and not numbers of classes."""
    lists = [names for names in named if names]
    same = len({len(names) for names in lists}) == 1
    return (
        same
        and {item for names in lists for item in names} <= {'0', '1'}
        and any(len(set(names)) < len(names) for names in lists)
    )


def _numbers_shown(vector: Sequence[str]) -> list[str]:
    return [str(number) for number, item in enumerate(vector) if item == '1']


def _classes(names: Iterable[str]) -> list[str]:
    """All names, ascending, numbers by their value."""
    found = set(names)
    if all(map(str.isdecimal, found)):
        return sorted(found, key=int)
    return sorted(found)


def _with_names(table: Table, classes: list[str], answers: Answers) -> list[str]:
    """Gives classes that are numbers their names."""
    if not answers.names or not all(map(str.isdecimal, classes)):
        return classes
    if (most := max(map(int, classes))) >= len(answers.names):
        raise InputError(
            f"--names has {len(answers.names)} names, but '{table.path}' has a class {most}; the "
            'first name is that of class 0'
        )
    return [answers.names[int(number)] for number in classes]


def _is_unknown(row: _Row, names: list[str] | None, answers: Answers, faults: Faults) -> bool:
    """Whether a row says nothing of its picture, and counts so."""
    if names is None and answers.blank in ('refuse', 'positive'):
        faults.add(
            'no label',
            row.place,
            '--blank negative takes it as a picture of no class, --blank unknown as one of which '
            'nothing is known',
        )
    return names is None and answers.blank == 'unknown'
