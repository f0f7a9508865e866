"""The columns of a table: what the cells of each look like."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from dbl.errors import InputError, listed, shortened, unknown
from dbl.label_files.table import SAMPLE, Cell, Table
from dbl.label_files.verdicts import JUDGED, UNDECIDED, VERDICTS
from dbl.label_files.words import (
    BRACKETS,
    Meaning,
    is_blank,
    is_picture,
    meaning,
    number_in,
    one_spelling,
    plain,
)

WORDS = 50  # that are kept
NO_WORDS: Mapping[str, str] = {}


@dataclass(frozen=True, eq=False)  # one is itself alone, so that thousands fit in a set
class Column:
    """A column of a table, and what its rows hold: the first ones, or those where it is filled.

    Attributes:
        index: Of the column.
        name: In the header, or how messages call a column without a name.
        meanings: How many cells mean what.
        pictures: Share of the cells that are paths of pictures.
        example: A cell that is not empty.
        is_list: Whether a cell is a list.
        words: The first different cells, and items of lists.
    """

    index: int
    name: str
    meanings: Counter[Meaning]
    pictures: float
    example: str
    is_list: bool
    words: list[str]

    @property
    def digits(self) -> str:
        """The number at the end of its name."""
        return self.name[len(self.name.rstrip('0123456789')) :]

    @property
    def is_different(self) -> bool:
        """Whether each row has another cell, as names of pictures are, even if they are 0 and 1."""
        return len(self.words) == self.meanings.total()

    @property
    def is_empty(self) -> bool:
        """Whether all cells are blank."""
        return self.meanings.total() == self.meanings['blank'] and not self.is_list

    @property
    def is_zero_one(self) -> bool:
        """Whether most of its cells say whether a class is shown: the others are faults."""
        filled = self.meanings.total() - self.meanings['blank']
        return bool(filled) and 2 * self.meanings['other'] < filled

    @property
    def numbers_classes(self) -> bool:
        """Whether it holds whole numbers alone, of which one is neither 0 nor 1."""
        return all(map(str.isdecimal, self.words)) and not {*self.words} <= {'0', '1'}

    @property
    def judges(self) -> bool:
        """Whether its words say of labels that they are accepted, and of some that they are not."""
        words = {word.casefold() for word in self.words} - UNDECIDED
        return words <= VERDICTS.keys() and 0 in map(VERDICTS.get, words)

    @property
    def says_whether(self) -> bool:
        """Whether it holds words for yes and no, or verdicts on labels."""
        return self.is_zero_one or all(word.casefold() in JUDGED for word in self.words)

    @property
    def may_count(self) -> bool:
        """Whether it may count the objects of a class: it holds few numbers, also none, or 0."""
        numbers = {number_in(word) for word in self.words}
        few = {float(number) for number in range(100)}
        filled = self.meanings.total() - self.meanings['blank']
        may_be_none = 0 in numbers or self.meanings['blank'] > 0
        return (
            numbers <= few and bool(numbers - {0, 1}) and may_be_none and filled > len(self.words)
        )

    @property
    def has_lists_of_names(self) -> bool:
        """Whether it holds lists of words, and not of numbers or of objects."""
        return self.is_list and any(
            number_in(word) is None and not word.startswith(BRACKETS) for word in self.words
        )

    @property
    def has_two_words(self) -> bool:
        """Whether it holds two words alone, of which one may be an empty cell, as yes and no."""
        return not self.is_list and len(self.words) + bool(self.meanings['blank']) == 2

    def is_called(self, names: Iterable[str]) -> bool:
        """Whether its name is one of some, in whatever spelling."""
        return plain(self.name) in names


def read_columns(table: Table, words: Mapping[str, str] = NO_WORDS) -> list[Column]:
    """Looks at the first rows, and, for a column that is empty there, at those where it is not.

    A rare class may be shown, or labelled at all, in late rows alone.

    Args:
        table: The table.
        words: What the owner's words mean, as 1 or 0.
    """
    sample = table.sample()
    columns = [_column(table, index, sample, words) for index in range(len(table.header))]
    if len(sample) < SAMPLE:
        return columns
    empty = [column.index for column in columns if column.is_empty and table.header[column.index]]
    late = {index: list[Sequence[Cell]]() for index in empty}
    for _, row in table.rows() if empty else ():
        for index in empty:
            if index < len(row) and not _says_nothing(row[index]) and len(late[index]) < SAMPLE:
                late[index].append(row)
    for index, rows in late.items():
        columns[index] = _column(table, index, rows or sample, words)
    return columns


def _says_nothing(cell: Cell) -> bool:
    return isinstance(cell, str) and is_blank(cell)


def _column(
    table: Table, index: int, sample: Sequence[Sequence[Cell]], words: Mapping[str, str]
) -> Column:
    cells = [row[index] for row in sample if index < len(row)]
    texts = Counter(cell.strip() for cell in cells if isinstance(cell, str))
    meanings = Counter[Meaning]()
    for text, count in texts.items():
        meanings[meaning(words.get(text.casefold(), text))] += count
    items = (item for cell in cells if isinstance(cell, list) for item in cell)
    pictures = sum(count for text, count in texts.items() if is_picture(text))
    return Column(
        index=index,
        name=table.header[index] or f'column {index + 1}',
        meanings=meanings,
        pictures=pictures / max(1, len(cells)),
        example=shortened(next(filter(None, chain(texts, cells)), ''), 20),
        is_list=len(cells) > texts.total(),
        words=[text for text in dict.fromkeys(chain(texts, items)) if not is_blank(text)][:WORDS],
    )


def called(columns: Iterable[Column], names: Sequence[str]) -> list[Column]:
    """The columns with one of some names, in whatever spelling, in the order of the names."""
    order = {name: place for place, name in enumerate(names)}
    found = [(order[name], c) for c in columns if (name := plain(c.name)) in order]
    return [column for _, column in sorted(found, key=lambda pair: pair[0])]


def named(columns: Sequence[Column], name: str, option: str) -> Column:
    """The column of a name.

    Raises:
        InputError: There is none, or more than one.
    """
    found = [column for column in columns if column.name == one_spelling(name)]
    if not found:
        raise unknown(f'{option}: column', name, [column.name for column in columns])
    if len(found) > 1:
        raise InputError(f"{option}: {len(found)} columns are called '{name}'; rename one")
    return found[0]


def quoted(columns: Iterable[Column], length: int = 200) -> str:
    """Lists the names of columns for a message."""
    return listed((f"'{column.name}'" for column in columns), length) or 'none'
