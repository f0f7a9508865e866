"""Tables whose cells name classes: all in one cell, one a row, or one in each of several cells."""

import re
from collections.abc import Iterable, Sequence
from itertools import chain

from dbl.errors import InputError, shortened
from dbl.label_files.answers import Answers
from dbl.label_files.column import quoted
from dbl.label_files.columns import Roles
from dbl.label_files.faults import Faults
from dbl.label_files.labelled import Cells, Labelled, Labels
from dbl.label_files.named_rows import NamedRow, named_rows
from dbl.label_files.numbered import Named, are_numbers, numbers_of_classes, with_names
from dbl.label_files.separators import WHOLE, find_separator, shown_separator
from dbl.label_files.table import Cell, Table
from dbl.label_files.words import BRACKETS, is_nothing, one_spelling

# A score, or whether the class is shown, behind its name.
SCORED = re.compile(
    r'(?:[:=(]\s*|\s)(?:0?\.\d+|1\.0+)\)?$|[:=]\s*(?:[01]|true|false|\d+\s*%)$', re.IGNORECASE
)
GRADED = re.compile(r'([^:=]+)[:=]\s*(?:[2-9]|\d\d+)$')  # with DR:2, DR:1 is a grade
QUOTES = ('"', "'")
NO_ITEM = {'', 'nan', 'NaN', 'null', '-'}


def read_named(table: Table, roles: Roles, answers: Answers, faults: Faults) -> Labels:
    """Reads names of classes, which become ascending.

    Args:
        table: The table.
        roles: What its columns are for.
        answers: How its cells are read.
        faults: Gets what is wrong.
    """
    met = set[str]()
    rows = list(named_rows(table, roles, answers, faults, met))
    cells = list(chain.from_iterable(row.cells for row in rows))
    texts = [cell for cell in cells if isinstance(cell, str)]
    _check_brackets(table, map(one_spelling, texts))
    separator = find_separator(table, texts, answers)
    named = [_names(row.cells, separator, [] if row.unsure else None) for row in rows]
    notes = _sureness(roles, rows, named, separator, answers) if roles.confidences else {}
    named, vectors = numbers_of_classes(table.path, named)
    classes = _classes(chain.from_iterable(filter(None, named)))
    _check_names(table, classes)
    kind, is_numbered = _kind(cells, separator), bool(classes) and are_numbers(classes)
    return Labels(
        with_names(table.path, classes, answers, table.class_names),
        _labelled(rows, named, classes, answers, faults),
        kind,
        _said(kind, separator, vectors, _numbered(table) if is_numbered else ''),
        notes,
        _used(kind, roles, named, is_numbered) | met,
    )


def _numbered(table: Table) -> str:
    return f'numbers{" that the file names" * bool(table.class_names)} (--names)'


def _said(kind: Cells, separator: str, vectors: str, numbered: str) -> str:
    """How the cells were read."""
    said = 'lists' if kind is Cells.LISTS else shown_separator(separator)
    return ', '.join(filter(None, [said, vectors, numbered]))


def _used(kind: Cells, roles: Roles, named: Named, is_numbered: bool) -> frozenset[str]:
    """The answers that the cells were read by."""
    used = {
        'separator': kind is not Cells.LISTS,
        'names': is_numbered,
        'confidence': bool(roles.confidences),
        'blank': None in named,
    }
    return frozenset(name for name, is_used in used.items() if is_used)


def _labelled(
    rows: Sequence[NamedRow],
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


def _kind(cells: Sequence[Cell], separator: str) -> Cells:
    """What the cells hold."""
    if any(isinstance(cell, list) for cell in cells):
        return Cells.LISTS
    return Cells.ONE_NAME if separator == WHOLE else Cells.PARTED_NAMES


def _sureness(
    roles: Roles,
    rows: Sequence[NamedRow],
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


def _check_brackets(table: Table, names: Iterable[str]) -> None:
    odd = next((name for name in names if name.startswith(BRACKETS)), None)
    if odd is not None:
        sure = ', of those alone whose score is high enough' if odd.startswith('{') else ''
        raise InputError(
            f"'{table.path}': '{shortened(odd, 60)}' is no name of a class; write the names with a "
            f'separator between them, such as cat|dog{sure}'
        )


def _check_names(table: Table, classes: Sequence[str]) -> None:
    _check_brackets(table, classes)
    grades = {found[1] for name in classes if (found := GRADED.match(name))}
    scored = [n for n in classes if SCORED.search(n) and re.split('[:=]', n)[0] not in grades]
    if 2 * len(scored) > len(classes):
        raise InputError(
            f"'{table.path}': '{shortened(scored[0], 40)}' ends in a score; write the names alone "
            'of the classes that count, or the scores in a column of their own, called confidence'
        )


def _names(
    cells: Sequence[Cell], separator: str, without: list[str] | None = None
) -> list[str] | None:
    """The names in some cells, or what they are without any: None, since blank says nothing."""
    names = list[str]()
    for cell in cells:
        if isinstance(cell, list):  # in which a class may be called none
            names += cell if not NO_ITEM.issuperset(cell) else []
        else:  # or beside another
            items = _split(one_spelling(cell), separator)
            names += items if not all(map(is_nothing, items)) else []
    spelt = [_unquoted(name) for name in map(one_spelling, names) if name]
    return spelt if spelt or any(cell == [] for cell in cells) else without


def _unquoted(name: str) -> str:
    """A name without the quotes around it."""
    is_quoted = len(name) > 2 and name[0] == name[-1] in QUOTES and name[0] not in name[1:-1]
    return name[1:-1] if is_quoted else name


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


def _is_unknown(row: NamedRow, names: list[str] | None, answers: Answers, faults: Faults) -> bool:
    """Whether a row says nothing of its picture, and counts so."""
    if names is None and answers.blank in ('refuse', 'positive'):
        faults.add(
            'no label',
            row.place,
            '--blank negative takes it as a picture of no class, --blank unknown as one of which '
            'nothing is known',
        )
    return names is None and answers.blank == 'unknown'
