"""Data sets that tools save as one JSON file: Datumaro, FiftyOne, and VIA 3."""

from collections.abc import Iterator, Mapping
from typing import Any

from dbl.label_files.label_objects import labels_of
from dbl.label_files.named_numbers import named
from dbl.label_files.table import Record


def is_datumaro(content: Any) -> bool:
    """Whether the content of a JSON file is Datumaro's: categories of labels, and items.

    >>> is_datumaro({'categories': {'label': {'labels': []}}, 'items': []})
    True
    """
    has_both = isinstance(content, dict) and content.keys() >= {'categories', 'items'}
    return has_both and isinstance(content['categories'], dict)


def datumaro_records(content: Any) -> Iterator[Record]:
    """Makes a record of each item, with the labels of the picture and of what is marked in it.

    >>> item = {'id': 'a', 'annotations': [{'label_id': 1}], 'image': {'path': 'a.jpg'}}
    >>> labels = [{'name': 'cat'}, {'name': 'dog'}]
    >>> list(datumaro_records({'categories': {'label': {'labels': labels}}, 'items': [item]}))
    [{'image': 'a.jpg', 'labels': ['dog']}]
    """
    classes = [label['name'] for label in content['categories']['label']['labels']]
    for item in content['items']:
        numbers = [a['label_id'] for a in item['annotations'] if a.get('label_id') is not None]
        image = item.get('image') or (item.get('media') or {})
        yield {'image': image.get('path') or item['id'], 'labels': named(numbers, classes)}


def is_fiftyone_samples(content: Any) -> bool:
    """Whether the content of a JSON file is FiftyOne's list of samples.

    >>> is_fiftyone_samples({'samples': [{'filepath': 'data/a.jpg'}]})
    True
    """
    samples = content.get('samples') if isinstance(content, dict) else None
    return isinstance(samples, list) and all('filepath' in sample for sample in samples)


def fiftyone_records(content: Any) -> Iterator[Record]:
    """Makes a record of each sample, with a column for each of its fields of labels.

    >>> truth = {'_cls': 'Classifications', 'classifications': [{'label': 'cat'}]}
    >>> sample = {'filepath': 'data/a.jpg', 'tags': ['new'], 'ground_truth': truth}
    >>> list(fiftyone_records({'samples': [sample]}))
    [{'image': 'data/a.jpg', 'ground_truth': ['cat']}]
    """
    for sample in content['samples']:
        fields = {key: value for key, value in sample.items() if _is_field(value)}
        yield {'image': sample['filepath']} | {k: _labels(v) for k, v in fields.items()}


def _is_field(value: Any) -> bool:
    return isinstance(value, dict) and bool({'label', *_LISTS} & value.keys())


def _labels(field: Mapping[str, Any]) -> list[Any]:
    given = next((field[key] for key in _LISTS if key in field), [field])
    return [label for item in given or [] for label in labels_of(item)]


_LISTS = ('classifications', 'detections', 'polylines', 'keypoints')


def is_via_3(content: Any) -> bool:
    """Whether the content of a JSON file is a project of VGG Image Annotator 3.

    >>> is_via_3({'attribute': {}, 'file': {}, 'view': {}, 'metadata': {}})
    True
    """
    return isinstance(content, dict) and content.keys() >= {'attribute', 'file', 'view', 'metadata'}


def via_3_attributes(content: Any) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Gives each picture, and the attributes of it and of its regions.

    >>> kinds = {'1': {'aname': 'animal', 'options': {'0': 'cat', '1': 'dog'}}}
    >>> files, views = {'7': {'fname': 'a.jpg'}}, {'1': {'fid_list': ['7']}}
    >>> marks = {'1_x': {'vid': '1', 'av': {'1': '0,1'}}}
    >>> project = {'attribute': kinds, 'file': files, 'view': views, 'metadata': marks}
    >>> list(via_3_attributes(project))
    [('a.jpg', [{'animal': {'cat': True, 'dog': True}}])]
    """
    marks = list(content['metadata'].values())
    for number, view in content['view'].items():
        of_view = [mark.get('av', {}) for mark in marks if str(mark.get('vid')) == number]
        attributes = [
            {_name(content, key): _chosen(content, key, value) for key, value in given.items()}
            for given in of_view
        ]
        for file in view['fid_list']:
            yield content['file'][str(file)]['fname'], attributes


def _name(content: Any, key: str) -> str:
    return content['attribute'][key]['aname']


def _chosen(content: Any, key: str, value: str) -> dict[str, bool] | str:
    """The options of an attribute that are chosen, or what is written, where it has none."""
    options = content['attribute'][key].get('options') or {}
    return {options[part]: True for part in value.split(',') if part} if options else value
