"""What tools for annotation export, as the records that it stands for."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from dbl.errors import InputError, shortened
from dbl.label_files.table import Record
from dbl.label_files.words import PICTURE_NAMES, is_picture, plain


def has(content: Any, *keys: str) -> bool:
    """Whether a value of JSON is an object with some keys.

    >>> has({'data': 1, 'id': 2}, 'data'), has([], 'data')
    (True, False)
    """
    return isinstance(content, dict) and content.keys() >= {*keys}


def _record(image: Any, labels: Mapping[str, Any]) -> Record:
    """A record of a picture, with a column for each set of its labels."""
    if 'image' in labels:
        raise InputError("labels are called 'image', as the pictures are here; rename them")
    return {'image': image, **labels}


def is_label_studio(content: Any) -> bool:
    """Whether the content of a JSON file is an export of Label Studio."""
    first: Any = content[0] if isinstance(content, list) and content else None
    return has(first, 'data', 'annotations') and isinstance(first['data'], dict)


def label_studio_records(content: Any) -> Iterator[Record]:
    """Makes a record of each annotation, with a column for each block of choices.

    >>> result = [{'from_name': 'animal', 'value': {'choices': ['cat']}}]
    >>> task = {'data': {'image': 'a.jpg'}, 'annotations': [{'result': result}]}
    >>> list(label_studio_records([task]))
    [{'image': 'a.jpg', 'animal': ['cat']}]
    """
    for task in content:
        image = _picture_of(task['data'])
        given = [a for a in task['annotations'] if not a.get('was_cancelled')]
        for annotation in given or [{}]:
            yield _record(image, _blocks(annotation.get('result', [])))


def _picture_of(data: Mapping[str, Any]) -> Any:
    """The picture of a task, which Label Studio's users may call what they like."""
    known = [value for key, value in data.items() if plain(key) in PICTURE_NAMES or key == 'url']
    return next((value for value in [*data.values(), *known] if is_picture(value)), None) or next(
        iter(known), None
    )


def _blocks(result: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """The names that are chosen in each block of Label Studio's form, or given to shapes there."""
    blocks: dict[str, list[str]] = {}
    for item in result:
        for key, names in item.get('value', {}).items():
            if key in ('choices', 'taxonomy') or key.endswith('labels'):
                block = blocks.setdefault(item.get('from_name', 'choice'), [])
                given = names if isinstance(names, list) else [names]
                paths = [name if isinstance(name, list) else [name] for name in given]
                block += dict.fromkeys(name for path in paths for name in path)  # of a taxonomy
    return blocks


def is_via(content: Any) -> bool:
    """Whether the content of a JSON file is an export of VGG Image Annotator."""
    first = next(iter(content.values()), None) if isinstance(content, dict) else None
    return has(first, 'filename', 'file_attributes')


def via_records(content: Any) -> list[Record]:
    """Makes a record of each picture, with a column for each attribute.

    >>> entry = {'filename': 'a.jpg', 'file_attributes': {'animal': 'cat'}, 'regions': []}
    >>> via_records({'a.jpg1024': entry})
    [{'image': 'a.jpg', 'animal': ['cat']}]
    """
    given = []
    for entry in content.values():
        regions = entry.get('regions') or []
        regions = list(regions.values()) if isinstance(regions, dict) else regions
        attributes = [entry['file_attributes'], *(r.get('region_attributes', {}) for r in regions)]
        given.append((entry['filename'], attributes))
    return attribute_records(given)


def attribute_records(given: Iterable[tuple[str, Sequence[Mapping[str, Any]]]]) -> list[Record]:
    """Makes a record of each picture, with the names that each of its attributes gives.

    Args:
        given: Pictures, and the attributes of each and of its regions. One that names nothing in
            any picture is left out, as the caption that VGG Image Annotator offers.

    >>> cat = {'classes': {'cat': True, 'dog': False}, 'caption': ''}
    >>> attribute_records([('a.jpg', [cat, {'sharp': 'yes'}]), ('b.jpg', [])])
    [{'image': 'a.jpg', 'classes': ['cat'], 'sharp': ['yes']}, \
{'image': 'b.jpg', 'classes': [], 'sharp': []}]
    """
    named = [(image, _attribute_names(attributes)) for image, attributes in given]
    columns = dict.fromkeys(name for _, found in named for name in found)
    return [
        _record(image, {column: found.get(column, []) for column in columns})
        for image, found in named
    ]


def _attribute_names(given: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """What attributes name: the boxes that are ticked, or a word that is chosen or written."""
    found: dict[str, list[str]] = {}
    for name, value in (item for attributes in given for item in attributes.items()):
        ticked = value if isinstance(value, dict) else {str(value): bool(value)}
        for label in (label for label, is_ticked in ticked.items() if is_ticked):
            found.setdefault(name, []).append(label)
    return found


def via_rows(rows: Sequence[Record]) -> list[Record]:
    """Turns rows of VGG Image Annotator's .csv, one for each region, into records.

    Raises:
        InputError: Attributes are not an object of JSON.
    """
    found: dict[str, list[Mapping[str, Any]]] = {}
    for number, row in enumerate(rows, start=1):
        for key in ('file_attributes', 'region_attributes'):
            found.setdefault(row['filename'], []).append(_attributes(row, key, number))
    return attribute_records(found.items())


def _attributes(row: Record, key: str, number: int) -> Mapping[str, Any]:
    try:
        attributes = json.loads(row[key] or '{}')
    except (KeyError, ValueError):
        attributes = None
    if not isinstance(attributes, dict):
        raise InputError(
            f'row {number}: expected {key} as {{"classes": {{"cat": true}}}}, but got '
            f"'{shortened(row.get(key, ''), 40)}'"
        )
    return attributes
