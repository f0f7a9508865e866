"""A line of a table, which is split only where that is asked for: wide rows are read faster."""

from collections.abc import Iterator, Sequence


class Line(Sequence[str]):
    """A line of text without quotes, as the cells that it holds, which are kept once it is split.

    Args:
        text: The line.
        delimiter: Between its cells.

    >>> line = Line('a.jpg,0,1', ',')
    >>> line[0], line.rest, len(line), list(line)
    ('a.jpg', '0,1', 3, ['a.jpg', '0', '1'])
    """

    __slots__ = ('_cells', 'delimiter', 'text')

    def __init__(self, text: str, delimiter: str) -> None:
        self.text, self.delimiter = text, delimiter
        self._cells: list[str] | None = None

    @property
    def rest(self) -> str:
        """What is behind the first delimiter, if there is one."""
        return self.text.partition(self.delimiter)[2]

    def __getitem__(self, index):  # type: ignore[no-untyped-def]  # an integer, or a slice
        if index == 0:
            return self.text.partition(self.delimiter)[0]
        return self._split()[index]

    def __len__(self) -> int:
        cells = self._cells
        return self.text.count(self.delimiter) + 1 if cells is None else len(cells)

    def __iter__(self) -> Iterator[str]:
        return iter(self._split())

    def __eq__(self, other: object) -> bool:
        if isinstance(other, str) or not isinstance(other, Sequence):
            return False
        return self._split() == list(other)

    __hash__ = None  # type: ignore[assignment]  # as a list has none

    def __repr__(self) -> str:
        return f'Line({self.text!r}, {self.delimiter!r})'

    def _split(self) -> list[str]:
        if self._cells is None:
            self._cells = self.text.split(self.delimiter)
        return self._cells
