"""The forms that tools export, as the records that they stand for."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from xml.etree import ElementTree

from dbl.errors import InputError, shortened

Record = dict[str, Any]
LABEL_KEYS = ('label', 'class', 'name', 'category', 'tag')


def records_of(content: Any) -> tuple[list[Any], str] | None:
    """Turns the content of a JSON file into records, and says whose form it is.

    >>> records_of({'classes': ['cat', 'dog'], 'labels': {'a': ['cat'], 'b': None}})
    ([{'image': 'a', 'labels': ['cat']}, {'image': 'b', 'labels': None}], "FiftyOne's export")
    >>> records_of({'a.jpg': ['cat']})
    ([{'image': 'a.jpg', 'labels': ['cat']}], 'labels by picture')
    """
    for name, (fits, convert) in _FORMS.items():
        if fits(content):
            return list(convert(content)), name
    return (content, 'a list of records') if isinstance(content, list) else None


def _has(content: Any, *keys: str) -> bool:
    return isinstance(content, dict) and content.keys() >= {*keys}


def _fiftyone(content: Any) -> Iterator[Record]:
    for image, labels in content['labels'].items():
        given = labels if isinstance(labels, list) else [labels]
        are_numbers = all(type(label) is int for label in given)
        named = _named(given, content.get('classes')) if are_numbers else labels
        yield {'image': image, 'labels': named}


def _mmpretrain(content: Any) -> Iterator[Record]:
    classes = content['metainfo'].get('classes')
    for entry in content['data_list']:
        labels = entry.get('gt_label', entry.get('labels'))
        yield {'image': entry.get('img_path'), 'labels': _named(labels, classes)}


def _named(labels: Any, classes: Any) -> Any:
    """Gives classes that are numbers their names."""
    if not isinstance(labels, list) or not isinstance(classes, list):
        return labels
    numbers = [label for label in labels if type(label) is int and 0 <= label < len(classes)]
    if len(numbers) < len(labels):
        raise InputError(f'labels must lie in [0, {len(classes)}), but got {shortened(labels)}')
    return [classes[number] for number in numbers]


def _is_label_studio(content: Any) -> bool:
    first: Any = content[0] if isinstance(content, list) and content else None
    return _has(first, 'data', 'annotations') and isinstance(first['data'], dict)


def _label_studio(content: Any) -> Iterator[Record]:
    for task in content:
        image = next((v for k, v in task['data'].items() if k in ('image', 'img', 'url')), None)
        given = [a for a in task['annotations'] if not a.get('was_cancelled')]
        for annotation in given or [{}]:
            values = [item.get('value', {}) for item in annotation.get('result', [])]
            choices = [value['choices'] for value in values if 'choices' in value]
            labels = [name for names in choices for name in names] if choices else None
            yield {'image': image, 'labels': labels}


def _is_via(content: Any) -> bool:
    first = next(iter(content.values()), None) if isinstance(content, dict) else None
    return _has(first, 'filename', 'file_attributes')


def _via(content: Any) -> Iterator[Record]:
    for entry in content.values():
        regions = entry.get('regions') or []
        regions = list(regions.values()) if isinstance(regions, dict) else regions
        given = [entry['file_attributes'], *(r.get('region_attributes', {}) for r in regions)]
        yield {'image': entry['filename'], 'labels': attribute_labels(given)}


def attribute_labels(given: Sequence[Mapping[str, Any]]) -> list[str]:
    """The classes in attributes of VGG Image Annotator: ticked boxes, and chosen or written words.

    >>> attribute_labels([{'classes': {'cat': True, 'dog': False}}, {'class': 'owl'}])
    ['cat', 'owl']
    """
    names: dict[str, None] = {}
    for value in (value for attributes in given for value in attributes.values()):
        if isinstance(value, dict):
            names.update(dict.fromkeys(name for name, ticked in value.items() if ticked))
        elif value:
            names[str(value)] = None
    return list(names)


def via_rows(rows: Sequence[Record]) -> list[Record]:
    """Turns rows of VGG Image Annotator's .csv, one for each region, into records.

    Raises:
        InputError: An attribute is not JSON.
    """
    found: dict[str, list[Mapping[str, Any]]] = {}
    for number, row in enumerate(rows, start=1):
        try:
            given = [
                json.loads(row[key] or '{}') for key in ('file_attributes', 'region_attributes')
            ]
        except ValueError as error:
            raise InputError(f'row {number}: its attributes are not JSON: {error}') from error
        found.setdefault(row['filename'], []).extend(given)
    return [{'image': k, 'labels': attribute_labels(v)} for k, v in found.items()]


def cvat_images(root: ElementTree.Element) -> list[Record]:
    """Turns the XML of CVAT ("CVAT for images") into records: tags, and labels of shapes.

    >>> text = '<annotations><image name="a.jpg"><tag label="cat"/></image></annotations>'
    >>> cvat_images(ElementTree.fromstring(text))
    [{'image': 'a.jpg', 'labels': ['cat']}]
    """
    return [
        {
            'image': image.get('name'),
            'labels': list(dict.fromkeys(c.get('label') for c in image if c.get('label'))),
        }
        for image in root.iter('image')
    ]


def _is_by_picture(content: Any) -> bool:
    return (
        isinstance(content, dict)
        and bool(content)
        and all(isinstance(value, list) and '.' in key for key, value in content.items())
    )


def _by_picture(content: Any) -> Iterator[Record]:
    for image, labels in content.items():
        yield {'image': image, 'labels': labels}


def _is_split(content: Any) -> bool:
    return _has(content, 'columns', 'data') and isinstance(content['data'], list)


def _split(content: Any) -> Iterator[Record]:
    for row in content['data']:
        yield dict(zip(content['columns'], row, strict=False))


def _is_by_column(content: Any) -> bool:
    if not isinstance(content, dict) or len(content) < 2:
        return False
    keys = [value.keys() if isinstance(value, dict) else None for value in content.values()]
    return keys[0] is not None and all(k == keys[0] for k in keys)


def _by_column(content: Any) -> Iterator[Record]:
    for row in next(iter(content.values())):
        yield {name: column[row] for name, column in content.items()}


def _coco(content: Any) -> Iterator[Record]:
    raise InputError(
        "this is COCO's form; read it with `build_dataset coco --train-json FILE --test-json FILE "
        '--images FOLDER`'
    )


# In this order: the first that fits is taken.
_FORMS: dict[str, tuple[Callable[[Any], bool], Callable[[Any], Iterator[Record]]]] = {
    "COCO's": (lambda content: _has(content, 'images', 'categories'), _coco),
    "mmpretrain's form": (lambda content: _has(content, 'metainfo', 'data_list'), _mmpretrain),
    "Label Studio's export": (_is_label_studio, _label_studio),
    "VGG Image Annotator's project": (
        lambda content: _has(content, '_via_img_metadata'),
        lambda content: _via(content['_via_img_metadata']),
    ),
    "VGG Image Annotator's export": (_is_via, _via),
    "pandas' columns and data": (_is_split, _split),
    "pandas' columns": (_is_by_column, _by_column),
    "FiftyOne's export": (
        lambda content: _has(content, 'labels') and isinstance(content['labels'], dict),
        _fiftyone,
    ),
    'labels by picture': (_is_by_picture, _by_picture),
}
