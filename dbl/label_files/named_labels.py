"""Tables whose cells name classes: all in one cell, one a row, or one in each of several cells."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest

from dbl.errors import InputError, shortened
from dbl.label_files.answers import Answers
from dbl.label_files.column import quoted
from dbl.label_files.columns import Roles
from dbl.label_files.faults import Faults
from dbl.label_files.labelled import Labelled, Labels, picture_path
from dbl.label_files.numbered import Named, are_numbers, numbers_of_classes, with_names
from dbl.label_files.separators import WHOLE, find_separator, shown_separator
from dbl.label_files.table import Cell, Table
from dbl.label_files.words import BRACKETS, is_blank, one_spelling, sureness
from dbl.label_files.written_lists import as_list

QUOTED = 'a cell that holds the sign between the cells stands in "quotes"'
SCORED = re.compile(r'[:=(]\s*[01]?\.\d+\)?$')


@dataclass
class _Row:
    """The cells of a row that name classes: those that are sure enough to count, and others."""

    number: int
    place: str
    image: str
    cells: list[Cell]
    unsure: list[Cell]


def read_named(table: Table, roles: Roles, answers: Answers, faults: Faults) -> Labels:
    """Reads names of classes, which become ascending.

    Args:
        table: The table.
        roles: What its columns are for.
        answers: How its cells are read.
        faults: Gets what is wrong.
    """
    rows = list(_rows(table, roles, answers, faults))
    cells = list(chain.from_iterable(row.cells for row in rows))
    separator = find_separator(table, [cell for cell in cells if isinstance(cell, str)], answers)
    named = [_names(row.cells, separator, [] if row.unsure else None) for row in rows]
    notes = _sureness(roles, rows, named, separator, answers) if roles.confidences else {}
    said = _how(cells, separator)
    named, vectors = numbers_of_classes(table.path, named)
    classes = _classes(chain.from_iterable(filter(None, named)))
    _check_names(table, classes)
    is_numbered = bool(classes) and are_numbers(classes)
    used = {
        'separator': not said.startswith('lists'),
        'names': is_numbered,
        'confidence': bool(roles.confidences),
        'blank': None in named,
    }
    return Labels(
        with_names(table.path, classes, answers),
        _labelled(rows, named, classes, answers, faults),
        said + f', {vectors}' * bool(vectors) + ', numbers (--names)' * is_numbered,
        notes,
        frozenset(name for name, is_used in used.items() if is_used),
    )


def _labelled(
    rows: Sequence[_Row],
    named: Named,
    classes: Sequence[str],
    answers: Answers,
    faults: Faults,
) -> list[Labelled]:
    """The indices of the classes that each row shows, and of those of which it is not known."""
    index, found = {name: c for c, name in enumerate(classes)}, []
    for row, names in zip(rows, named, strict=True):
        shown = sorted({index[name] for name in names or []})
        unknown = list(index.values()) if _is_unknown(row, names, answers, faults) else []
        found.append(Labelled(row.number, row.image, shown, unknown))
    return found


def _how(cells: Sequence[Cell], separator: str) -> str:
    """How the cells were read."""
    return 'lists' if any(isinstance(c, list) for c in cells) else shown_separator(separator)


def _sureness(
    roles: Roles,
    rows: Sequence[_Row],
    named: Iterable[list[str] | None],
    separator: str,
    answers: Answers,
) -> dict[str, str]:
    """Says where the confidences are, and how many labels do not count."""
    columns = {column.index: column for column in roles.confidences}.values()
    where = f'in the column{"s" * (len(columns) > 1)} {quoted(columns)} (--confidence)'
    below = sum(len(_names(row.unsure, separator) or []) for row in rows)
    count = below + sum(len(names or []) for names in named)
    least = 1 if answers.confidence is None else answers.confidence
    return {'confidence': f'{where}; {below} of {count} labels are below {least:g}'}


def _check_names(table: Table, classes: Sequence[str]) -> None:
    odd = next((name for name in classes if name.startswith(BRACKETS)), None)
    if odd is not None:
        sure = ', of those alone whose score is high enough' if odd.startswith('{') else ''
        raise InputError(
            f"'{table.path}': '{shortened(odd, 60)}' is no name of a class; write the names with a "
            f'separator between them, such as cat|dog{sure}'
        )
    scored = [name for name in classes if SCORED.search(name)]
    if 2 * len(scored) > len(classes):
        raise InputError(
            f"'{table.path}': '{shortened(scored[0], 40)}' ends in a score; write the names alone "
            'of the classes that count, or the scores in a column of their own, called confidence'
        )


def _rows(table: Table, roles: Roles, answers: Answers, faults: Faults) -> Iterator[_Row]:
    width = len(table.header)
    needed = max(c.index for c in (roles.image, *roles.labels, *roles.confidences))
    for number, short in table.rows():
        place, row = table.place(number), _padded(short, roles)
        if len(row) <= needed or any(row[width:]):
            counted = f'{place}: expected {width} cells, but got {len(row)}'
            faults.add('other number of cells', counted, QUOTED)
            continue
        found = _Row(number, place, picture_path(str(row[roles.image.index])), [], [])
        for cell, confidence in _with_confidences(row, roles):
            is_sure = confidence is None or _is_sure(place, confidence, answers, faults)
            (found.cells if is_sure else found.unsure).append(cell)
        yield found


def _padded(row: Sequence[Cell], roles: Roles) -> Sequence[Cell]:
    """A row with empty cells behind its last name, which some files leave out."""
    indices = [column.index for column in roles.labels]
    is_whole = len(row) > max(min(indices), roles.image.index)
    if roles.form != 'columns' or roles.confidences or not is_whole:
        return row
    return [*row, *[''] * (max(indices) + 1 - len(row))]


def _with_confidences(row: Sequence[Cell], roles: Roles) -> Iterator[tuple[Cell, Cell | None]]:
    """The cells of the labels, each with that of its confidence; an empty cell needs none."""
    for label, confidence in zip_longest(roles.labels, roles.confidences):
        cell = as_list(row[label.index])
        needs_none = confidence is None or (isinstance(cell, str) and is_blank(cell))
        yield cell, None if needs_none else row[confidence.index]


def _is_sure(place: str, cell: Cell, answers: Answers, faults: Faults) -> bool:
    """Whether a label counts, by the cell that says how sure it is."""
    number = sureness(str(cell))
    if number is None:
        faults.add('no number for a confidence', f"{place} ('{shortened(cell, 40)}')")
        return False
    if answers.confidence is None and number not in (0, 1):
        faults.add(
            'number between 0 and 1',
            f'{place} ({number:g})',
            '--confidence 0.5 counts a label from that number on',
        )
    return number >= (1 if answers.confidence is None else answers.confidence)


def _names(
    cells: Sequence[Cell], separator: str, without: list[str] | None = None
) -> list[str] | None:
    """The names in some cells, or what they are without any: None, since blank says nothing."""
    names = []
    for cell in cells:
        if isinstance(cell, list):
            names += cell
        elif not is_blank(cell):  # but a class may be called none, beside another
            names += _split(cell, separator)
    spelt = [name for name in map(one_spelling, names) if name]
    return spelt if spelt or any(cell == [] for cell in cells) else without


def _split(cell: str, separator: str) -> list[str]:
    if separator == WHOLE:
        return [cell]
    return cell.split(None if separator == ' ' else separator)


def _classes(names: Iterable[str]) -> list[str]:
    """All names, ascending, numbers by their value."""
    found = set(names)
    if are_numbers(found):
        return sorted(found, key=int)
    return sorted(found)


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
