"""Reads a table of labels: first what it is understood as, then the pictures and their classes."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from dbl.datasets.annotations import Annotations
from dbl.errors import InputError, shortened, unknown
from dbl.label_files.answers import Answers
from dbl.label_files.class_names import in_one_case
from dbl.label_files.columns import Column, Roles, find_roles
from dbl.label_files.faults import Faults
from dbl.label_files.labelled import Labelled, picture_path
from dbl.label_files.named_labels import read_named
from dbl.label_files.open_table import open_table
from dbl.label_files.separators import ONE_NAME
from dbl.label_files.table import Table
from dbl.label_files.words import Meaning
from dbl.label_files.zero_one import read_zero_one

FROM_THE_TABLE = Answers()


def _no_cells(column: str) -> list[str]:
    raise InputError(f"there is no column '{column}': the labels are in no table")


URL = re.compile(r'[a-z][a-z0-9+.-]+://', re.IGNORECASE)


@dataclass(frozen=True)
class Reading:
    """Label files that were read.

    Attributes:
        annotations: The pictures, as the files write their paths, and their classes.
        understood: How the files were understood, each with the option that changes it.
        folder: Where they lie.
        says_absence: Whether each class has a column, so that one without a column is not known.
        used: The answers that the files had a use for.
        columns: The names of a table's columns.
        cells: Gives a column's cell for each picture.
    """

    annotations: Annotations
    understood: dict[str, str]
    folder: Path
    says_absence: bool = False
    used: frozenset[str] = frozenset()
    columns: Sequence[str] = ()
    cells: Callable[[str], list[str]] = _no_cells

    def beside(self, root: Path) -> str:
        """The folder of the files, relative to a root, or the root where it is elsewhere."""
        try:
            return self.folder.resolve().relative_to(root.resolve()).as_posix()
        except ValueError:
            return '.'


def read_table(path: Path, answers: Answers = FROM_THE_TABLE) -> Reading:
    """Reads a table of labels, in whatever form of those that docs/label_files.md lists.

    Raises:
        InputError: The table leaves something open, or rows of it are at fault, which it lists.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / 'pets.csv'
    >>> _ = path.write_text('Image,Labels\\na.jpg,cat|dog\\nb.jpg,cat\\n')
    >>> reading = read_table(path)
    >>> reading.annotations.classes, reading.annotations.label_indices
    (['cat', 'dog'], [[0, 1], [0]])
    >>> reading.understood['labels']
    "in the column 'Labels', names parted by '|' (--labels-column, --separator)"
    """
    table = open_table(path, answers.encoding, answers.delimiter, answers.header)
    roles, faults, seen = find_roles(table, answers), Faults(path), set[Meaning]()
    if roles.form == '0/1':
        classes = [column.name for column in roles.labels]
        rows, said = list(read_zero_one(table, roles, answers, faults, seen)), '0 or 1'
    else:
        classes, rows, said = read_named(table, roles, answers, faults, seen)
    joins = answers.repeated == 'union' or said == ONE_NAME  # a row for each label of a picture
    rows, notes = _by_picture(table, rows, joins, faults)
    faults.raise_if_any()
    if not rows:
        raise InputError(f"'{path}' names no picture")
    annotations = Annotations(
        classes,
        [row.image for row in rows],
        [row.shown for row in rows],
        unknown=[row.unknown for row in rows] if any(row.unknown for row in rows) else [],
    )
    understood = _understood(table, roles, said) | notes
    if answers.uncertain == 'refuse' and 'minus' in seen:
        understood['-1'] = 'counts as not shown (--uncertain)'
    return Reading(
        in_one_case(f"'{path}' has", annotations, answers.merge_case),
        understood,
        path.parent,
        says_absence=roles.form == '0/1',
        used=_used(table, roles, said, seen),
        columns=list(filter(None, table.header)),
        cells=partial(_cells, table, roles, annotations.image_paths),
    )


def _used(table: Table, roles: Roles, said: str, seen: set[Meaning]) -> frozenset[str]:
    """The answers that a table has a use for."""
    of = {
        'encoding': table.is_text,
        'delimiter': table.is_text,
        'header': table.is_text,
        'separator': roles.form != '0/1' and not said.startswith('lists'),
        'names': roles.form != '0/1' and 'number' in said,
        'confidence': roles.confidence is not None or 'share' in seen,
        'uncertain': bool(seen & {'minus', 'uncertain'}),
        'blank': 'blank' in seen,
    }
    return frozenset(name for name, is_used in of.items() if is_used)


def _cells(table: Table, roles: Roles, images: Sequence[str], column: str) -> list[str]:
    """The cell in a column for each picture, whose rows must agree."""
    if column not in table.header:
        raise unknown('column', column, filter(None, table.header))
    place, found = table.header.index(column), dict[str, str]()
    for number, row in table.rows():
        cell = str(row[place]) if place < len(row) else ''
        image = picture_path(str(row[roles.image.index]))
        if not cell.strip() or found.setdefault(image, cell) != cell:
            what = f"'{shortened(cell, 40)}' beside another" if cell.strip() else 'nothing'
            raise InputError(
                f"'{table.path}', {table.place(number)}: the column '{column}' holds {what} for "
                f"'{shortened(image, 40)}'; each picture needs one value"
            )
    return [found[image] for image in images]


def _by_picture(
    table: Table, rows: Iterable[Labelled], joins: bool, faults: Faults
) -> tuple[list[Labelled], dict[str, str]]:
    """One row for each picture, in the order in which they come first."""
    found: dict[str, Labelled] = {}
    equal = joined = 0
    for row in rows:
        image = row.image
        first = found.setdefault(image, row)
        if first is row:
            if not image or '://' in image:
                _check_path(table.place(row.number), image, faults)
        elif first[2:] == row[2:]:
            equal += 1
        elif joins:
            found[image] = _joined(first, row)
            joined += 1
        else:
            place = f"{table.place(row.number)} ('{shortened(image, 40)}' of {first.number})"
            faults.add('picture again, with other labels', place, '--repeated union joins them')
    notes = {'rows that repeat another': f'{equal}, left out'} if equal else {}
    if joined:
        notes['rows of a picture'] = f'{joined} joined with the one before'
    return list(found.values()), notes


def _joined(one: Labelled, other: Labelled) -> Labelled:
    shown = {*one.shown, *other.shown}
    unknown = {*one.unknown, *other.unknown} - shown
    return one._replace(shown=sorted(shown), unknown=sorted(unknown))


def _check_path(place: str, path: str, faults: Faults) -> None:
    if not path:
        faults.add('no picture', place)
    elif URL.match(path):
        faults.add(
            'a URL instead of a picture',
            f"{place} ('{shortened(path, 40)}')",
            'download the pictures, and name the column of their files with --image-column',
        )


def _understood(table: Table, roles: Roles, said: str) -> dict[str, str]:
    """What the table is taken for, and the option that changes it."""
    understood = {'file': table.form}
    understood['pictures'] = f"in the column '{roles.image.name}' (--image-column)"
    if roles.form != 'cell':
        understood['labels'] = f'{said} in {_listed(roles.labels)} (--label-columns)'
    else:
        understood['labels'] = (
            f"in the column '{roles.labels[0].name}', {said} (--labels-column, --separator)"
        )
    if roles.confidence:
        understood['confidence'] = f"in the column '{roles.confidence.name}' (--confidence)"
    if roles.left_out:
        left = [f"'{name}': {why}" for name, why in roles.left_out]
        understood['left out'] = f'{shortened("; ".join(left), 400)} (--label-columns)'
    return understood


def _listed(columns: list[Column]) -> str:
    names = shortened(', '.join(f"'{column.name}'" for column in columns), 400)
    return f'{len(columns)} column{"s" * (len(columns) != 1)}, {names}'
