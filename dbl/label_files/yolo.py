"""YOLO's label files: a .txt for each picture, whose lines begin with the number of a class."""

import posixpath
import re
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

import yaml

from dbl.errors import InputError, shortened
from dbl.label_files.table import Record
from dbl.label_files.text import decode
from dbl.label_files.words import is_picture

IMAGES, LABELS = ('images', 'image', 'imgs', 'img', 'jpegimages'), 'labels'
# A class, and a box, a polygon, or points, between 0 and 1; and perhaps a score.
LINE = re.compile(r'(\d+)(\.0*)?(\s+-?\d*\.?\d+(e-?\d+)?){4,}\s*', re.IGNORECASE)
# A class, a box, and a score, as in predictions. A whole number is that of a track.
WITH_SCORE = re.compile(r'\d+(\s+\S+){4}\s+(\d*\.\d+|\S+e-\d+)', re.IGNORECASE)
LISTS = ('classes.txt', 'obj.names', '_darknet.labels')  # of names, one a line


def yolo_records(root: Path, files: Sequence[str]) -> tuple[list[Record], str]:
    """Makes a record of each picture, with the classes in its label file, as far as it has one.

    The label file lies beside the picture, or in a folder ``labels`` where the picture is in one
    called ``images``.

    Args:
        root: The folder of the data.
        files: All files below it. Pictures in a folder without label files, as masks, do not count.

    Returns:
        The records, none where there are no such files, and what these are called.

    Raises:
        InputError: A line is none of YOLO's, or its class has no name.
    """
    texts = {file for file in files if file.endswith('.txt')}
    found = {f: next(filter(texts.__contains__, _places(f)), None) for f in files if is_picture(f)}
    first = next((lines for f in found.values() if f and (lines := _lines(root / f))), [])
    if not first or not LINE.fullmatch(first[0]):
        return [], ''
    names, source = class_names(root, files)
    folders = {posixpath.dirname(image) for image, file in found.items() if file}
    records = [
        {'image': image, 'labels': None if file is None else _labels(root / file, names)}
        for image, file in found.items()
        if posixpath.dirname(image) in folders
    ]
    return records, f"YOLO's label files, names of classes from {source}"


def _places(picture: str) -> Iterator[str]:
    """Where the label file of a picture may lie."""
    *folders, name = PurePosixPath(picture).parts
    text = f'{PurePosixPath(name).stem}.txt'
    for index in (i for i, folder in enumerate(folders) if folder.lower() in IMAGES):
        yield '/'.join([*folders[:index], LABELS, *folders[index + 1 :], text])
    yield '/'.join([*folders, text])


def _lines(path: Path) -> list[str]:
    return [line.strip() for line in _text(path).splitlines() if line.strip()]


def _text(path: Path) -> str:
    """The text of a file, with other signs in place of what is not in UTF-8 or UTF-16."""
    try:
        return decode(path)
    except InputError:
        return path.read_text(errors='replace')


def _labels(path: Path, names: dict[int, str]) -> list[str]:
    found = dict[str, None]()
    for number, line in enumerate(_lines(path), start=1):
        match = LINE.fullmatch(line)
        if match is None:
            raise InputError(
                f'{path}, line {number}: expected the number of a class, and a box, but got '
                f"'{shortened(line, 40)}'"
            )
        if WITH_SCORE.fullmatch(line):
            raise InputError(
                f"{path}, line {number}: '{shortened(line, 60)}' ends in a score; keep the lines "
                'whose score is high enough, and cut it off'
            )
        if names and int(match[1]) not in names:
            raise InputError(
                f'{path}, line {number}: class {match[1]} has no name; there are {len(names)}, and '
                'the first is that of 0'
            )
        found[names.get(int(match[1]), match[1])] = None
    return list(found)


def class_names(root: Path, files: Sequence[str]) -> tuple[dict[int, str], str]:
    """The names of the classes, and where they are from: a .yaml, or a list of them; or none."""
    for file in (f for f in files if f.endswith(('.yaml', '.yml')) and '/' not in f):
        if names := _of_yaml(root / file):
            return names, f"'{file}'"
    for file in (f for f in files if PurePosixPath(f).name in LISTS):
        return _readable(root / file, dict(enumerate(_lines(root / file)))), f"'{file}'"
    return {}, 'no file (--names)'


def _of_yaml(path: Path) -> dict[int, str]:
    try:
        content = yaml.safe_load(_text(path))
    except (yaml.YAMLError, RecursionError) as error:
        raise InputError(f"'{path}' is not YAML: {shortened(error, 200)}") from error
    names = content.get('names') if isinstance(content, dict) else None
    if isinstance(names, list):
        names = dict(enumerate(names))
    pairs = names.items() if isinstance(names, dict) else ()
    return _readable(path, {int(n): str(name) for n, name in pairs if str(n).isdecimal()})


def _readable(path: Path, names: dict[int, str]) -> dict[int, str]:
    """Names, if all of their signs are known."""
    if any(odd in name for name in names.values() for odd in '\ufffd\0'):
        raise InputError(f"'{path}' is not text in UTF-8; save it as such")
    return names
