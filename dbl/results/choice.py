"""Choosing a value on validation, and what the test set says of that one alone."""

from collections.abc import Sequence

from dbl.results.table import Row


def candidates(rows: Sequence[Row]) -> list[Row]:
    """What there is to choose from: of rows with a selected epoch that one, else the last."""
    selected = [row for row in rows if 'selected/' in row.variant]
    return selected or list(rows)


def chosen(rows: Sequence[Row]) -> Row | None:
    """The candidate with the highest mean mAP on validation, over all classes and seeds.

    None where some rows have fewer seeds than others: what is missing might change the choice. Of
    equal ones the first is chosen.

    >>> import numpy as np
    >>> rows = [Row(name, [0], np.full((1, 4), ap), [1.0]) for name, ap in (('a', 30), ('b', 40))]
    >>> chosen(rows).name
    'b'
    """
    if len({tuple(row.seeds) for row in rows}) != 1 or not rows[0].seeds:
        return None
    return max(candidates(rows), key=lambda row: row.mean[0])
