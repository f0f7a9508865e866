"""The forms that tools export, as the records that they stand for."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from dbl.errors import InputError, shortened
from dbl.label_files.annotation_tools import (
    Record,
    has,
    is_label_studio,
    is_via,
    label_studio_records,
    via_records,
)
from dbl.label_files.words import PICTURE_NAMES, is_picture, plain

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
    if isinstance(content, list):
        return content, 'a list of records'
    key = _key_of_records(content)
    return (content[key], f"a list of records under '{shortened(key, 40)}'") if key else None


def _key_of_records(content: Any) -> str | None:
    """The key of the only list of objects, where these are of pictures, and the whole is not."""
    if not isinstance(content, dict) or _holds_picture(content):
        return None
    lists = [
        key
        for key, value in content.items()
        if isinstance(value, list) and value and all(isinstance(item, dict) for item in value)
    ]
    if len(lists) != 1:
        return None
    records = content[lists[0]]
    named = all(map(_names_picture, records)) and not _names_picture(content)
    return lists[0] if named or any(map(_holds_picture, records)) else None


def _holds_picture(record: Record) -> bool:
    return any(map(is_picture, record.values()))


def _names_picture(record: Record) -> bool:
    return any(plain(key) in PICTURE_NAMES for key in record)


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


def _is_by_picture(content: Any) -> bool:
    if not isinstance(content, dict) or not content:
        return False
    of_lists = all('.' in key and isinstance(value, list) for key, value in content.items())
    return of_lists or all(map(is_picture, content))


def _by_picture(content: Any) -> Iterator[Record]:
    for image, labels in content.items():
        columns = labels if isinstance(labels, dict) else {'labels': labels}
        yield {'image': image} | columns | {'image': image}


def _is_split(content: Any) -> bool:
    return has(content, 'columns', 'data') and isinstance(content['data'], list)


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
_FORMS: dict[str, tuple[Callable[[Any], bool], Callable[[Any], Iterable[Record]]]] = {
    "COCO's": (lambda content: has(content, 'images', 'categories'), _coco),
    "mmpretrain's form": (lambda content: has(content, 'metainfo', 'data_list'), _mmpretrain),
    "Label Studio's export": (is_label_studio, label_studio_records),
    "VGG Image Annotator's project": (
        lambda content: has(content, '_via_img_metadata'),
        lambda content: via_records(content['_via_img_metadata']),
    ),
    "VGG Image Annotator's export": (is_via, via_records),
    'labels by picture': (_is_by_picture, _by_picture),
    "pandas' columns and data": (_is_split, _split),
    "pandas' columns": (_is_by_column, _by_column),
    "FiftyOne's export": (
        lambda content: has(content, 'labels') and isinstance(content['labels'], dict),
        _fiftyone,
    ),
}
