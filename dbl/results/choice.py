"""Choosing a value on validation, so that only that value meets the test set."""

from collections.abc import Sequence

from dbl.results.table import Row


def candidates(rows: Sequence[Row]) -> list[Row]:
    """The rows to choose from: those of selected epochs, or all if there are none."""
    selected = [row for row in rows if 'selected/' in row.variant]
    return selected or list(rows)


def chosen(rows: Sequence[Row]) -> Row | None:
    """The candidate with the highest mean mAP on validation, over all classes and seeds.

    Returns None if some rows have fewer seeds than others, because the missing runs might change
    the choice. Among equal rows, the first is chosen.

    >>> import numpy as np
    >>> rows = [Row(name, [0], np.full((1, 4), ap), [1.0]) for name, ap in (('a', 30), ('b', 40))]
    >>> chosen(rows).name
    'b'
    """
    if len({tuple(row.seeds) for row in rows}) != 1 or not rows[0].seeds:
        return None
    return max(candidates(rows), key=lambda row: row.mean[0])
