"""Faults of a table, told all at once and not one a run."""

from collections import Counter, defaultdict

from dbl.errors import InputError

TOLD = 20  # of each kind


class Faults:
    """Collects what is wrong, by kind, and raises it together.

    >>> faults = Faults()
    >>> faults.add('odd cells', 'a.csv, line 2: expected 0 or 1')
    >>> faults.raise_if_any()
    Traceback (most recent call last):
    ...
    dbl.errors.InputError: a.csv, line 2: expected 0 or 1
    """

    def __init__(self) -> None:
        self.counts = Counter[str]()
        self._told: defaultdict[str, list[str]] = defaultdict(list)

    def add(self, kind: str, message: str) -> None:
        """Adds a fault."""
        self.counts[kind] += 1
        if self.counts[kind] <= TOLD:
            self._told[kind].append(message)

    def raise_if_any(self) -> None:
        """Raises InputError with the first 20 faults of each kind, and how many more there are."""
        lines = []
        for kind, told in self._told.items():
            lines += told
            if more := self.counts[kind] - len(told):
                lines.append(f'and {more} more of this kind ({kind})')
        if lines:
            raise InputError('\n'.join(lines))
