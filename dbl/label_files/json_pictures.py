"""Tools that write a JSON file for each picture: LabelMe, and Supervisely."""

import json
import posixpath
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from dbl.errors import InputError, shortened
from dbl.label_files.annotation_tools import attribute_records
from dbl.label_files.labelled import picture_path
from dbl.label_files.table import Record
from dbl.label_files.text import decode
from dbl.label_files.words import is_picture

Attributes = list[Mapping[str, Any]]
# What tells LabelMe's files from others, without reading all of them.
SHAPES = re.compile(rb'"shapes"\s*:\s*\[')
PICTURE_KEY = b'"imageData"'
LOOKED_AT = 2000  # bytes


def labelme_records(root: Path, files: Sequence[str]) -> tuple[list[Record], str]:
    """Makes a record of each of LabelMe's files: the labels of shapes, and the flags that are set.

    Args:
        root: The folder of the data.
        files: All files below it.

    Returns:
        The records, none where there are no such files, and what these are called.

    Raises:
        InputError: A file is not what it seems to be.
    """
    pictures = {_stem(file): file for file in files if is_picture(file)}
    found = [f for f in files if f.endswith('.json') and _is_labelme(root / f)]
    read = _of_each(root, found, lambda file, content: _labelme(file, content, pictures))
    return attribute_records(read), "LabelMe's files"


def _is_labelme(path: Path) -> bool:
    with path.open('rb') as file:
        start = file.read(LOOKED_AT)
        # With sorted keys the picture itself may stand before the shapes.
        return SHAPES.search(start + file.read() if PICTURE_KEY in start else start) is not None


def _labelme(
    file: str, content: Mapping[str, Any], pictures: Mapping[str, str]
) -> tuple[str, Attributes]:
    flags = {**(content.get('flags') or {})}
    shapes = [{'labels': {s['label']: True}} for s in _objects(content, 'shapes') if 'label' in s]
    written = picture_path(str(content.get('imagePath') or ''))
    image = posixpath.normpath(posixpath.join(posixpath.dirname(file), written))
    if pictures.get(_stem(image)) != image:  # it was renamed, or moved with its file
        image = pictures.get(_stem(file), image)
    return image, [{'flags': flags}, *shapes]


def _stem(path: str) -> str:
    return path.rpartition('.')[0]


def supervisely_records(root: Path, files: Sequence[str]) -> tuple[list[Record], str]:
    """Makes a record of each of Supervisely's files, ``ann/a.jpg.json`` beside ``img/a.jpg``.

    Args:
        root: The folder of the data.
        files: All files below it.

    Returns:
        The records, none where there are no such files, and what these are called.

    Raises:
        InputError: A file is not what it seems to be.
    """
    found = [file for file in files if _is_supervisely(file)]
    return attribute_records(_of_each(root, found, _supervisely)), "Supervisely's files"


def _is_supervisely(file: str) -> bool:
    path = PurePosixPath(file)
    return path.parent.name == 'ann' and path.suffix == '.json' and is_picture(path.stem)


def _supervisely(file: str, content: Mapping[str, Any]) -> tuple[str, Attributes]:
    path = PurePosixPath(file)
    objects = [{'objects': {o.get('classTitle', ''): True}} for o in _objects(content, 'objects')]
    tags = [dict(_tag(tag)) for tag in _objects(content, 'tags')]
    return (path.parent.parent / 'img' / path.stem).as_posix(), [*objects, *tags]


def _tag(tag: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    name, value = str(tag.get('name', '')), tag.get('value')
    yield (f'tags: {name}', str(value)) if value is not None else ('tags', {name: True})


def _objects(content: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    return [item for item in content.get(key) or [] if isinstance(item, dict)]


def _of_each(
    root: Path, files: Sequence[str], read: Callable[[str, dict[str, Any]], tuple[str, Attributes]]
) -> Iterator[tuple[str, Attributes]]:
    """The picture and the attributes of each file.

    Raises:
        InputError: A file is no object of JSON, or of another form than its beginning says.
    """
    for file in files:
        try:
            yield read(file, _object(root / file))
        except (AttributeError, KeyError, TypeError) as error:
            what = shortened(error, 200)
            raise InputError(f"'{root / file}' is of another form than its kind: {what}") from error


def _object(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(decode(path))
    except (ValueError, RecursionError) as error:
        raise InputError(f"'{path}' is not JSON: {shortened(error, 200)}") from error
    if not isinstance(content, dict):
        raise InputError(f"'{path}' is no object of JSON, as one for a picture is")
    return content
