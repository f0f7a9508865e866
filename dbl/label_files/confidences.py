"""Which columns say how sure the labels are."""

from collections.abc import Sequence

from dbl.errors import InputError
from dbl.label_files.column import Column, quoted
from dbl.label_files.table import Table

# Names of columns as people write them, as `plain` spells them.
CONFIDENCES = (
    'confidence confidences conf confs score scores probability probabilities prob probs'
).split()
# Names of columns that say of the label in a row whether it counts, as pandas' melt gives it.
WHETHER = 'value present ispresent positive shown'.split()


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
        if column.is_called(CONFIDENCES) or (column.is_called(WHETHER) and column.is_zero_one)
    ]
    known = [column for column in known if column not in labels]
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
