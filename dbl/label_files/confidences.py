"""Which columns say how sure the labels are."""

import re
from collections.abc import Sequence

from dbl.errors import InputError
from dbl.label_files.column import Column, quoted
from dbl.label_files.table import Table
from dbl.label_files.words import number_in, plain

# Names of columns as people write them, as `plain` spells them.
CONFIDENCES = (
    'confidence confidences conf confs score scores probability probabilities prob probs'
).split()
# Names of columns that say of the label in a row whether it counts, as pandas' melt gives it.
WHETHER = 'value values present ispresent positive shown'.split()
# What other names of such columns hold somewhere, as `certainty` or `label_score`.
STEMS = ('conf', 'score', 'prob', 'certain', 'likelihood')
NEGATIONS = 'invalid negative absent missing wrong reject exclu ignore delete denied not'.split()
COUNTED = 'count counts num number quantity'.split()
BITS = re.compile(r'[01](\W+[01])+')


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
        if column.is_called(CONFIDENCES)
        or (column.is_called(WHETHER) and (column.is_zero_one or column.judges))
    ]
    known = [column for column in known if column not in labels]
    check_others(table, [c for c in others if c not in known and c not in labels])
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


def as_confidence(name: str) -> str:
    """What makes a column one that says how sure each label is.

    >>> as_confidence('answer'), as_confidence('is_invalid')
    ('call it confidence', 'write the opposite into a column called confidence')
    """
    negates = any(stem in plain(name) for stem in NEGATIONS)
    return 'write the opposite into a column called confidence' if negates else 'call it confidence'


def check_others(table: Table, others: Sequence[Column]) -> None:
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
    name = plain(column.name)
    if column.judges or (_has_shares(column) and any(stem in name for stem in STEMS)):
        return f'if it does, {as_confidence(column.name)}'
    if name in COUNTED and column.may_count and any(number_in(word) == 0 for word in column.words):
        return 'if 0 means that it does not, call it confidence, and add --confidence 1'
    if name not in WHETHER:
        return None
    if column.is_list or any(map(BITS.fullmatch, column.words)):
        return 'if it does, write a row for each label'
    words = ' and '.join(f"'{word}'" for word in column.words)
    return (
        f'--positive-words and --negative-words say what {words} mean' * column.has_two_words
        or None
    )


def _has_shares(column: Column) -> bool:
    return column.meanings['share'] > 0
