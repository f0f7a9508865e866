"""Finds the pictures that a command line names: files, folders, and tables of files."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NoReturn

from dbl.errors import InputError
from dbl.label_files.answers import Answers
from dbl.label_files.columns import image_column
from dbl.label_files.labelled import picture_path
from dbl.label_files.open_table import SUFFIXES, open_table
from dbl.label_files.pictures import find_pictures
from dbl.label_files.text import decode
from dbl.label_files.words import PICTURES, is_blank, is_picture

AS_IT_IS = Answers()


def pictures_in(places: Iterable[str | Path], answers: Answers = AS_IT_IS) -> list[Path]:
    """Lists pictures, each once, in the order of the places and of the names in a folder.

    Args:
        places: Pictures; folders, which are searched to any depth, through links too; or tables,
            whose paths are relative to their own folder. A .txt may also hold a path a line.
        answers: How the tables are read, where that is open.

    Raises:
        InputError: A place does not exist, or holds no picture; or answers have no table.

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> for name in ('b.jpg', 'a.png', 'notes.md'):
    ...     folder.joinpath(name).touch()
    >>> [path.name for path in pictures_in([folder])]
    ['a.png', 'b.jpg']
    """
    paths = [Path(place) for place in places]
    if answers != AS_IT_IS and not any(map(is_table, paths)):
        raise InputError('the options on tables have no effect: none is named; leave them out')
    found: dict[Path, None] = {}
    for place in paths:
        here = list(_in(place, answers))
        if not here:
            endings = ', '.join(PICTURES)
            raise InputError(f"'{place}' holds no picture; one ends in {endings}")
        found.update(dict.fromkeys(here))
    return list(found)


def is_table(place: Path) -> bool:
    """Whether a path is that of a table, or of a list of pictures.

    >>> is_table(Path('a.jpg'))
    False
    """
    return place.suffix.lower() in SUFFIXES and place.is_file()


def _in(place: Path, answers: Answers) -> Iterator[Path]:
    if place.is_dir():
        yield from _in_folder(place)
    elif is_table(place):
        yield from (place.parent / name for name in _located(place.parent, _listed(place, answers)))
    elif is_picture(place.name) or place.is_file():
        yield place
    else:
        what = 'is no file' if place.exists() else 'does not exist'
        raise InputError(f"'{place}' {what}; name pictures, folders, or tables of pictures")


def _located(folder: Path, names: list[str]) -> list[str]:
    """Where the pictures of a table are: as it says, or else by their names, as for training."""
    if any((folder / name).is_file() for name in names):
        return names
    try:
        return find_pictures(folder, names).paths
    except InputError:  # each is reported as missing
        return names


def _in_folder(folder: Path) -> list[Path]:
    """The pictures in a folder and below it. A folder that links lead to twice is searched once."""
    found, searched = [], set()
    for parent, folders, names in os.walk(folder, onerror=_raise, followlinks=True):
        folders.sort()
        real = os.path.realpath(parent)
        if real in searched:
            folders.clear()
        else:
            found += [Path(parent, name) for name in names if is_picture(name)]
        searched.add(real)
    return sorted(found)


def _raise(error: OSError) -> NoReturn:
    raise error


def _listed(path: Path, answers: Answers) -> list[str]:
    """The pictures that a table lists, or the lines of a plain list."""
    if path.suffix.lower() == '.txt' and answers.image_column is None:
        lines = [line for line in decode(path, answers.encoding).splitlines() if line.strip()]
        if all(map(is_picture, lines)):
            return [picture_path(line) for line in lines]
    of_text = answers.encoding, answers.delimiter, answers.header, answers.skip_lines
    table = open_table(path, *of_text)
    index = image_column(table, answers).index
    cells = (str(row[index]) for _, row in table.rows() if index < len(row))
    return [picture_path(cell) for cell in cells if not is_blank(cell)]
