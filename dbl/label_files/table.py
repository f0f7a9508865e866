"""A table as it lies in a file: a header, and rows of cells."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

Cell = str | list[str]
Row = tuple[int, Sequence[Cell]]
Record = dict[str, Any]  # what JSON and the like have for a row: values by the names of columns
SAMPLE = 1000  # rows that tell what the columns hold


@dataclass(frozen=True)
class Table:
    """A table, whose rows can be gone through more than once.

    Attributes:
        path: Its file.
        header: The names of the columns; a column without a name has an empty one.
        rows: Gives the rows, each with the number of its line or record.
        form: What the file is, in words.
        unit: ``'line'`` or ``'record'``, what the numbers count.
        used: The answers that opening it had a use for.
        class_names: The names of the classes 0, 1, ... where the file has them beside the rows.
    """

    path: Path
    header: list[str]
    rows: Callable[[], Iterator[Row]]
    form: str
    unit: str = 'line'
    used: frozenset[str] = frozenset()
    class_names: Sequence[str] = ()

    def sample(self, count: int = SAMPLE) -> list[Sequence[Cell]]:
        """The first rows."""
        return [row for _, row in islice(self.rows(), count)]

    def place(self, number: int) -> str:
        """Names a row for messages that name the file."""
        return f'{self.unit} {number}'
