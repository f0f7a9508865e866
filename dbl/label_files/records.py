"""Tables of records: JSON, JSON lines, and Parquet."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from dbl.errors import InputError, shortened
from dbl.files import unique_keys
from dbl.label_files.exports import Records, records_of
from dbl.label_files.label_objects import LABEL_KEYS, labels_of
from dbl.label_files.table import Cell, Row, Table
from dbl.label_files.text import decode
from dbl.label_files.verdicts import is_id
from dbl.label_files.words import meaning, one_spelling
from dbl.out_of_memory import is_out_of_memory
from dbl.parquet import polars_for

NUMBER_KEYS = (*LABEL_KEYS, 'index')  # of what may be the number of a class


def as_table(
    path: Path, records: Sequence[Any], form: str, class_names: Sequence[str] = ()
) -> Table:
    """Makes a table of records, which are objects.

    Raises:
        InputError: There are none, or one is no object.
    """
    for number, record in enumerate(records, start=1):
        if not isinstance(record, dict):
            raise InputError(
                f'{path}, record {number}: expected an object, as {{"image": "a.jpg", "labels": '
                f'["cat"]}}, but got {shortened(json.dumps(record))}'
            )
    if not records:
        raise InputError(f"'{path}' holds no records")
    header = list(dict.fromkeys(key for record in records for key in record))

    def rows() -> Iterator[Row]:
        for number, record in enumerate(records, start=1):
            yield number, [as_cell(record.get(key)) for key in header]

    names = [one_spelling(str(key)) for key in header]  # pandas has numbers, too
    return Table(path, names, rows, form, 'record', class_names=class_names)


def as_cell(value: Any) -> Cell:
    """Makes a cell of a value of JSON.

    A list that is all an object holds stands for it, and so do the names that it calls true.

    >>> as_cell({'choices': ['cat', 'dog']}), as_cell({'cat': 1, 'dog': 0}), as_cell(None)
    (['cat', 'dog'], ['cat'], '')
    >>> as_cell([{'name': 'cat', 'present': True}, {'name': 'dog', 'present': False}])
    ['cat']
    """
    if isinstance(value, dict) and value and _are_names(value):
        return [name for name, shown in value.items() if shown]
    if isinstance(value, dict):
        value = _only_value(value) if len(value) == 1 else _one_or_all(labels_of(value))
    if isinstance(value, (list, tuple, set)):
        inner = [item for part in value for item in (part if _is_list_of_alike(part) else [part])]
        return [_text(label) for item in inner for label in labels_of(item)]
    return _text(value)


def _are_names(value: dict[str, Any]) -> bool:
    """Whether an object calls each of some names true or false."""
    is_number = any(is_id(key) or key in NUMBER_KEYS for key in value)
    return not is_number and all(shown in (0, 1) for shown in value.values())


def _one_or_all(labels: list[Any]) -> Any:
    return labels[0] if len(labels) == 1 else labels


def _only_value(value: dict[str, Any]) -> Any:
    """The one value of an object: text, what is shown, the number of a class, or nothing."""
    ((key, inner),) = value.items()
    is_list = isinstance(inner, (list, tuple, set)) and meaning(key) != 'absent'
    is_number = isinstance(inner, int) and (is_id(key) or key in NUMBER_KEYS)
    is_whole = is_list or is_number or inner is None or isinstance(inner, str)
    return inner if is_whole else _one_or_all(labels_of(value))


def _is_list_of_alike(part: Any) -> bool:
    """Whether a part of a list is a list itself, and not one of a name with numbers beside it."""
    return isinstance(part, list) and len({isinstance(item, str) for item in part}) < 2


def _text(value: Any) -> str:
    if value is None:
        return ''
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def read_json_records(path: Path, encoding: str | None) -> Records:
    """The records of a .json, or of a .jsonl, whose objects may take several lines each."""
    text = decode(path, encoding)
    decoder = json.JSONDecoder(object_pairs_hook=unique_keys)
    records, at = [], 0
    try:
        while (at := _next(text, at)) < len(text):
            record, at = decoder.raw_decode(text, at)
            records.append(record)
    except (ValueError, RecursionError) as error:
        line = text.count('\n', 0, at) + 1
        raise InputError(f'{path}, line {line}: not JSON: {shortened(error, 200)}') from error
    try:
        found = records_of(records[0]) if len(records) == 1 else None
    except (AttributeError, KeyError, TypeError, InputError) as error:
        raise InputError(f"'{path}': {shortened(error, 300)}") from error
    return found or Records(records, 'JSON lines')


def _next(text: str, at: int) -> int:
    """Where the next value begins."""
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def read_parquet_records(path: Path) -> list[Any]:
    polars = polars_for(path)
    try:
        return polars.read_parquet(path).to_dicts()
    except Exception as error:  # of whatever kind the bytes lead to
        if is_out_of_memory(error):
            raise
        raise InputError(f"'{path}' is not a Parquet file: {shortened(error, 200)}") from error
