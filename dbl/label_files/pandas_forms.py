"""What pandas' ``to_json`` and ``to_dict`` give, as the records that it stands for."""

from collections.abc import Iterator
from typing import Any

from dbl.label_files.table import Record
from dbl.label_files.words import is_picture


def is_split(content: Any) -> bool:
    """Whether it is ``orient='split'``: names of columns, and rows of cells.

    >>> is_split({'columns': ['image', 'cat'], 'index': [0], 'data': [['a.jpg', 1]]})
    True
    """
    has = isinstance(content, dict) and content.keys() >= {'columns', 'data'}
    return has and isinstance(content['data'], list)


def split_records(content: Any) -> Iterator[Record]:
    """Makes a record of each row, whose index may be its picture.

    >>> list(split_records({'columns': ['cat'], 'index': ['a.jpg'], 'data': [[1]]}))
    [{'image': 'a.jpg', 'cat': 1}]
    """
    index = content.get('index') or range(len(content['data']))
    for name, row in zip(index, content['data'], strict=False):
        yield of_index(name) | dict(zip(content['columns'], row, strict=False))


def is_nested(content: Any) -> bool:
    """Whether it is ``orient='columns'`` or ``'index'``: objects that have the same keys.

    >>> is_nested({'image': {'0': 'a.jpg'}, 'cat': {'0': 1}})
    True
    """
    if not isinstance(content, dict) or len(content) < 2:
        return False
    keys = [value.keys() if isinstance(value, dict) else None for value in content.values()]
    return keys[0] is not None and all(k == keys[0] for k in keys)


def nested_records(content: Any) -> Iterator[Record]:
    """Makes a record of each row: an object, where each has its picture, or else a key of all.

    >>> list(nested_records({'0': {'image': 'a.jpg', 'cat': 1}, '1': {'image': 'b.jpg', 'cat': 0}}))
    [{'image': 'a.jpg', 'cat': 1}, {'image': 'b.jpg', 'cat': 0}]
    >>> list(nested_records({'cat': {'a.jpg': 1}, 'dog': {'a.jpg': 0}}))
    [{'image': 'a.jpg', 'cat': 1, 'dog': 0}]
    """
    first = next(iter(content.values()))
    if any(all(is_picture(row[key]) for row in content.values()) for key in first):
        yield from content.values()
        return
    for row in first:
        yield of_index(row) | {name: column[row] for name, column in content.items()}


def is_listed(content: Any) -> bool:
    """Whether it is what ``to_dict('list')`` makes: a list of cells for each column.

    >>> is_listed({'image': ['a.jpg', 'b.jpg'], 'cat': [1, 0]})
    True
    """
    columns = list(content.values()) if isinstance(content, dict) else []
    if len(columns) < 2 or not all(isinstance(column, list) for column in columns):
        return False
    has_pictures = any(column and all(map(is_picture, column)) for column in columns)
    return has_pictures and len({len(column) for column in columns}) == 1


def listed_records(content: Any) -> Iterator[Record]:
    """Makes a record of each row.

    >>> list(listed_records({'image': ['a.jpg'], 'cat': [1]}))
    [{'image': 'a.jpg', 'cat': 1}]
    """
    for row in zip(*content.values(), strict=True):
        yield dict(zip(content, row, strict=True))


def of_index(name: object) -> Record:
    """A record of a row's name, if that is a picture."""
    return {'image': name} if is_picture(name) else {}
