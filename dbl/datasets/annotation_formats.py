"""The files that hold annotations: .json, .csv, and .jsonl."""

import csv
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dbl.datasets.annotations import Annotations, sound
from dbl.datasets.names import SHOWN, Report, refuse
from dbl.errors import InputError, listed, shortened
from dbl.files import unique_keys, whole_file

BUILD = '`python -m dbl build_dataset table --root FOLDER --out data/my_set`'


def read_annotations(path: str | Path, report: Report = refuse) -> Annotations:
    """Reads ``path``, or, if it has no suffix, the file of that name with a known suffix.

    Args:
        path: A .json, .csv or .jsonl file.
        report: Called with the kind and the place of each row that does not fit, or whose image
            was listed before. If it returns, the row is left out.

    Raises:
        InputError: The file is missing or malformed; the place is named.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / 'train.csv'
    >>> _ = path.write_text('image,cat,dog\\na.jpg,1,0\\n')
    >>> read_annotations(path).label_indices
    [[0]]
    """
    path = find_annotations(Path(path))
    try:
        read = _READERS[path.suffix](path, report)
    except InputError:
        raise
    except (ValueError, csv.Error, RecursionError) as error:
        raise InputError(
            f"'{path}' is not a {path.suffix} file in UTF-8: {shortened(error, 200)}"
        ) from error
    return sound(f"'{path}'", read, report)


def write_json(path: Path, annotations: Annotations) -> None:
    """Writes a .json with ``metainfo`` (classes, built) and ``data_list`` (img_path, labels).

    Raises:
        InputError: :func:`read_annotations` would refuse it, or it cannot be written.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / 'train.json'
    >>> write_json(path, Annotations(['cat', 'dog'], ['a.jpg'], [[1]]))
    >>> read_annotations(path).label_indices
    [[1]]
    """
    annotations = sound(f"what '{path}' would hold", annotations)
    unknown = annotations.unknown or [[]] * len(annotations)
    data_list = [
        {'img_path': image, 'labels': indices} | ({'unknown': open_} if open_ else {})
        for image, indices, open_ in zip(
            annotations.image_paths, annotations.label_indices, unknown, strict=True
        )
    ]
    metainfo = {'classes': annotations.classes, 'built': annotations.built}
    text = json.dumps({'metainfo': metainfo, 'data_list': data_list}, ensure_ascii=False)
    with whole_file(path) as part:
        part.write_text(text + '\n', encoding='utf-8')


def find_annotations(path: Path) -> Path:
    """Finds the annotation file at a path, whose suffix may be left out.

    Raises:
        InputError: There is no such file, or more than one.
    """
    if not path.name:
        raise InputError(f"'{path}' is a folder; name an annotation file, as {path}/train.csv")
    if path.suffix in _READERS:
        if not os.path.isfile(path):
            raise InputError(f"'{path}' does not exist; data/README.md draws the expected folders")
        return path
    named = (path.with_name(path.name + suffix) for suffix in _READERS)  # a dot may be in the name
    found = [file for file in named if os.path.isfile(file)]
    if len(found) > 1:
        raise InputError(f"both '{found[0]}' and '{found[1]}' exist; keep one of them")
    if not found and os.path.isfile(path):
        raise InputError(f"'{path}' must be a .json, .csv or .jsonl file")
    if not found:
        raise InputError(
            f"none of '{path}.json', '.csv' and '.jsonl' exists ({held_by(path.parent)}); "
            f'rename the table, make a set of it ({BUILD}), or say where it is with '
            '`--cfg-options data_root=FOLDER`'
        )
    return found[0]


def held_by(folder: Path) -> str:
    """Names the tables in a folder, or else its files: a missing one may have another name.

    >>> held_by(Path('no such folder'))
    "'no such folder' cannot be read: No such file or directory"
    """
    try:
        names = sorted(os.listdir(folder))
    except OSError as error:
        return f"'{folder}' cannot be read: {error.strerror}"
    tables = [name for name in names if name.endswith(SUFFIXES)]
    return f"'{folder}' has {listed(tables or names, 80) or 'no file'}"


def _read_csv(path: Path, report: Report) -> Annotations:
    with path.open(encoding='utf-8-sig', newline='') as file:
        rows = csv.reader(file, strict=True)
        header = next(rows, [])
        if len(header) < 2 or header[0] != 'image':
            raise InputError(
                f"{path}, line 1: expected the header 'image,<class>,<class>...', but got "
                f"'{','.join(header)[:80]}'; {_remedy(header)}"
            )
        images, indices = [], []
        for row in filter(None, rows):
            if problem := _problem_of_row(header, row):
                report('unreadable row', f'{path}, line {rows.line_num}{problem}')
                continue
            images.append(row[0])
            indices.append([c for c, cell in enumerate(row[1:]) if cell.strip() == '1'])
    return Annotations(header[1:], images, indices)


def _remedy(header: Sequence[str]) -> str:
    """Says what makes a header of a table right."""
    first = header[0] if header else ''
    for separator, name in ((';', 'semicolons'), ('\t', 'tabs')):
        if len(header) < 2 and separator in first:
            return f'separate the cells by commas, not {name}'
    if first == 'image':
        return 'add a column for each class'
    return (
        "name the column of paths 'image', in small letters, and put it first; or make a set of a "
        f'table in another form: {BUILD}'
    )


def _problem_of_row(header: list[str], row: list[str]) -> str | None:
    if len(row) != len(header):
        return f': expected {len(header)} cells, but got {len(row)}'
    for name, cell in zip(header[1:], row[1:], strict=True):
        if cell.strip() not in ('0', '1'):
            where = f", class '{shortened(name, SHOWN)}'"
            return f"{where}: expected 0 or 1, but got '{shortened(cell, SHOWN)}'"
    return None


def _read_json(path: Path, report: Report) -> Annotations:
    content = _parsed(path.read_text(encoding='utf-8-sig'))
    try:
        classes = content['metainfo']['classes']
        data_list = content['data_list']
        built = content['metainfo'].get('built', {})
    except (KeyError, TypeError) as error:
        raise InputError(
            f"'{path}' must hold metainfo.classes and data_list; missing or misplaced: {error}"
        ) from error
    if not isinstance(data_list, list):
        raise InputError(f"'{path}': data_list must be a list of entries")
    if not isinstance(classes, list) or not all(isinstance(c, str) for c in classes):
        raise InputError(f"'{path}': metainfo.classes must be a list of names")
    if not isinstance(built, dict):
        raise InputError(f"'{path}': metainfo.built must be an object, but got {shortened(built)}")
    kept = []
    for number, entry in enumerate(data_list):
        where = f'{path}, data_list[{number}]'
        if problem := _problem_of_entry(entry):
            report('unreadable row', f'{where}: {problem}')
        elif problem := _unknown_class(entry, len(classes)):
            report('unknown class', f'{where}: {problem}')
        else:
            kept.append(entry)
    images, rows = ([entry[key] for entry in kept] for key in ('img_path', 'labels'))
    unknown = [entry.get('unknown', []) for entry in kept]
    return Annotations(classes, images, rows, built, unknown if any(unknown) else [])


def _problem_of_entry(entry: Any) -> str | None:
    if not isinstance(entry, dict) or not entry.keys() >= {'img_path', 'labels'}:
        return f'expected img_path and labels, but got {shortened(entry)}'
    image, labels, unknown = entry['img_path'], entry['labels'], entry.get('unknown', [])
    if not isinstance(image, str):
        return f'img_path must be text, but got {shortened(image)}'
    for name, indices in (('labels', labels), ('unknown', unknown)):
        is_list = isinstance(indices, list) and all(type(index) is int for index in indices)
        if not is_list or len({*indices}) < len(indices):
            return f'{name} must be different class indices, but got {shortened(indices)}'
    if both := {*labels} & {*unknown}:
        return f'labels and unknown must be different class indices, but both have {min(both)}'
    return None


def _unknown_class(entry: dict[str, Any], num_classes: int) -> str | None:
    for name in ('labels', 'unknown'):
        indices = entry.get(name, [])
        if not all(0 <= index < num_classes for index in indices):
            return f'{name} must lie in [0, {num_classes}), but got {shortened(indices)}'
    return None


def _parsed(text: str) -> Any:
    return json.loads(text, object_pairs_hook=unique_keys)


def _read_jsonl(path: Path, report: Report) -> Annotations:
    rows = []
    for number, line in enumerate(path.read_text(encoding='utf-8-sig').split('\n'), start=1):
        if line.strip():
            try:
                rows.append(_parse_line(line))
            except ValueError as error:
                report('unreadable row', f'{path}, line {number}: {error}')
    classes = sorted({name for _, names in rows for name in names})
    index = {name: c for c, name in enumerate(classes)}
    indices = [sorted(index[name] for name in names) for _, names in rows]
    return Annotations(classes, [image for image, _ in rows], indices)


def _parse_line(line: str) -> tuple[str, list[str]]:
    try:
        entry = _parsed(line)
        image, names = entry['image'], entry['labels']
        fits = isinstance(image, str) and isinstance(names, list)
        fits = fits and all(isinstance(name, str) for name in names)
    except (json.JSONDecodeError, KeyError, TypeError, RecursionError):
        fits = False
    if not fits:
        raise ValueError(
            'expected {"image": "a.jpg", "labels": ["cat"]}, '
            f"but got '{shortened(line.strip())}'"
        )
    if len(set(names)) < len(names):
        raise ValueError(f'a label comes twice in {shortened(names)}')
    return image, names


_READERS = {'.json': _read_json, '.csv': _read_csv, '.jsonl': _read_jsonl}
SUFFIXES = tuple(_READERS)
