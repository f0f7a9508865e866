"""Which columns hold labels, of those that hold no pictures, and whether that is open."""

import re
from collections.abc import Sequence
from enum import Enum, auto

from dbl.errors import InputError, shortened
from dbl.label_files.column import Column, called
from dbl.label_files.confidences import AS_CONFIDENCE, COUNTS_FROM_1
from dbl.label_files.table import Table
from dbl.label_files.verdicts import COUNTED, is_id, is_whether
from dbl.label_files.words import number_in, plain

AGAIN = re.compile(r'(.*[^\W\d].*)\.[1-9]\d?')  # with a letter: 1.1 may be a part of class 1


class Form(Enum):
    """What columns of labels hold."""

    CLASS_COLUMNS = auto()
    ONE_CELL = auto()
    SEVERAL_CELLS = auto()


# Names of columns as people write them, as `plain` spells them; the first wins.
LABELS = (
    'classname classnames labelname labelnames categoryname labels label findinglabels tags tag '
    'classes class categories category targets target genres genre choice choices annotations '
    'attributeids keywords classid labelid categoryid'
).split()
# Columns of 0 and 1 that are never meant as classes; --label-columns takes them all the same.
METADATA = (
    'isvalid isval isvalidation istrain istraining istest fold kfold split subset partition sex '
    'gender age patient patientid patientsex patientgender patientage subject subjectid study '
    'studyid index followup viewposition occluded truncated verified isoccluded istruncated '
    'difficult isdifficult isgroupof isdepiction isinside iscrowd xmin ymin xmax ymax width height'
).split()


class NoLabelsError(InputError):
    """A table in which no column is known to hold labels."""


def label_columns(columns: Sequence[Column]) -> tuple[Form, list[Column]] | None:
    """The columns of labels, and what they hold, or None where that is open."""
    known = called(columns, LABELS)
    numbered = {c for c in known if c.numbers_classes}  # most of which may be 0 and 1
    texts = [c for c in known if c.is_list or not c.is_zero_one or c in numbered]
    lists = [column for column in columns if column.is_list]
    wide = [c for c in columns if c.is_zero_one and not c.is_called(METADATA) and c not in numbered]
    several = _of_one_name(texts)
    # Shares alone may be anything: in NIH's table they are the sizes of pixels.
    rivals = [c for c in wide if c.meanings.keys() & {'shown', 'absent', 'minus'}]
    is_open = len(rivals) > 1 or any(map(may_say_whether, rivals))
    if sum(column.has_lists_of_names for column in columns) > 1 or (texts and is_open):
        return None
    if len(several) > 1:
        return Form.SEVERAL_CELLS, sorted(several, key=lambda column: column.index)
    if len(_of_words(texts)) > 1:
        return None
    if (texts or len(lists) == 1) and not is_open:
        return Form.ONE_CELL, texts[:1] or lists
    if wide and not texts and not {*known}.intersection(c for c in wide if not c.digits):
        return Form.CLASS_COLUMNS, wide
    return None


def may_say_whether(column: Column) -> bool:
    """Whether a column beside names may say of each if it counts, or of another class if it does.

    One that is called so is read, and ids of classes are no more than that.
    """
    if is_whether(column.name) or is_id(column.name):
        return False
    return bool(column.meanings['shown'] and column.meanings.keys() & {'absent', 'minus'})


def _of_one_name(texts: Sequence[Column]) -> list[Column]:
    """The columns that have a name several times, or with numbers behind it."""
    names = [plain(column.name) for column in texts]
    return [c for c, name in zip(texts, names, strict=True) if names.count(name) > 1]


def _of_words(texts: Sequence[Column]) -> list[Column]:
    """The columns that hold words, and not the numbers of classes that others name."""
    return [c for c in texts if any(number_in(word) is None for word in c.words)]


def left_open(table: Table, columns: Sequence[Column]) -> NoLabelsError:
    """The error where it is open which columns hold labels, with the options that say it."""
    if not columns:
        return NoLabelsError(f"'{table.path}' has no columns of labels")
    examples = ', '.join(f"'{column.name}' (as '{column.example}')" for column in columns)
    return NoLabelsError(
        f"'{table.path}' leaves open which columns hold labels, of {shortened(examples, 200)}: "
        '--label-columns names those that hold 0 or 1 for a class each, --labels-column the one '
        f'that names classes{_of_two_words(columns)}{_of_whether(columns)}'
    )


def _of_two_words(columns: Sequence[Column]) -> str:
    """What helps where the first column of two words has them for yes and no."""
    others = [c for c in columns if not (c.is_called(LABELS) and _of_whether(columns))]
    words = next((c.words for c in others if c.has_two_words and not c.is_zero_one), [])
    meant = ' and '.join(f"'{word}'" for word in words)
    mean = 'mean' if len(words) > 1 else 'means'
    return f'; --positive-words and --negative-words say what {meant} {mean}' if meant else ''


def _of_whether(columns: Sequence[Column]) -> str:
    """What helps where a column beside that of the labels may say whether each counts."""
    name = next((column.name for column in columns if may_say_whether(column)), None)
    if not name or not any(c.is_called(LABELS) for c in columns if c.name != name):
        return ''
    if plain(name) in COUNTED:
        return f"; where 0 in '{name}' means that a label does not count, {COUNTS_FROM_1}"
    return f"; where '{name}' says of each label whether it counts, {AS_CONFIDENCE}"


def check_again(table: Table, columns: Sequence[Column]) -> None:
    """Raises InputError where a column of a class may be another one again.

    pandas writes ``cat.1`` for the second column that is called ``cat``.
    """
    names = {column.name for column in columns}
    found = ((column.name, AGAIN.fullmatch(column.name)) for column in columns)
    again = [(name, first[1]) for name, first in found if first and first[1] in names]
    if again:
        more = f' ({len(again) - 1} more like it)' if len(again) > 1 else ''
        name, first = again[0]
        raise InputError(
            f"'{table.path}' leaves open whether the column '{name}' is of another class than "
            f"'{first}', or '{first}' again, as pandas writes it{more}: --drop-columns leaves it "
            'out, and --label-columns, with the names of all columns of classes, keeps it'
        )


def check_counts(table: Table, columns: Sequence[Column]) -> None:
    """Raises InputError where a column beside those of 0 and 1 may count objects of a class."""
    counts = [column for column in columns if column.may_count and not column.is_called(METADATA)]
    if counts:
        column = counts[0]
        numbers = [word for word in column.words if word.strip('0.')][:3]
        raise InputError(
            f"'{table.path}' leaves open what the numbers in the column '{column.name}' are, as "
            f'{", ".join(numbers)}, beside columns of 0 and 1: where they count objects, '
            f'--positive-words {" ".join(numbers)} ... takes them as "shown"; --drop-columns '
            'leaves out a column that holds no class'
        )
