"""Faults of label files, told all at once and not one a run."""

from collections import Counter, defaultdict
from collections.abc import Mapping

from dbl.errors import InputError

TOLD = 20  # places of each kind


class FaultyRowsError(InputError):
    """Rows are at fault, of a table whose columns are understood.

    Args:
        message: Names the rows.
        name: Of the table.
        understood: What it is taken for, by what that is of.
    """

    def __init__(self, message: str, name: str, understood: Mapping[str, str]) -> None:
        super().__init__(message)
        self.name, self.understood = name, understood


class Faults:
    """Collects what is wrong, by kind, and raises it together.

    Args:
        where: The file or folder, for the message.

    >>> faults = Faults('a.csv')
    >>> for line in (2, 7):
    ...     faults.add('empty cell', f'line {line}', '--blank says how it counts')
    >>> faults.raise_if_any()
    Traceback (most recent call last):
    ...
    dbl.errors.InputError: 'a.csv': empty cell in line 2, line 7; --blank says how it counts
    """

    def __init__(self, where: object) -> None:
        self.where = where
        self._counts = Counter[str]()
        self._told: defaultdict[str, list[str]] = defaultdict(list)
        self._helps: dict[str, str] = {}

    def add(self, what: str, place: str, helps: str = '') -> None:
        """Adds a fault: of what kind, where it is, and what helps against all of the kind."""
        self._counts[what] += 1
        self._helps[what] = helps
        if self._counts[what] <= TOLD:
            self._told[what].append(place)

    def raise_if_any(self) -> None:
        """Raises InputError with the first 20 places of each kind, and how many more there are."""
        if self._told:
            kinds = ', and '.join(map(self._kind, self._told))
            raise InputError(f"'{self.where}': {kinds}")

    def _kind(self, what: str) -> str:
        told = self._told[what]
        left = self._counts[what] - len(told)
        more = f' and {left} more places' if left else ''
        helps = f'; {self._helps[what]}' if self._helps[what] else ''
        return f'{what} in {", ".join(told)}{more}{helps}'
