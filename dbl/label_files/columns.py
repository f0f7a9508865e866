"""Which column of a table holds the pictures, which the labels, and why the others are left out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dbl.errors import InputError, shortened
from dbl.label_files.answers import Answers
from dbl.label_files.column import Column, called, named, quoted, read_columns
from dbl.label_files.confidences import find_confidences
from dbl.label_files.label_columns import (
    METADATA,
    Form,
    check_again,
    check_counts,
    label_columns,
    left_open,
)
from dbl.label_files.own_words import own_words
from dbl.label_files.table import Table
from dbl.label_files.verdicts import CONFIDENCES
from dbl.label_files.words import PICTURE_NAMES

MANY = 0.5  # share of cells that are paths of pictures, from which a column is one of pictures
DROPPED, OF_SPLIT = '--drop-columns', '--split-column'


@dataclass(frozen=True)
class Roles:
    """What the columns of a table are for.

    Attributes:
        form: ``CLASS_COLUMNS``: a column says of one class whether it is shown. ``ONE_CELL``: one
            cell names classes. ``SEVERAL_CELLS``: each of several cells names a class.
        image: The column of the pictures.
        labels: The columns of the labels.
        confidences: For each of them the column that says how sure it is; empty without any.
        left_out: Why each other column is left out.
    """

    form: Form
    image: Column
    labels: list[Column]
    confidences: list[Column]
    left_out: list[tuple[str, str]]


def find_roles(
    table: Table,
    answers: Answers,
    known_classes: Sequence[str] = (),
    split_column: str | None = None,
) -> Roles:
    """Finds what each column is for, from its name and its first 1,000 cells.

    Args:
        table: The table.
        answers: What its owner says of it.
        known_classes: Those of the training table, whose columns may be empty in another one.
        split_column: A column that says which split a picture is in.

    Raises:
        InputError: The table leaves it open; the option that says it is named.
    """
    columns = read_columns(table, own_words(answers))
    why = _left_out_at_once(table, columns, answers, split_column)
    left = [column for column in columns if column.index not in why]
    image = _image_column(table, columns, left, answers)
    others = [column for column in left if column is not image]
    form, labels = _labels(table, columns, others, answers)
    if form is Form.CLASS_COLUMNS and not answers.label_columns:
        check_again(table, labels)
        check_counts(table, _without(others, labels))
        known = {*known_classes}
        labels += [c for c in columns if c.is_empty and c.name in known]
    names_classes = form is not Form.CLASS_COLUMNS
    confidences = find_confidences(table, labels, others) if names_classes else []
    unused = _without(columns, [image, *labels, *confidences])
    left_out = [(c.name, why.get(c.index) or _why(c)) for c in unused]
    return Roles(form, image, labels, confidences, left_out)


def _without(columns: Sequence[Column], others: Iterable[Column]) -> list[Column]:
    rest = {*others}
    return [column for column in columns if column not in rest]


def image_column(table: Table, answers: Answers) -> Column:
    """Finds the column of the pictures, from its name and its first 1,000 cells.

    Raises:
        InputError: The table leaves it open; the option that says it is named.
    """
    columns = read_columns(table, own_words(answers))
    why = _left_out_at_once(table, columns, answers)
    return _image_column(table, columns, [c for c in columns if c.index not in why], answers)


def _left_out_at_once(
    table: Table, columns: Sequence[Column], answers: Answers, split_column: str | None = None
) -> dict[int, str]:
    """Why columns are left out whatever the others hold, by their indices."""
    given = [(name, DROPPED) for name in answers.drop_columns]
    given += [(split_column, OF_SPLIT)] if split_column is not None else []
    dropped = [(named(columns, name, option), option) for name, option in given]
    both = [c.name for c, _ in dropped if c.name in (*answers.label_columns, answers.labels_column)]
    if both:
        raise InputError(f"'{both[0]}' is both dropped and a column of labels; choose one")
    why = {c.index: 'empty' for c in columns if c.is_empty}
    nameless = (c for c in columns if not table.header[c.index] and c.pictures <= MANY)
    return why | {c.index: 'no name' for c in nameless} | {c.index: option for c, option in dropped}


def _image_column(
    table: Table, columns: Sequence[Column], left: Sequence[Column], answers: Answers
) -> Column:
    if answers.image_column is not None:
        return named(columns, answers.image_column, '--image-column')
    found = [column for column in left if column.pictures > MANY]
    if len(found) == 1:
        return found[0]
    among = found or [c for c in left if not c.is_zero_one or c.digits or c.is_different]
    known = called(among, PICTURE_NAMES)
    if not known and not table.sample(1):
        raise InputError(f"'{table.path}' has a header, but no rows below it")
    if not known:
        what = 'none is known to hold' if not found else f'{len(found)} columns hold'
        raise InputError(
            f"'{table.path}' has the columns {quoted(left)}, and {what} pictures; --image-column "
            'names the one'
        )
    return known[0]


def _labels(
    table: Table, columns: Sequence[Column], others: Sequence[Column], answers: Answers
) -> tuple[Form, list[Column]]:
    """The columns of labels, and what they hold: as it is said, or as it follows from them."""
    if answers.label_columns or answers.labels_column:
        return _as_said(table, columns, answers)
    found = label_columns([c for c in others if not c.is_called(CONFIDENCES)])
    if found is None:
        raise left_open(table, others)
    return found


def _as_said(
    table: Table, columns: Sequence[Column], answers: Answers
) -> tuple[Form, list[Column]]:
    if answers.labels_column and answers.label_columns:
        raise InputError('--labels-column and --label-columns exclude each other; leave out one')
    if answers.labels_column:
        return Form.ONE_CELL, [named(columns, answers.labels_column, '--labels-column')]
    labels = [named(columns, name, '--label-columns') for name in answers.label_columns]
    wide = sum(column.is_zero_one or column.is_empty for column in labels)
    if 2 * wide > len(labels):
        return Form.CLASS_COLUMNS, labels
    if words := _yes_and_no(labels):
        raise InputError(
            f"'{table.path}': the columns of --label-columns hold {shortened(sorted(words), 60)} "
            'alone, which are neither names nor words for yes and no; write 1 and 0 instead, or '
            'say with --positive-words and --negative-words which of them mean what'
        )
    return Form.SEVERAL_CELLS, labels


def _yes_and_no(labels: Sequence[Column]) -> set[str]:
    """The words, if they are as few as those for yes and no, and no names, else none.

    Columns of names that are numbered may have the same two classes.
    """
    words = {text for column in labels for text in column.words}
    same = all({*column.words} == words and not column.digits for column in labels)
    few = len(words) == 1 or (len(words) == 2 and (same or len(labels) > 2))
    return words if few and not any(column.is_list for column in labels) else set()


def _why(column: Column) -> str:
    if column.is_called(METADATA):
        return 'by its name no class'
    if column.is_zero_one:
        return 'others hold the labels'
    return f"it holds '{column.example}'"
