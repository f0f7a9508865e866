"""The one form of annotations, and its files: .json, .csv and .jsonl."""

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from dbl.errors import InputError


@dataclass
class Annotations:
    """Image-level labels of one split.

    Attributes:
        classes: The class names.
        image_paths: One path an image, relative to the folder of the annotation file.
        label_indices: The indices of the classes that each image shows.
        built: How the split was made; free form.
    """

    classes: list[str]
    image_paths: list[str]
    label_indices: list[list[int]]
    built: dict[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.image_paths)

    @property
    def labels(self) -> csr_array:
        """The labels as a matrix, (N, C), multi-hot, sparse."""
        return multi_hot(self.label_indices, len(self.classes))

    @property
    def class_freq(self) -> list[int]:
        """Images of each class, n_i."""
        return self.labels.sum(axis=0).tolist()


def multi_hot(label_indices: Sequence[Sequence[int]], num_classes: int) -> csr_array:
    """Turns each image's class indices into a row of a sparse matrix, (N, C)."""
    indptr = np.cumsum([0, *map(len, label_indices)])
    indices = np.fromiter(chain.from_iterable(label_indices), dtype=np.int64, count=indptr[-1])
    ones = np.ones(len(indices), dtype=np.int64)
    return csr_array((ones, indices, indptr), shape=(len(label_indices), num_classes))


def read_annotations(path: str | Path, unique: bool = True) -> Annotations:
    """Reads ``path``, or, where it has no suffix, the file of that name and a known suffix.

    Args:
        path: A .json, .csv or .jsonl file.
        unique: Refuse an image that is listed twice.

    Raises:
        InputError: The file is missing, or is not of the form; it names the place.
    """
    path = find_annotations(Path(path))
    try:
        annotations = _READERS[path.suffix](path)
    except (UnicodeDecodeError, json.JSONDecodeError, csv.Error, RecursionError) as error:
        raise InputError(f"'{path}' is not a {path.suffix} file in UTF-8: {error}") from error
    _check_names(path, 'class', annotations.classes)
    _check_names(path, 'image', annotations.image_paths, unique)
    return annotations


def write_json(path: Path, annotations: Annotations) -> None:
    """Writes mmengine's form: ``metainfo`` (classes, built), ``data_list`` (img_path, labels)."""
    data_list = [
        {'img_path': path, 'labels': indices}
        for path, indices in zip(annotations.image_paths, annotations.label_indices, strict=True)
    ]
    metainfo = {'classes': annotations.classes, 'built': annotations.built}
    text = json.dumps({'metainfo': metainfo, 'data_list': data_list}, ensure_ascii=False)
    part = path.with_suffix('.part')
    part.write_text(text + '\n', encoding='utf-8')
    part.replace(path)


def find_annotations(path: Path) -> Path:
    """The annotation file of a path, whose suffix may be left out."""
    if not path.name:
        raise InputError(f"'{path}' is a folder; name an annotation file, as {path}/train.csv")
    if not path.suffix:
        found = [p for p in map(path.with_suffix, _READERS) if p.is_file()]
        if len(found) > 1:
            raise InputError(f"both '{found[0]}' and '{found[1]}' exist; keep one of them")
        if not found:
            raise InputError(
                f"neither '{path}.json' nor '{path}.csv' exists; make it with `python "
                f'tools/build_dataset.py ... --out {path.parent}` (see data/README.md), or say '
                'where it is with `--cfg-options data_root=FOLDER`'
            )
        return found[0]
    if path.suffix not in _READERS:
        raise InputError(f"'{path}' must be a .json, .csv or .jsonl file")
    if not path.is_file():
        raise InputError(f"'{path}' does not exist; data/README.md draws the expected folders")
    return path


def _read_csv(path: Path) -> Annotations:
    with path.open(encoding='utf-8-sig', newline='') as file:
        rows = csv.reader(file, strict=True)
        header = next(rows, [])
        if len(header) < 2 or header[0] != 'image':
            raise InputError(
                f"{path}, line 1: expected the header 'image,<class>,<class>...', but got "
                f"'{','.join(header)[:80]}'"
            )
        images, indices = [], []
        for row in rows:
            if row:
                _check_row(path, rows.line_num, header, row)
                images.append(row[0])
                indices.append([c for c, cell in enumerate(row[1:]) if cell.strip() == '1'])
    return Annotations(header[1:], images, indices)


def _check_row(path: Path, line: int, header: list[str], row: list[str]) -> None:
    if len(row) != len(header):
        raise InputError(f'{path}, line {line}: expected {len(header)} cells, but got {len(row)}')
    for name, cell in zip(header[1:], row[1:], strict=True):
        if cell.strip() not in ('0', '1'):
            raise InputError(
                f"{path}, line {line}, class '{name}': expected 0 or 1, but got '{cell}'"
            )


def _read_json(path: Path) -> Annotations:
    content = json.loads(path.read_text(encoding='utf-8-sig'))
    try:
        classes = content['metainfo']['classes']
        data_list = content['data_list']
        images = [entry['img_path'] for entry in data_list]
        labels = [entry['labels'] for entry in data_list]
        built = content['metainfo'].get('built', {})
    except (KeyError, TypeError) as error:
        raise InputError(
            f"'{path}' must hold metainfo.classes and data_list with img_path and labels in each "
            f'entry; missing or misplaced: {error}'
        ) from error
    _check_entries(path, classes, images, labels)
    return Annotations(classes, images, labels, built)


def _read_jsonl(path: Path) -> Annotations:
    lines = path.read_text(encoding='utf-8-sig').split('\n')
    entries = [
        _read_line(f'{path}, line {number}', line)
        for number, line in enumerate(lines, start=1)
        if line.strip()
    ]
    classes = sorted({name for _, names in entries for name in names})
    index = {name: c for c, name in enumerate(classes)}
    rows = [sorted(index[name] for name in names) for _, names in entries]
    return Annotations(classes, [image for image, _ in entries], rows)


def _read_line(where: str, line: str) -> tuple[str, list[str]]:
    try:
        entry = json.loads(line)
        image, names = entry['image'], entry['labels']
        fits = isinstance(image, str) and isinstance(names, list)
        fits = fits and all(isinstance(name, str) for name in names)
    except (json.JSONDecodeError, KeyError, TypeError):
        fits = False
    if not fits:
        raise InputError(
            f'{where}: expected {{"image": "a.jpg", "labels": ["cat"]}}, but got '
            f"'{line.strip()[:80]}'"
        )
    if len(set(names)) < len(names):
        raise InputError(f'{where}: a label comes twice in {names}')
    return image, names


def _check_entries(path: Path, classes: Any, images: list, labels: list) -> None:
    if not isinstance(classes, list) or not all(isinstance(c, str) for c in classes):
        raise InputError(f"'{path}': metainfo.classes must be a list of names")
    known = set(range(len(classes)))
    for number, (image, row) in enumerate(zip(images, labels, strict=True)):
        if not isinstance(image, str):
            raise InputError(f'{path}, data_list[{number}]: img_path must be text, but got {image}')
        if (
            not isinstance(row, list)
            or not all(type(label) is int for label in row)
            or not known.issuperset(row)
            or len(set(row)) < len(row)
        ):
            raise InputError(
                f'{path}, data_list[{number}]: labels must be different class indices in '
                f'[0, {len(classes)}), but got {row}'
            )


def _check_names(path: Path, what: str, names: list[str], unique: bool = True) -> None:
    if not names:
        raise InputError(f"'{path}' names no {what}")
    places: dict[str, int] = {}
    for place, name in enumerate(names, start=1):
        if not name.strip():
            raise InputError(f"'{path}': the name of {what} {place} is empty")
        if unique and name in places:
            raise InputError(
                f"'{path}': {what} {place} is '{name}', as is {what} {places[name]}; keep one"
            )
        places[name] = place


_READERS = {'.json': _read_json, '.csv': _read_csv, '.jsonl': _read_jsonl}
