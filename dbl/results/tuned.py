"""Values that were chosen for each row by itself, such as its rate: rows compared at their best."""

from collections.abc import Sequence

from dbl.errors import InputError, shortened
from dbl.results.paper import NAMES, in_order
from dbl.results.runs import Run
from dbl.results.same_configuration import check_comparable, material_values, within


def check_tuned(runs: Sequence[Run], keys: Sequence[str]) -> None:
    """Refuses runs that differ in more than their rows and these values.

    Raises:
        InputError: They do, or no run has a key.
    """
    known = {name for run in runs for name in material_values(run.given)}
    for key in keys:
        if not any(within(name, key) for name in known):
            raise InputError(
                f"--tuned '{shortened(key)}' is not a key of these runs' configs that their "
                'numbers depend on; give one, such as optimizer.lr'
            )
    check_comparable(runs, keys)


def own_values(runs: Sequence[Run], keys: Sequence[str]) -> list[str]:
    """Says for each of these values which rows have it, one value a line.

    Args:
        runs: Comparable ones, see :func:`check_tuned`.
        keys: Keys of values, or of parts of the config.

    >>> from types import SimpleNamespace
    >>> rates = {'rs': 0.5, 'db': 0.5, 'erm': 0.1}
    >>> runs = [SimpleNamespace(row=r, given={'optimizer': {'lr': v}}) for r, v in rates.items()]
    >>> own_values(runs, ['optimizer.lr'])
    ['optimizer.lr=0.1: ERM', 'optimizer.lr=0.5: RS, DB']
    """
    rows_with: dict[str, list[str]] = {}
    by_row = {run.row: run for run in runs}
    for row in in_order(by_row):
        for name, value in material_values(by_row[row].given).items():
            if any(within(name, key) for key in keys):
                rows_with.setdefault(f'{name}={value}', []).append(NAMES.get(row, row))
    return [f'{value}: {", ".join(rows)}' for value, rows in rows_with.items()]
