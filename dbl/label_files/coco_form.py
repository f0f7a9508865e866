"""Files in COCO's form, with anybody's classes and file names."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from dbl.datasets.annotations import Annotations
from dbl.errors import InputError, listed, shortened
from dbl.label_files.answers import Answers
from dbl.label_files.class_names import in_one_case
from dbl.label_files.coco_objects import (
    check_objects,
    check_scores,
    counted,
    key_of,
    objects_of,
    shown_in,
)
from dbl.label_files.faults import Faults
from dbl.label_files.label_columns import NoLabelsError
from dbl.label_files.labelled import picture_path
from dbl.label_files.reading import Reading
from dbl.label_files.text import decode
from dbl.label_files.words import one_spelling

FILE_NAMES = ('file_name', 'filename', 'path')
# What tells a file from others, without reading all of it: it may have a million objects.
LISTS = [re.compile(rf'"{key}"\s*:\s*\[') for key in ('images', 'categories')]
_GET = 'download the pictures, and write the names of their files'


def read_coco_form(path: Path, answers: Answers) -> Reading:
    """Reads a file in COCO's form: a picture shows the classes of all objects in it.

    Ids may be numbers or text. Boxes and areas are not looked at, so that an object counts whatever
    its annotation tool wrote there. Objects to be ignored, and those of pictures or categories that
    are not listed, do not count, and are counted by reason. A category without objects is no class.

    Raises:
        InputError: The file is missing, or is not in COCO's form.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / 'train.json'
    >>> _ = path.write_text(json.dumps({
    ...     'images': [{'id': 1, 'file_name': 'a.jpg'}],
    ...     'categories': [{'id': 0, 'name': 'all'}, {'id': 1, 'name': 'helmet'}],
    ...     'annotations': [{'image_id': '1', 'category_id': 1, 'area': 0}],
    ... }))
    >>> read_coco_form(path, Answers()).annotations.classes
    ['helmet']
    """
    content, notes = _content(path), dict[str, str]()
    images = _images(path, content['images'], notes)
    categories = _categories(path, content['categories'], notes)
    objects = list(objects_of(content['annotations']))
    check_scores(path, objects)
    shown, reasons = shown_in(objects, images, categories)
    check_objects(path, objects, categories, reasons)
    read = _annotations(shown, categories.values())
    joined = in_one_case(f"'{path}' has", read, answers.merge_case)
    understood = {
        'file': f"{path.parent.name}/{path.name}, in COCO's form",
        'objects': counted(len(objects), reasons),
    }
    used_names = {*read.classes}
    if unused := [name for name in dict.fromkeys(categories.values()) if name not in used_names]:
        understood['left out'] = f'categories without objects: {_listed(unused)}'
    has_merged = len(joined.classes) < len(read.classes)
    used = frozenset({'merge_case'} if has_merged else ())
    return Reading(joined, understood | notes, path.parent, used=used)


def is_coco_form(path: Path) -> bool:
    """Whether a file lists pictures and categories, as COCO's form does.

    >>> is_coco_form(Path('no such file.json'))
    False
    """
    try:
        text = decode(path)
    except InputError:
        return False
    return text.lstrip().startswith('{') and all(key.search(text) for key in LISTS)


def _annotations(shown: Mapping[str, set[str]], names: Iterable[str]) -> Annotations:
    """The labels, with the classes that are shown in the order of their names."""
    used = set[str]().union(*shown.values())
    classes = [name for name in dict.fromkeys(names) if name in used]
    index = {name: c for c, name in enumerate(classes)}
    rows = [sorted(index[name] for name in found) for found in shown.values()]
    return Annotations(classes, list(shown), rows)


def _content(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise InputError(
            f"'{path}' does not exist; --root must be a folder with COCO's annotations/ inside, as "
            '`python -m dbl build_dataset download coco` makes it; --train-json and --test-json '
            'name other files'
        )
    try:
        content = json.loads(decode(path))
    except (ValueError, RecursionError) as error:
        raise InputError(f"'{path}' is not JSON: {shortened(error, 200)}") from error
    for key in ('images', 'categories', 'annotations'):
        entries = content.get(key) if isinstance(content, dict) else None
        if key == 'annotations' and entries is None:
            raise NoLabelsError(
                f"'{path}' is not in COCO's form: it has no list of annotations; a test set needs "
                'labels'
            )
        if not isinstance(entries, list) or not all(isinstance(e, dict) for e in entries):
            raise InputError(f"'{path}' is not in COCO's form: it has no list of {key}")
    return content


def _images(
    path: Path, entries: Iterable[Mapping[str, Any]], notes: dict[str, str]
) -> dict[str, str]:
    """The path of each picture, by its id."""
    found, faults = dict[str, str](), Faults(path)
    again = Counter[str]()
    for number, entry in enumerate(entries):
        name, key, place = _file_name(entry), key_of(entry, 'id'), f'images[{number}]'
        if not name or not key:
            faults.add('no id or no file_name', place)
        elif '://' in name:
            faults.add('a URL instead of a picture', f"{place} ('{shortened(name, 40)}')", _GET)
        elif found.get(key, name) != name:
            faults.add('an id that came before', f'{place} ({key})')
        else:
            again['pictures that are listed again'] += key in found
            found[key] = name
    faults.raise_if_any()
    again['pictures under two ids'] = len(found) - len({*found.values()})
    notes |= {what: f'{count} joined with the one before' for what, count in again.items() if count}
    return found


def _file_name(entry: Mapping[str, Any]) -> str:
    """The path of a picture, or the last part of its address, which is all that LVIS has."""
    for name in (entry.get(key) for key in FILE_NAMES):
        if isinstance(name, str) and name.strip():
            return picture_path(name)
    url = entry.get('coco_url') or entry.get('flickr_url')
    return unquote(PurePosixPath(urlsplit(url).path).name) if isinstance(url, str) else ''


def _categories(
    path: Path, entries: Iterable[Mapping[str, Any]], notes: dict[str, str]
) -> dict[str, str]:
    """The name of each class by its id, in the order of the ids where these are numbers."""
    found = dict[str, str]()
    for number, entry in enumerate(entries):
        key, name = key_of(entry, 'id'), entry.get('name')
        if not key or not isinstance(name, str):
            raise InputError(
                f'{path}, categories[{number}]: expected id and name, but got {shortened(entry)}'
            )
        if found.get(key, one_spelling(name)) != one_spelling(name):
            raise InputError(f'{path}, categories[{number}]: id {entry["id"]} comes twice')
        found[key] = one_spelling(name)
    if several := [name for name, count in Counter(found.values()).items() if count > 1]:
        notes['categories of one name'] = f'{_listed(several)}, joined'
    if all(key.isdecimal() for key in found):
        return dict(sorted(found.items(), key=lambda item: int(item[0])))
    return found


def _listed(names: Iterable[str]) -> str:
    return listed(f"'{name}'" for name in names)
