"""Finds the header of a table in text, below what titles and comments stand above it."""

from collections.abc import Callable, Sequence
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

from dbl.errors import InputError, shortened
from dbl.label_files.label_columns import LABELS
from dbl.label_files.words import PICTURE_NAMES, is_picture, meaning, plain

Lines = Sequence[tuple[int, list[str]]]


class Header(NamedTuple):
    """The header of a table in text.

    Attributes:
        names: Of the columns; None where there is no header.
        first: The line at which the rows begin.
        above: Says which lines above it are left out; empty where there are none.
    """

    names: list[str] | None
    first: int
    above: str = ''


def find_header(
    path: Path, rows: Lines, is_given: bool = False, skipped: int | None = None
) -> Header:
    """Finds the header in the first rows, each with the number of its line.

    Args:
        path: The file, for messages.
        rows: They begin below the lines that are skipped.
        is_given: Whether names are given, so that a header needs to name the pictures.
        skipped: How many lines are skipped; None looks for titles above the header.

    Raises:
        InputError: There are no rows, or the first one is too short to be their header.

    >>> lines = [['Pets of 2024'], ['image', 'cat', 'dog'], ['a.jpg', '1', '0']]
    >>> find_header(Path('a.csv'), list(enumerate(lines, start=1)))
    Header(names=['image', 'cat', 'dog'], first=3, above="; line 1, 'Pets of 2024', is left out \
(--skip-lines)")
    """
    if not rows:
        below = f' below its first {skipped} lines (--skip-lines)' if skipped else ''
        raise InputError(f"'{path}' is empty{below}")
    count = _count_above([row for _, row in rows], skipped is None and not is_given)
    above, rows = rows[:count], rows[count:]
    names, first = _names_and_first(rows, is_given)
    if names is None or not _names_pictures(names):
        _check_width(path, rows)
    return Header(names, first, _said(above, skipped))


def _count_above(rows: Sequence[list[str]], finds_titles: bool) -> int:
    """How many rows stand above the header: comments, a count of the rows, and titles.

    A row is a title for certain where all below the titles have one other width.
    """
    width = len(rows[-1])

    def is_note(row: list[str]) -> bool:
        return len(row) != width and _is_note(row)

    titles = _leading(rows, lambda row: is_note(row) or _is_title(row))
    if finds_titles and _is_table(rows[titles:]):
        return titles
    return _leading(rows, is_note)


def _leading(rows: Sequence[list[str]], fits: Callable[[list[str]], bool]) -> int:
    return len(list(takewhile(fits, rows[:-1])))


def _is_note(row: list[str]) -> bool:
    """Whether a row is a comment, or says how many rows come."""
    return row[0].startswith('#') or (len(row) == 1 and row[0].strip().isdecimal())


def _is_title(row: list[str]) -> bool:
    """Whether a row has one filled cell, which is no picture and no name of their column."""
    return len(_filled(row)) == 1 and not _names_pictures(row) and not any(map(is_picture, row))


def _is_table(rows: Sequence[list[str]]) -> bool:
    """Whether rows are of one width, of more than one cell, and hold pictures."""
    header, *rest = rows
    holds_pictures = _names_pictures(header) or any(
        is_picture(cell) for row in rest for cell in row
    )
    return holds_pictures and len(header) > 1 and {len(row) for row in rest} <= {len(header)}


def _names_and_first(rows: Lines, is_given: bool) -> tuple[list[str] | None, int]:
    """The names in the header, if there is one, and the line at which the rows begin."""
    (line, header), *rest = rows
    below = [cells for _, cells in rest]
    if _is_data(header) or (is_given and not _names_pictures(header)) or _counts_on(header, below):
        return None, line
    if rest and _goes_on(header, rest[0][1]):
        return _of_two_levels(rows)
    data = [_without_end(cells) for _, cells in rest]
    if _lacks_the_first(header, data):
        return ['image', *_without_end(header)], line + 1
    if _lacks_row_names(header, data):
        return ['', *_without_end(header)], line + 1
    return [header[0].removeprefix('#'), *header[1:]], line + 1


def _of_two_levels(rows: Lines) -> tuple[list[str], int]:
    """The names of two lines, as pandas writes them, and of a third one for the index."""
    (_, upper), (line, lower), *rest = rows
    names = [low or high for high, low in zip(upper, lower, strict=True)]
    if rest and len(_filled(rest[0][1])) == 1 and _names_pictures(rest[0][1][:1]):
        return [rest[0][1][0], *names[1:]], rest[0][0] + 1
    return names, line + 1


def _lacks_the_first(header: list[str], rest: Sequence[list[str]]) -> bool:
    """Whether a header names all columns but that of the pictures, the first one, as CelebA's."""
    has_one_less = _has_one_less(header, rest) and not _names_pictures(header)
    return has_one_less and all(is_picture(row[0]) for row in rest)


def _lacks_row_names(header: list[str], rest: Sequence[list[str]]) -> bool:
    """Whether a header names all columns but the first one, the names of R's rows."""
    if not _has_one_less(header, rest) or not _names_pictures(header):
        return False
    behind = 1 + next(i for i, name in enumerate(header) if _names_pictures([name]))
    pictures = [row[behind] if behind < len(row) else '' for row in rest]
    firsts = [row[0] if row else '' for row in rest]
    are_named = all(map(is_picture, pictures)) or all(map(str.isdecimal, firsts))
    all_differ = len({*firsts}) == len({*pictures}) == len(rest)
    return are_named and all_differ and not any(map(is_picture, firsts))


def _has_one_less(header: list[str], rest: Sequence[list[str]]) -> bool:
    return len(_without_end(header)) == max(map(len, rest), default=0) - 1


def _check_width(path: Path, rows: Lines) -> None:
    """Raises InputError where the first row is no picture's, and too short for a header."""
    (line, row), *others = rows
    rest = [cells for _, cells in others]
    is_narrow = len(_filled(row)) == 1 or all(len(row) < len(cells) for cells in rest)
    most = max((len(_without_end(cells)) for cells in rest), default=0)
    if is_narrow and len(_without_end(row)) < most and not any(map(is_picture, row)):
        raise InputError(
            f"{path}, line {line}: '{shortened(', '.join(_filled(row)), 40)}' is too short for the "
            f'lines below, which have up to {most} cells; --skip-lines {line} leaves it out'
        )


def _said(above: Lines, skipped: int | None) -> str:
    """Says which lines are left out."""
    last = above[-1][0] if above else skipped or 0
    if not last:
        return ''
    title = shortened(_filled(above[0][1])[0], 40) if above else ''
    begins = f", '{title}'," if above and last == 1 else f", '{title}' ...," if above else ''
    which = f'line 1{begins} is' if last == 1 else f'lines 1 to {last}{begins} are'
    return f'; {which} left out (--skip-lines)'


def _filled(row: Sequence[str]) -> list[str]:
    return [cell.strip() for cell in row if cell.strip()]


def _without_end(row: list[str]) -> list[str]:
    """A row without the empty cells at its end."""
    while row and not row[-1].strip():
        row = row[:-1]
    return row


def _is_data(row: list[str]) -> bool:
    """Whether a row holds what no header does: a picture, or nothing but one name and numbers."""
    if any(map(is_picture, row)):
        return True
    others = [cell for cell in row if meaning(cell) in ('other', 'blank')]
    return len(row) > 1 and len(others) <= 1 and not _names_pictures(row)


def _counts_on(row: list[str], below: Sequence[list[str]]) -> bool:
    """Whether a row begins as those below it do but for a number, as img001 above img002."""
    if any(plain(name) in LABELS for name in row[1:]):
        return False
    stem = row[0].rstrip('0123456789')
    firsts = [cells[0] for cells in below if cells]
    alike = [first.startswith(stem) and first[len(stem) :].isdecimal() for first in firsts]
    return stem not in ('', row[0]) and bool(alike) and all(alike)


def _names_pictures(header: list[str]) -> bool:
    return any(plain(name) in PICTURE_NAMES for name in header)


def _goes_on(header: list[str], row: list[str]) -> bool:
    repeated = len(set(header)) < len(header)
    same_first = row[0] in ('', header[0])
    return repeated and not _is_data(row) and len(row) == len(header) and same_first
