"""Files in COCO's form, with anybody's classes and file names."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from dbl.datasets.annotations import Annotations
from dbl.errors import InputError, shortened
from dbl.label_files.answers import Answers
from dbl.label_files.class_names import in_one_case
from dbl.label_files.faults import Faults
from dbl.label_files.labelled import picture_path
from dbl.label_files.reading import Reading
from dbl.label_files.text import decode
from dbl.label_files.words import one_spelling


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
    content = _content(path)
    names, categories = _images(path, content['images']), _categories(path, content['categories'])
    shown: dict[str, set[str]] = {name: set() for name in names.values()}
    reasons = Counter[str]()
    for annotation in content['annotations']:
        image = names.get(_key(annotation, 'image_id'))
        category = categories.get(_key(annotation, 'category_id'))
        if annotation.get('ignore'):
            reasons['to be ignored'] += 1
        elif image is None:
            reasons['of a picture that is not listed'] += 1
        elif category is None:
            reasons['of a category that is not listed'] += 1
        else:
            shown[image].add(category)
    used = set[str]().union(*shown.values())
    classes = [name for name in dict.fromkeys(categories.values()) if name in used]
    index = {name: c for c, name in enumerate(classes)}
    rows = [sorted(index[name] for name in found) for found in shown.values()]
    annotations = in_one_case(
        f"'{path}' has", Annotations(classes, list(shown), rows), answers.merge_case
    )
    understood = _understood(content, reasons, categories.values(), used)
    if len(shown) < len(names):
        repeated = len(names) - len(shown)
        understood['pictures under two ids'] = f'{repeated} joined with the one before'
    return Reading(annotations, understood, path.parent)


def _understood(
    content: Mapping[str, Any], reasons: Counter[str], names: Iterable[str], used: set[str]
) -> dict[str, str]:
    understood = {'file': "COCO's form", 'objects': counted(len(content['annotations']), reasons)}
    unused = [f"'{name}'" for name in dict.fromkeys(names) if name not in used]
    if unused:
        listed = shortened(', '.join(unused), 200)
        understood['left out'] = f'categories without objects: {listed}'
    return understood


def counted(count: int, reasons: Mapping[str, int]) -> str:
    """Says of some objects how many do not count, by reason.

    >>> counted(9, {'to be ignored': 2, 'without area': 1})
    '9, of which 3 do not count, 2 to be ignored, 1 without area'
    """
    why = ''.join(f', {number} {reason}' for reason, number in reasons.items())
    return f'{count}, of which {sum(reasons.values())} do not count{why}'


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
    for key in ('images', 'annotations', 'categories'):
        entries = content.get(key) if isinstance(content, dict) else None
        if not isinstance(entries, list) or not all(isinstance(e, dict) for e in entries):
            hint = '; a test set needs labels' if key == 'annotations' else ''
            raise InputError(f"'{path}' is not in COCO's form: it has no list of {key}{hint}")
    return content


def _key(entry: Mapping[str, Any], name: str) -> str:
    """An id, which is a number in some files and text in others."""
    return str(entry.get(name))


def _images(path: Path, entries: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The path of each picture, by its id."""
    found, faults = {}, Faults(path)
    for number, entry in enumerate(entries):
        name = entry.get('file_name') or _last_part(entry.get('coco_url'))
        if not isinstance(name, str) or 'id' not in entry:
            faults.add('no id or no file_name', f'images[{number}]')
        elif _key(entry, 'id') in found:
            faults.add('an id that came before', f'images[{number}] ({_key(entry, "id")})')
        else:
            found[_key(entry, 'id')] = picture_path(name)
    faults.raise_if_any()
    return found


def _last_part(url: Any) -> str | None:
    return PurePosixPath(url).name if isinstance(url, str) else None


def _categories(path: Path, entries: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The name of each class by its id, in the order of the ids where these are numbers."""
    found = {}
    for number, entry in enumerate(entries):
        if 'id' not in entry or not isinstance(entry.get('name'), str):
            raise InputError(f'{path}, categories[{number}]: expected id and name')
        if _key(entry, 'id') in found:
            raise InputError(f'{path}, categories[{number}]: id {entry["id"]} comes twice')
        found[_key(entry, 'id')] = one_spelling(entry['name'])
    if all(key.isdecimal() for key in found):
        return dict(sorted(found.items(), key=lambda item: int(item[0])))
    return found
