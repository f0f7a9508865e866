"""The forms that tools export, as the records that they stand for."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from dbl.errors import InputError, shortened
from dbl.label_files.annotation_tools import (
    attribute_records,
    has,
    is_label_studio,
    is_via,
    label_studio_records,
    via_records,
)
from dbl.label_files.named_numbers import named
from dbl.label_files.pandas_forms import (
    is_listed,
    is_nested,
    is_split,
    listed_records,
    nested_records,
    split_records,
)
from dbl.label_files.projects import (
    datumaro_records,
    fiftyone_records,
    is_datumaro,
    is_fiftyone_samples,
    is_via_3,
    via_3_attributes,
)
from dbl.label_files.split_names import split_called
from dbl.label_files.table import Record
from dbl.label_files.words import PICTURE_NAMES, is_picture, one_spelling, plain

CLASS_NAMES = frozenset(
    'classes classnames categories categorynames labels labelnames names'.split()
)


class Records(NamedTuple):
    """What a JSON file holds: a record for each picture or label.

    Attributes:
        form: Whose form it is, in words.
        class_names: The names of the classes 0, 1, ... where the file has them beside the records.
    """

    records: list[Any]
    form: str
    class_names: Sequence[str] = ()


def records_of(content: Any) -> Records | None:
    """Turns the content of a JSON file into records.

    >>> records_of({'classes': ['cat', 'dog'], 'labels': {'a': ['cat'], 'b': None}}).records
    [{'image': 'a', 'labels': ['cat']}, {'image': 'b', 'labels': None}]
    >>> records_of({'a.jpg': ['cat']}).form
    'labels by picture'
    """
    for name, (fits, convert) in _FORMS.items():
        if fits(content):
            return Records(list(convert(content)), name)
    if isinstance(content, list):
        return Records(content, 'a list of records')
    if isinstance(content, dict) and len(content) > 1 and all(map(split_called, content)):
        raise InputError('it holds several splits; write each into a file of its own: train.json')
    if (key := _key_of_records(content)) is None:
        return None
    form = f"a list of records under '{shortened(key, 40)}'"
    return Records(content[key], form, _class_names(content))


def _class_names(content: Record) -> list[str]:
    """The names in the only list of names that is called so, or none."""
    lists = [value for key, value in content.items() if plain(key) in CLASS_NAMES]
    if len(lists) != 1 or not isinstance(lists[0], list):
        return []
    names = [one_spelling(name) if isinstance(name, str) else '' for name in lists[0]]
    return names if all(names) else []


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
        names = named(given, content.get('classes')) if are_numbers else labels
        yield {'image': image, 'labels': names}


def _mmpretrain(content: Any) -> Iterator[Record]:
    classes = content['metainfo'].get('classes')
    for entry in content['data_list']:
        labels = entry.get('gt_label', entry.get('labels'))
        yield {'image': entry.get('img_path'), 'labels': named(labels, classes)}


def _is_by_picture(content: Any) -> bool:
    if not isinstance(content, dict) or not content:
        return False
    of_lists = all('.' in key and isinstance(value, list) for key, value in content.items())
    return of_lists or all(map(is_picture, content))


def _by_picture(content: Any) -> Iterator[Record]:
    for image, labels in content.items():
        columns = labels if isinstance(labels, dict) else {'labels': labels}
        yield {'image': image} | columns | {'image': image}


def _is_by_class(content: Any) -> bool:
    """Whether each class has a list of its pictures."""
    if not isinstance(content, dict) or not all(isinstance(v, list) for v in content.values()):
        return False
    pictures = [picture for pictures in content.values() for picture in pictures]
    return bool(pictures) and all(map(is_picture, pictures))


def _by_class(content: Any) -> list[Record]:
    found: dict[str, list[str]] = {}
    for name, pictures in content.items():
        for picture in pictures:
            found.setdefault(picture, []).append(name)
    return [{'image': image, 'labels': names} for image, names in found.items()]


def _is_by_name(content: Any) -> bool:
    """Whether names have lists of names: of pictures those of classes, or the other way round."""
    if not isinstance(content, dict) or len(content) < 2:
        return False
    lists = [value for value in content.values() if isinstance(value, list)]
    return len(lists) == len(content) and all(isinstance(n, str) for names in lists for n in names)


def _by_name(content: Any) -> Iterator[Record]:
    raise InputError(
        'it is open whether its keys are pictures or classes; write the suffixes of the pictures, '
        'as {"a.jpg": ["cat"]} or {"cat": ["a.jpg"]}'
    )


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
    'a project of VGG Image Annotator 3': (
        is_via_3,
        lambda content: attribute_records(via_3_attributes(content)),
    ),
    "Datumaro's form": (is_datumaro, datumaro_records),
    "FiftyOne's samples": (is_fiftyone_samples, fiftyone_records),
    'pictures by class': (_is_by_class, _by_class),
    'labels by picture': (_is_by_picture, _by_picture),
    "pandas' columns and data": (is_split, split_records),
    "pandas' columns": (is_nested, nested_records),
    'a list for each column': (is_listed, listed_records),
    'names by name': (_is_by_name, _by_name),
    "FiftyOne's export": (
        lambda content: has(content, 'labels') and isinstance(content['labels'], dict),
        _fiftyone,
    ),
}
