"""Finds the header of a table in text."""

from collections.abc import Iterator
from pathlib import Path

from dbl.errors import InputError
from dbl.label_files.words import PICTURE_NAMES, is_picture, meaning, plain


def find_header(
    path: Path, rows: Iterator[tuple[int, list[str]]], replaced: bool
) -> tuple[list[str] | None, int]:
    """The header, or None, and the line at which the rows begin."""
    found = list(rows)
    if not found:
        raise InputError(f"'{path}' is empty")
    width = len(found[-1][1])
    while len(found) > 1 and len(found[0][1]) != width and _is_no_header(found[0][1]):
        del found[0]
    (line, header), *rest = found
    if _is_data(header) or (replaced and not _names_pictures(header)):
        return None, line
    if rest and _goes_on(header, rest[0][1]):  # pandas writes two lines for columns of two levels
        return rest[0][1], rest[0][0] + 1
    named, cells = _without_end(header), _without_end(found[-1][1])
    if (
        len(named) == len(cells) - 1 and not _names_pictures(named) and is_picture(cells[0])
    ):  # as CelebA's
        return ['image', *named], line + 1
    return [header[0].removeprefix('#'), *header[1:]], line + 1


def _without_end(row: list[str]) -> list[str]:
    """A row without the empty cells at its end."""
    while row and not row[-1].strip():
        row = row[:-1]
    return row


def _is_no_header(row: list[str]) -> bool:
    """Whether a row before the header is a comment, or says how many rows come."""
    return row[0].startswith('#') or (len(row) == 1 and row[0].strip().isdecimal())


def _is_data(row: list[str]) -> bool:
    """Whether a row holds what no header does: a picture, or nothing but one name and numbers."""
    if any(map(is_picture, row)):
        return True
    others = [cell for cell in row if meaning(cell) in ('other', 'blank')]
    return len(row) > 1 and len(others) <= 1 and not _names_pictures(row)


def _names_pictures(header: list[str]) -> bool:
    return any(plain(name) in PICTURE_NAMES for name in header)


def _goes_on(header: list[str], row: list[str]) -> bool:
    repeated = len(set(header)) < len(header)
    return repeated and not _is_data(row) and len(row) == len(header) and row[0] == header[0]
