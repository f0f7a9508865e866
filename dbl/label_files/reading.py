"""Reads a table of labels: first what it is understood as, then the pictures and their classes."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from dbl.datasets.annotations import Annotations
from dbl.errors import InputError, shortened, unknown
from dbl.label_files.answers import Answers
from dbl.label_files.by_picture import JOINS, by_picture
from dbl.label_files.class_columns import read_class_columns
from dbl.label_files.class_names import in_one_case
from dbl.label_files.class_names_file import read_class_names, rename
from dbl.label_files.column import Column, quoted
from dbl.label_files.columns import Roles, find_roles
from dbl.label_files.faults import Faults, FaultyRowsError
from dbl.label_files.folders import check_folders
from dbl.label_files.label_columns import Form
from dbl.label_files.labelled import Cells, Labelled, Labels, picture_path
from dbl.label_files.named_labels import read_named
from dbl.label_files.open_table import open_table
from dbl.label_files.pictured import pictured
from dbl.label_files.table import Table
from dbl.label_files.words import one_spelling

FROM_THE_TABLE = Answers()
WHOLE_CELLS = '--separator none takes each cell as one name, which joins them, too'


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
        minus_is_no: Whether -1 is there, and counts as not shown, since the table has no 0.
        used: The answers that the files had a use for.
        columns: The names of a table's columns.
        cells: Gives a column's cell for each picture.
    """

    annotations: Annotations
    understood: dict[str, str]
    folder: Path
    says_absence: bool = False
    minus_is_no: bool = False
    used: frozenset[str] = frozenset()
    columns: Sequence[str] = ()
    cells: Callable[[str], list[str]] = _no_cells

    def beside(self, root: Path) -> str:
        """The folder of the files, relative to a root, or the root where it is elsewhere."""
        try:
            return self.folder.resolve().relative_to(root.resolve()).as_posix()
        except ValueError:
            return '.'


def read_table(
    source: Path | Table,
    answers: Answers = FROM_THE_TABLE,
    known_classes: Sequence[str] = (),
    split_column: str | None = None,
) -> Reading:
    """Reads a table of labels, in whatever form of those that docs/label_files.md lists.

    Args:
        source: The table, or its file.
        answers: What its owner says of it.
        known_classes: Those of the training table, whose columns may be empty in another one.
        split_column: A column that says which split a picture is in.

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
    names = read_class_names(answers)
    table = _opened(source, answers)
    classes = {*known_classes}
    known = [name for name in table.header if names.get(name, name) in classes]
    roles = find_roles(table, answers, known, split_column)
    labels = rename(table.path, _read_labels(table, roles, answers), names)
    annotations = in_one_case(f"'{table.path}' has", _annotations(labels), answers.merge_case)
    has_merged = len(annotations.classes) < len(labels.classes)
    return Reading(
        annotations,
        _understood(table, roles, labels.said) | labels.notes,
        table.path if table.path.is_dir() else table.path.parent,
        says_absence=labels.cells is Cells.ZERO_OR_ONE,
        minus_is_no=labels.minus_is_no,
        used=table.used | labels.used | ({'merge_case'} if has_merged else set()),
        columns=list(filter(None, table.header)),
        cells=partial(_cells, table, roles, annotations.image_paths),
    )


def _opened(source: Path | Table, answers: Answers) -> Table:
    """The table in a file, or one that is open already."""
    if isinstance(source, Table):
        return source
    return open_table(
        source, answers.encoding, answers.delimiter, answers.header, answers.skip_lines
    )


def _read_labels(table: Table, roles: Roles, answers: Answers) -> Labels:
    """Reads the labels of each picture.

    Raises:
        InputError: Rows are at fault, which it lists.
    """
    faults = Faults(table.path)
    read = read_class_columns if roles.form is Form.CLASS_COLUMNS else read_named
    labels = read(pictured(table, roles, faults), roles, answers, faults)
    is_long = labels.cells is Cells.ONE_NAME  # a row for each label
    joins = is_long or answers.repeated == 'union'
    may_be_whole = labels.cells is Cells.PARTED_NAMES and not answers.separator
    helps = f'{JOINS}, or {WHOLE_CELLS}' if may_be_whole else JOINS
    rows, joined, notes = by_picture(table, labels.rows, joins, faults, helps)
    check_folders(table, roles, answers)
    _check_paths(table, rows, faults)
    try:
        faults.raise_if_any()
    except InputError as error:
        understood = _understood(table, roles, labels.said)
        raise FaultyRowsError(str(error), table.path.name, understood) from error
    if not rows:
        raise InputError(f"'{table.path}' names no picture")
    used = labels.used | ({'repeated'} if joined and not is_long else set())
    return labels._replace(rows=rows, notes=labels.notes | notes, used=used)


def _check_paths(table: Table, rows: Iterable[Labelled], faults: Faults) -> None:
    """Adds the pictures that are on a server."""
    for row in rows:
        if '://' in row.image and URL.match(row.image):
            faults.add(
                'a URL instead of a picture',
                f"{table.place(row.number)} ('{shortened(row.image, 40)}')",
                'download the pictures, and name the column of their files with --image-column',
            )


def _annotations(labels: Labels) -> Annotations:
    unknown = [row.unknown for row in labels.rows]
    return Annotations(
        labels.classes,
        [row.image for row in labels.rows],
        [row.shown for row in labels.rows],
        unknown=unknown if any(unknown) else [],
    )


def _cells(table: Table, roles: Roles, images: Sequence[str], column: str) -> list[str]:
    """The cell in a column for each picture, whose rows must agree."""
    if one_spelling(column) not in table.header:
        raise unknown('column', column, filter(None, table.header))
    place, found = table.header.index(one_spelling(column)), dict[str, str]()
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


def _understood(table: Table, roles: Roles, said: str) -> dict[str, str]:
    """What the table is taken for, and the option that changes it."""
    understood = {'file': table.form}
    understood['pictures'] = f"in the column '{roles.image.name}' (--image-column)"
    if roles.form is not Form.ONE_CELL:
        understood['labels'] = f'{said} in {_listed(roles.labels)} (--label-columns)'
    else:
        understood['labels'] = (
            f"in the column '{roles.labels[0].name}', {said} (--labels-column, --separator)"
        )
    if roles.left_out:
        left = [f"'{name}': {why}" for name, why in roles.left_out]
        understood['left out'] = f'{shortened("; ".join(left), 400)} (--label-columns)'
    return understood


def _listed(columns: Sequence[Column]) -> str:
    return f'{len(columns)} column{"s" * (len(columns) != 1)}, {quoted(columns, 400)}'
