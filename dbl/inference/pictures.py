"""Finds the pictures that a command line names: files, folders, and tables of files."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from dbl.errors import InputError
from dbl.files import read_lines
from dbl.label_files.answers import Answers
from dbl.label_files.columns import image_column
from dbl.label_files.labelled import picture_path
from dbl.label_files.open_table import SUFFIXES, open_table
from dbl.label_files.words import PICTURES, is_picture


def find_pictures(places: Iterable[str | Path], column: str | None = None) -> list[Path]:
    """Lists pictures, each once, in the order of the places and of the names in a folder.

    Args:
        places: Pictures; folders, which are searched to any depth; or tables, whose paths are
            relative to their own folder. A .txt may also hold a path a line.
        column: The tables' column of pictures, where that is open.

    Raises:
        InputError: A place does not exist, or holds no picture.

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> for name in ('b.jpg', 'a.png', 'notes.md'):
    ...     folder.joinpath(name).touch()
    >>> [path.name for path in find_pictures([folder])]
    ['a.png', 'b.jpg']
    """
    found: dict[Path, None] = {}
    for place in map(Path, places):
        here = list(_in(place, column))
        if not here:
            endings = ', '.join(PICTURES)
            raise InputError(f"'{place}' holds no picture; one ends in {endings}")
        found.update(dict.fromkeys(here))
    return list(found)


def _in(place: Path, column: str | None) -> Iterator[Path]:
    if place.is_dir():
        yield from (p for p in sorted(place.rglob('*')) if is_picture(p.name) and p.is_file())
    elif place.suffix.lower() in SUFFIXES and place.is_file():
        yield from (place.parent / name for name in _listed(place, column))
    elif is_picture(place.name) or place.is_file():
        yield place
    else:
        raise InputError(f"'{place}' does not exist; name pictures, folders, or tables of pictures")


def _listed(path: Path, column: str | None) -> list[str]:
    """The pictures that a table lists, or the lines of a plain list."""
    if path.suffix.lower() == '.txt' and column is None:
        lines = [line.strip() for line in read_lines(path)]
        if all(map(is_picture, filter(None, lines))):
            return [picture_path(line) for line in lines if line]
    table = open_table(path)
    index = image_column(table, Answers(image_column=column)).index
    return [picture_path(str(row[index])) for _, row in table.rows() if index < len(row)]
