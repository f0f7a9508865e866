"""Tables whose cells name classes: all in one cell, one a row, or one in each of several cells."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest

from dbl.errors import InputError, shortened
from dbl.label_files.answers import Answers
from dbl.label_files.column import quoted
from dbl.label_files.columns import Roles
from dbl.label_files.faults import Faults
from dbl.label_files.labelled import Labelled, Labels, picture_path
from dbl.label_files.separators import WHOLE, find_separator, shown_separator
from dbl.label_files.table import Cell, Table
from dbl.label_files.words import BRACKETS, is_blank, meaning, number_in, one_spelling
from dbl.label_files.written_lists import as_list

BITS = frozenset(['0', '1', '0.0', '1.0', 'false', 'true'])


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
    named, said = _understood(named, cells, separator)
    classes = _classes(chain.from_iterable(filter(None, named)))
    _check_names(table, classes)
    are_numbers = bool(classes) and all(map(str.isdecimal, classes))
    used = {
        'separator': not said.startswith('lists'),
        'names': are_numbers,
        'confidence': bool(roles.confidences),
        'blank': None in named,
    }
    return Labels(
        _with_names(table, classes, answers),
        _labelled(rows, named, classes, answers, faults),
        said + ', numbers (--names)' * are_numbers,
        notes,
        frozenset(name for name, is_used in used.items() if is_used),
    )


def _labelled(
    rows: Sequence[_Row],
    named: Sequence[list[str] | None],
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


def _understood(
    named: list[list[str] | None], cells: Sequence[Cell], separator: str
) -> tuple[list[list[str] | None], str]:
    """The names in each row, None where it says nothing, and how the cells were read."""
    if not any(isinstance(cell, list) for cell in cells):
        return named, shown_separator(separator)
    if _are_one_hot(named):
        return [names and _numbers_shown(names) for names in named], 'lists of 0 and 1'
    return named, 'lists'


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
        raise InputError(
            f"'{table.path}': '{shortened(odd, 40)}' is no name of a class; write the names with a "
            'separator between them, such as cat|dog'
        )


def _rows(table: Table, roles: Roles, answers: Answers, faults: Faults) -> Iterator[_Row]:
    width = len(table.header)
    needed = max(c.index for c in (roles.image, *roles.labels, *roles.confidences))
    for number, row in table.rows():
        place = table.place(number)
        if len(row) <= needed or any(row[width:]):
            faults.add(
                'other number of cells', f'{place}: expected {width} cells, but got {len(row)}'
            )
            continue
        found = _Row(number, place, picture_path(str(row[roles.image.index])), [], [])
        for cell, confidence in _with_confidences(row, roles):
            is_sure = confidence is None or _is_sure(place, confidence, answers, faults)
            (found.cells if is_sure else found.unsure).append(cell)
        yield found


def _with_confidences(row: Sequence[Cell], roles: Roles) -> Iterator[tuple[Cell, Cell | None]]:
    """The cells of the labels, each with that of its confidence; an empty cell needs none."""
    for label, confidence in zip_longest(roles.labels, roles.confidences):
        cell = as_list(row[label.index])
        needs_none = confidence is None or (isinstance(cell, str) and is_blank(cell))
        yield cell, None if needs_none else row[confidence.index]


def _is_sure(place: str, cell: Cell, answers: Answers, faults: Faults) -> bool:
    """Whether a label counts, by the cell that says how sure it is."""
    number = number_in(str(cell))
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


def _are_one_hot(named: Iterable[list[str] | None]) -> bool:
    """Whether the lists are vectors of 0 and 1, and not numbers of classes."""
    lists = [names for names in named if names]
    same = len({len(names) for names in lists}) == 1
    return (
        same
        and {item for names in lists for item in names} <= BITS
        and any(len(set(names)) < len(names) for names in lists)
    )


def _numbers_shown(vector: Sequence[str]) -> list[str]:
    return [str(number) for number, item in enumerate(vector) if meaning(item) == 'shown']


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
