"""Which columns say how sure the labels are."""

import re
from collections.abc import Sequence

from dbl.errors import InputError
from dbl.label_files.column import Column, quoted
from dbl.label_files.table import Table
from dbl.label_files.verdicts import CONFIDENCES, COUNTED, is_whether, may_be_sureness
from dbl.label_files.words import number_in, plain

BITS = re.compile(r'[01](\W+[01])+')  # lists, of one for each label
AS_CONFIDENCE = 'write 1 where it counts, and 0 where not, into a column called confidence'
COUNTS_FROM_1 = 'call it confidence, and add --confidence 1'
ONE_EACH = 'write a row for each label'


def find_confidences(
    table: Table, labels: Sequence[Column], others: Sequence[Column]
) -> list[Column]:
    """Finds the column that says how sure each label is: that of its number, or one for all.

    One that says whether the label counts is as good.

    Returns:
        A column for each of the labels, or none at all.

    Raises:
        InputError: It is open which column it is.
    """
    known = [
        column
        for column in others
        if column.is_called(CONFIDENCES) or (is_whether(column.name) and column.says_whether)
    ]
    known = [column for column in known if column not in labels]
    _check_others(table, [c for c in others if c not in known and c not in labels])
    for_all = [column for column in known if not column.digits]
    if len(known) == len(labels) == 1:
        return known
    found = [[c for c in known if c.digits == label.digits] or for_all for label in labels]
    if known and any(len(columns) != 1 for columns in found):
        raise InputError(
            f"'{table.path}' leaves open which of the columns {quoted(known)} says how sure each "
            f'label of {quoted(labels)} is: name them by the same numbers, as label1 and '
            'confidence1, or leave out the others with --drop-columns'
        )
    return [column for columns in found for column in columns]


def _check_others(table: Table, others: Sequence[Column]) -> None:
    """Raises InputError where a column beside those of the labels may say which of them count."""
    for column in others:
        if (helps := _what_helps(column)) is not None:
            raise InputError(
                f"'{table.path}' leaves open whether the column '{column.name}' (as "
                f"'{column.example}') says of each label whether it counts: {helps}; "
                '--drop-columns takes all labels'
            )


def _what_helps(column: Column) -> str | None:
    """What says that a column is about the labels, if it may be, or None."""
    are_numbers = all(number_in(word) is not None for word in column.words)
    if may_be_sureness(column.name) and are_numbers:
        return f'if it does, {ONE_EACH if column.is_list else "call it confidence"}'
    if column.judges:
        return f'if it does, {AS_CONFIDENCE}'
    if plain(column.name) in COUNTED and column.may_count and {'0', '0.0'} & {*column.words}:
        return f'if 0 means that it does not, {COUNTS_FROM_1}'
    return _what_helps_whether(column) if is_whether(column.name) else None


def _what_helps_whether(column: Column) -> str | None:
    """The same where the column is called so, but holds no words that are known."""
    if column.is_list or any(map(BITS.fullmatch, column.words)):
        return f'if it does, {ONE_EACH}'
    if not column.has_two_words:
        return None
    words = ' and '.join(f"'{word}'" for word in column.words)
    return f'--positive-words and --negative-words say what {words} mean'
