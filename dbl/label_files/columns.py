"""Which column of a table holds the pictures, which the labels, and why the others are left out."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from dbl.errors import InputError, shortened, unknown
from dbl.label_files.answers import Answers
from dbl.label_files.table import SAMPLE, Cell, Table
from dbl.label_files.words import PICTURE_NAMES, Meaning, is_picture, meaning, plain

Form = Literal['0/1', 'cell', 'columns']
# Names of columns as people write them, as `plain` spells them; the first wins.
LABELS = (
    'classname classnames labelname labelnames categoryname labels label findinglabels tags tag '
    'classes class categories category targets target genres genre choice choices annotations '
    'attributeids keywords classid labelid categoryid'
).split()
CONFIDENCES = (
    'confidence confidences conf confs score scores probability probabilities prob probs'
).split()
# Columns of 0 and 1 that are never meant as classes; --label-columns takes them all the same.
METADATA = (
    'isvalid istrain fold kfold split subset sex gender age patient patientid index followup '
    'viewposition occluded truncated verified isoccluded istruncated isgroupof isdepiction isinside'
).split()
MANY = 0.5  # share of cells that are paths of pictures, from which a column is one of pictures
DROPPED = '--drop-columns'


class NoLabelsError(InputError):
    """A table in which no column is known to hold labels."""


@dataclass(frozen=True)
class Column:
    """A column of a table, and what its rows hold: the first ones, or those where it is filled.

    Attributes:
        index: Of the column.
        name: In the header, or how messages call a column without a name.
        meanings: How many cells mean what.
        pictures: Share of the cells that are paths of pictures.
        example: A cell that is not empty.
        is_list: Whether a cell is a list.
        words: The first different cells.
    """

    index: int
    name: str
    meanings: Counter[Meaning]
    pictures: float
    example: str
    is_list: bool
    words: list[str]

    @property
    def digits(self) -> str:
        """The number at the end of its name."""
        return self.name[len(self.name.rstrip('0123456789')) :]

    @property
    def is_different(self) -> bool:
        """Whether each row has another cell, as names of pictures are, even if they are 0 and 1."""
        return len(self.words) == self.meanings.total()

    @property
    def is_empty(self) -> bool:
        """Whether all cells are blank."""
        return self.meanings.total() == self.meanings['blank'] and not self.is_list

    @property
    def is_zero_one(self) -> bool:
        """Whether most of its cells say whether a class is shown: the others are faults."""
        filled = self.meanings.total() - self.meanings['blank']
        return bool(filled) and 2 * self.meanings['other'] < filled

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
    left_out: list[tuple[str, str]]


def find_roles(table: Table, answers: Answers) -> Roles:
    """Finds what each column is for, from its name and its first 1,000 cells.

    Raises:
        InputError: The table leaves it open; the option that says it is named.
    """
    columns = read_columns(table)
    why = _left_out_at_once(table, columns, answers)
    left = [column for column in columns if column.index not in why]
    image = _image_column(table, columns, left, answers)
    left = [column for column in left if column != image]
    confidence = next((c for c in left if c.is_called(CONFIDENCES)), None)
    if answers.label_columns or answers.labels_column:
        form, labels = _as_said(table, columns, answers)
    else:
        form, labels = _label_columns(table, [c for c in left if c != confidence])
        labels += [c for c in columns if _is_empty_class(c, answers) and form == '0/1']
    if form == '0/1':
        confidence = None
    used = [image, *labels, confidence]
    return Roles(
        form,
        image,
        labels,
        confidence,
        [(c.name, why.get(c.index) or _why(c)) for c in columns if c not in used],
    )


def _left_out_at_once(table: Table, columns: Sequence[Column], answers: Answers) -> dict[int, str]:
    """Why columns are left out whatever the others hold, by their indices."""
    dropped = [named(columns, name, '--drop-columns') for name in answers.drop_columns]
    both = [c.name for c in dropped if c.name in (*answers.label_columns, answers.labels_column)]
    if both:
        raise InputError(f"'{both[0]}' is both dropped and a column of labels; choose one")
    why = {c.index: 'empty' for c in columns if c.is_empty}
    nameless = (c for c in columns if not table.header[c.index] and c.pictures <= MANY)
    return why | {c.index: 'no name' for c in nameless} | {c.index: DROPPED for c in dropped}


def read_columns(table: Table) -> list[Column]:
    """Looks at the first rows, and, for a column that is empty there, at those where it is not.

    A rare class may be shown, or labelled at all, in late rows alone.
    """
    sample = table.sample()
    columns = [_column(table, index, sample) for index in range(len(table.header))]
    if len(sample) < SAMPLE:
        return columns
    empty = [column.index for column in columns if column.is_empty and table.header[column.index]]
    late = {index: list[Sequence[Cell]]() for index in empty}
    for _, row in table.rows() if empty else ():
        for index in empty:
            if index < len(row) and not _is_blank(row[index]) and len(late[index]) < SAMPLE:
                late[index].append(row)
    for index, rows in late.items():
        columns[index] = _column(table, index, rows or sample)
    return columns


def _is_blank(cell: Cell) -> bool:
    return isinstance(cell, str) and meaning(cell) == 'blank'


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
        words=[text for text in texts if meaning(text) != 'blank'][:50],
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


def _image_column(
    table: Table, columns: Sequence[Column], left: Sequence[Column], answers: Answers
) -> Column:
    if answers.image_column is not None:
        return named(columns, answers.image_column, '--image-column')
    found = [column for column in left if column.pictures > MANY]
    if len(found) == 1:
        return found[0]
    among = found or [c for c in left if not c.is_zero_one or c.digits or c.is_different]
    known = [c for name in PICTURE_NAMES for c in among if plain(c.name) == name]
    if not known:
        what = 'none is known to hold' if not found else f'{len(found)} columns hold'
        raise InputError(
            f"'{table.path}' has the columns {_names(left)}, and {what} pictures; --image-column "
            'names the one'
        )
    return known[0]


def _names(columns: Sequence[Column]) -> str:
    return shortened(', '.join(repr(column.name) for column in columns), 200) or 'none'


def _as_said(
    table: Table, columns: Sequence[Column], answers: Answers
) -> tuple[Form, list[Column]]:
    if answers.labels_column and answers.label_columns:
        raise InputError('--labels-column and --label-columns exclude each other; leave out one')
    if answers.labels_column:
        return 'cell', [named(columns, answers.labels_column, '--labels-column')]
    labels = [named(columns, name, '--label-columns') for name in answers.label_columns]
    wide = sum(column.is_zero_one or column.is_empty for column in labels)
    if 2 * wide > len(labels):
        return '0/1', labels
    words = {text for column in labels for text in column.words}
    if len(words) <= 2 < len(labels) or len(words) == 1:
        raise InputError(
            f"'{table.path}': the columns of --label-columns hold {shortened(sorted(words), 60)} "
            'alone, which are neither names nor words for yes and no; write 1 and 0 instead'
        )
    return 'columns', labels


def _label_columns(table: Table, columns: Sequence[Column]) -> tuple[Form, list[Column]]:
    known = [c for name in LABELS for c in columns if plain(c.name) == name]
    texts = [column for column in known if column.is_list or not column.is_zero_one]
    lists = [column for column in columns if column.is_list]
    wide = [c for c in columns if c.is_zero_one and not c.is_called(METADATA)]
    numbered = [column for column in texts if column.name[-1].isdigit()]
    # Shares alone may be anything: in NIH's table they are the sizes of pixels.
    rivals = [c for c in wide if c.meanings.keys() & {'shown', 'absent', 'minus'}]
    if len(numbered) > 1 and len(rivals) <= 1:
        return 'columns', sorted(numbered, key=lambda column: column.index)
    if (texts or len(lists) == 1) and len(rivals) <= 1:
        return 'cell', texts[:1] or lists
    if wide and not texts and not any(column in known and not column.digits for column in wide):
        return '0/1', wide
    named_so = ', '.join(f"'{c.name}' (as '{c.example}')" for c in columns)
    raise NoLabelsError(
        f"'{table.path}' leaves open which columns hold labels, of {shortened(named_so, 200)}: "
        '--label-columns names those that hold 0 or 1 for a class each, --labels-column the one '
        'that names classes'
        if columns
        else f"'{table.path}' has no columns of labels"
    )


def _is_empty_class(column: Column, answers: Answers) -> bool:
    return column.is_empty and column.name in answers.known_classes


def _why(column: Column) -> str:
    if column.is_called(METADATA):
        return 'by its name no class'
    if column.is_zero_one:
        return 'others hold the labels'
    return f"it holds '{column.example}'"
