"""Annotations in one form, and their files: .json, .csv, and .jsonl."""

import csv
import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain
from pathlib import Path
from posixpath import normpath
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from dbl.datasets.names import (
    SHOWN,
    Report,
    check_classes,
    check_names,
    problem_of_name,
    problem_of_path,
    refuse,
)
from dbl.errors import InputError, listed, shortened
from dbl.files import unique_keys, whole_file

BUILD = '`python -m dbl build_dataset table --root FOLDER --out data/my_set`'


@dataclass
class Annotations:
    """Image-level labels of one split.

    Attributes:
        classes: The class names.
        image_paths: One path per image, relative to the folder of the annotation file.
        label_indices: The indices of the classes that each image shows.
        built: How the split was made, in any form.
        unknown: For each image the indices of the classes of which it is not known whether it
            shows them; empty where all is known.

    >>> pets = Annotations(['cat', 'dog'], ['a.jpg', 'b.jpg'], [[0], [0, 1]])
    >>> len(pets), pets.class_freq, pets.labels.toarray().tolist()
    (2, [2, 1], [[1, 0], [1, 1]])
    """

    classes: list[str]
    image_paths: list[str]
    label_indices: list[list[int]]
    built: dict[str, Any] = field(default_factory=dict)
    unknown: list[list[int]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.image_paths)

    @cached_property
    def labels(self) -> csr_array:
        """The labels as a matrix, (N, C), multi-hot, sparse."""
        return multi_hot(self.label_indices, len(self.classes))

    @cached_property
    def class_freq(self) -> list[int]:
        """Images of each class, n_i."""
        return self.labels.sum(axis=0).tolist()

    @cached_property
    def sha256(self) -> str:
        """A digest of the images' paths and labels, in order."""
        digest = hashlib.sha256('\n'.join(self.image_paths).encode())
        for part in (self.labels.indptr, self.labels.indices):
            digest.update(part.astype(np.int64).tobytes())
        return digest.hexdigest()

    def part(self, indices: Sequence[int]) -> 'Annotations':
        """Takes the annotations of some images, in the given order."""
        paths = [self.image_paths[i] for i in indices]
        rows = [self.label_indices[i] for i in indices]
        unknown = [self.unknown[i] for i in indices] if self.unknown else []
        return Annotations(self.classes, paths, rows, self.built, unknown)


def multi_hot(label_indices: Sequence[Sequence[int]], num_classes: int) -> csr_array:
    """Turns each image's class indices into a row of a sparse matrix, (N, C).

    >>> multi_hot([[0], [], [0, 2]], num_classes=3).toarray().tolist()
    [[1, 0, 0], [0, 0, 0], [1, 0, 1]]
    """
    indptr = np.cumsum([0, *map(len, label_indices)])
    indices = np.fromiter(chain.from_iterable(label_indices), dtype=np.int64, count=indptr[-1])
    ones = np.ones(len(indices), dtype=np.int64)
    return csr_array((ones, indices, indptr), shape=(len(label_indices), num_classes))


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


def sound(where: str, annotations: Annotations, report: Report = refuse) -> Annotations:
    """Checks the names as readers and writers ask, and spells each path in one way.

    Args:
        where: Where the names are from, for messages.
        annotations: They may hold any names.
        report: As for :func:`read_annotations`, but for paths alone. A wrong class is refused.

    Raises:
        InputError: A class has no fit name, or there is no class or no image.

    >>> sound('my list', Annotations(['cat'], ['./a.jpg'], [[0]])).image_paths
    ['a.jpg']
    >>> sound('my list', Annotations([' '], ['a.jpg'], [[0]]))
    Traceback (most recent call last):
    ...
    dbl.errors.InputError: my list: the name of class 1, ' ', is empty
    """
    check_classes(where, annotations.classes)
    paths = list(map(_in_one_spelling, annotations.image_paths))
    keep = check_names(where, 'image', paths, problem_of_path, report)
    return replace(annotations, image_paths=paths).part(keep)


def _in_one_spelling(path: str) -> str:
    # './a.jpg' is 'a.jpg'. A faulty name stays as it is, for the message.
    return path if problem_of_name(path) else normpath(path)


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
    if not path.suffix:
        found = [p for p in map(path.with_suffix, _READERS) if os.path.isfile(p)]
        if len(found) > 1:
            raise InputError(f"both '{found[0]}' and '{found[1]}' exist; keep one of them")
        if not found:
            raise InputError(
                f"none of '{path}.json', '.csv' and '.jsonl' exists ({held_by(path.parent)}); "
                f'rename the table, make a set of it ({BUILD}), or say where it is with '
                '`--cfg-options data_root=FOLDER`'
            )
        return found[0]
    if path.suffix not in _READERS:
        raise InputError(f"'{path}' must be a .json, .csv or .jsonl file")
    if not os.path.isfile(path):
        raise InputError(f"'{path}' does not exist; data/README.md draws the expected folders")
    return path


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
        elif not all(0 <= c < len(classes) for c in entry['labels'] + entry.get('unknown', [])):
            expected = f'labels must lie in [0, {len(classes)})'
            report('unknown class', f'{where}: {expected}, but got {shortened(entry["labels"])}')
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
    for indices in (labels, unknown):
        if not isinstance(indices, list) or any(type(label) is not int for label in indices):
            return f'labels must be different class indices, but got {shortened(indices)}'
    if len({*labels, *unknown}) < len(labels) + len(unknown):
        return f'labels must be different class indices, but got {shortened(labels + unknown)}'
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
