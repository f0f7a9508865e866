"""Which column of a table holds the pictures, which the labels, and why the others are left out."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from dbl.errors import InputError, shortened, unknown
from dbl.label_files.answers import Answers
from dbl.label_files.table import Cell, Table, is_picture
from dbl.label_files.words import PICTURE_NAMES, Meaning, meaning, plain

Form = Literal['0/1', 'cell', 'columns']
# Names of columns as people write them, as `plain` spells them; the first wins.
LABELS = (
    'labels label findinglabels labelname tags tag classes class categories category targets '
    'target genres genre choice choices annotations attributeids keywords'
).split()
CONFIDENCES = 'confidence conf score probability prob'.split()
# Columns of 0 and 1 that are never meant as classes; --label-columns takes them all the same.
METADATA = (
    'isvalid fold split subset sex gender age patient patientid index followup viewposition'
).split()
MOST_OTHERS = 0.1  # share of odd cells up to which a column is one of labels with faults


class NoLabelsError(InputError):
    """A table in which no column is known to hold labels."""


@dataclass(frozen=True)
class Column:
    """A column of a table, and what the first rows hold in it.

    Attributes:
        index: Of the column.
        name: In the header, or how messages call a column without a name.
        meanings: How many cells mean what.
        pictures: Share of the cells that are paths of pictures.
        example: A cell that is not empty.
        is_list: Whether a cell is a list.
    """

    index: int
    name: str
    meanings: Counter[Meaning]
    pictures: float
    example: str
    is_list: bool

    @property
    def is_empty(self) -> bool:
        """Whether all cells are blank."""
        return self.meanings.total() == self.meanings['blank'] and not self.is_list

    @property
    def is_zero_one(self) -> bool:
        """Whether all but a few of its cells say whether a class is shown."""
        filled = self.meanings.total() - self.meanings['blank']
        return bool(filled) and self.meanings['other'] <= MOST_OTHERS * filled

    def is_called(self, names: Iterable[str]) -> bool:
        """Whether its name is one of some, in whatever spelling."""
        return plain(self.name) in names


@dataclass(frozen=True)
class Roles:
    """What the columns of a table are for.

    Attributes:
        form: ``'0/1'``: a column says of one class whether it is shown. ``'cell'``: one cell names
            classes. ``'columns'``: each of several cells names a class.
        image: The column of the pictures.
        labels: The columns of the labels.
        confidence: The column that says how sure a label is.
        left_out: Why each other column is left out.
    """

    form: Form
    image: Column
    labels: list[Column]
    confidence: Column | None
    left_out: dict[str, str]


def find_roles(table: Table, answers: Answers) -> Roles:
    """Finds what each column is for, from its name and its first 1,000 cells.

    Raises:
        InputError: The table leaves it open; the option that says it is named.
    """
    columns = read_columns(table)
    dropped = [named(columns, name, '--drop-columns') for name in answers.drop_columns]
    left_out = {column.name: '--drop-columns' for column in dropped}
    left_out |= {c.name: 'empty' for c in columns if c.is_empty and c not in dropped}
    left_out |= {c.name: 'no name' for c in columns if not table.header[c.index]}
    open_columns = [c for c in columns if c.name not in left_out]
    image = _image_column(table, open_columns, answers)
    open_columns.remove(image)
    confidence = next((c for c in open_columns if c.is_called(CONFIDENCES)), None)
    if answers.label_columns or answers.labels_column:
        form, labels = _as_said(columns, answers)
    else:
        others = [c for c in open_columns if c != confidence]
        form, labels = _label_columns(table, others)
    if form == '0/1':
        confidence = None
    for column in open_columns:
        if column not in (*labels, confidence):
            left_out[column.name] = _why(column)
    return Roles(form, image, labels, confidence, left_out)


def read_columns(table: Table) -> list[Column]:
    """Looks at the first rows of each column."""
    sample = table.sample()
    return [_column(table, index, sample) for index in range(len(table.header))]


def _column(table: Table, index: int, sample: Sequence[Sequence[Cell]]) -> Column:
    cells = [row[index] for row in sample if index < len(row)]
    texts = Counter(cell.strip() for cell in cells if isinstance(cell, str))
    meanings = Counter[Meaning]()
    for text, count in texts.items():
        meanings[meaning(text)] += count
    pictures = sum(count for text, count in texts.items() if is_picture(text))
    return Column(
        index=index,
        name=table.header[index] or f'column {index + 1}',
        meanings=meanings,
        pictures=pictures / max(1, len(cells)),
        example=shortened(next(filter(None, texts), ''), 20),
        is_list=len(cells) > texts.total(),
    )


def named(columns: Sequence[Column], name: str, option: str) -> Column:
    """The column of a name.

    Raises:
        InputError: There is none, or more than one.
    """
    found = [column for column in columns if column.name == name]
    if not found:
        raise unknown(f'{option}: column', name, [column.name for column in columns])
    if len(found) > 1:
        raise InputError(f"{option}: {len(found)} columns are called '{name}'; rename one")
    return found[0]


def _image_column(table: Table, columns: Sequence[Column], answers: Answers) -> Column:
    if answers.image_column is not None:
        return named(columns, answers.image_column, '--image-column')
    found = [column for column in columns if column.pictures > 0.5]
    if len(found) == 1:
        return found[0]
    known = [c for name in PICTURE_NAMES for c in found or columns if plain(c.name) == name]
    if not known:
        names = shortened(', '.join(repr(c.name) for c in columns), 200)
        what = 'none is known to hold' if not found else f'{len(found)} columns hold'
        raise InputError(
            f"'{table.path}' has the columns {names}, and {what} pictures; --image-column names "
            'the one'
        )
    return known[0]


def _as_said(columns: Sequence[Column], answers: Answers) -> tuple[Form, list[Column]]:
    if answers.labels_column:
        return 'cell', [named(columns, answers.labels_column, '--labels-column')]
    labels = [named(columns, name, '--label-columns') for name in answers.label_columns]
    wide = sum(column.is_zero_one or column.is_empty for column in labels)
    return ('0/1' if 2 * wide > len(labels) else 'columns'), labels


def _label_columns(table: Table, columns: Sequence[Column]) -> tuple[Form, list[Column]]:
    known = [c for name in LABELS for c in columns if plain(c.name) == name]
    texts = [column for column in known if column.is_list or not column.is_zero_one]
    numbered = [column for column in texts if column.name[-1].isdigit()]
    if len(numbered) > 1:
        return 'columns', sorted(numbered, key=lambda column: column.index)
    if texts:
        return 'cell', texts[:1]
    wide = [c for c in columns if c.is_zero_one and not c.is_called(METADATA)]
    if len(wide) > 1 or wide != known[: len(wide)]:
        return '0/1', wide
    names = shortened(', '.join(f"'{c.name}' (as '{c.example}')" for c in columns), 200)
    raise NoLabelsError(
        f"'{table.path}' leaves open which columns hold labels, of {names or 'none'}: "
        '--label-columns names those that hold 0 or 1 for a class each, --labels-column the one '
        'that names classes'
    )


def _why(column: Column) -> str:
    if column.is_called(METADATA):
        return 'by its name no class'
    if column.is_zero_one:
        return 'no labels column'
    return f"it holds '{column.example}'"
