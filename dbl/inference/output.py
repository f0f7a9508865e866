"""Writes predictions to a .csv, .jsonl, or .parquet."""

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from dbl.errors import InputError
from dbl.files import check_target, whole_file
from dbl.inference.predictions import Predictions
from dbl.parquet import polars_for

SUFFIXES = ('.csv', '.jsonl', '.parquet')
LABELS, SEPARATOR = 'labels', '|'


def check_output(path: Path) -> None:
    """Makes the folder of an output file, and refuses one that cannot be written.

    Raises:
        InputError: The suffix is another one, or needs a package that is missing; or the path is a
            folder, or in one that cannot be written to.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(f"--out '{path}' must end in {', '.join(SUFFIXES)}")
    if path.suffix.lower() == '.parquet':
        polars_for(path)
    check_target(path, '--out')


def check_columns(path: Path, classes: Sequence[str], has_labels: bool, top: int | None) -> None:
    """Raises InputError if names of classes cannot be columns of a table.

    >>> check_columns(Path('a.csv'), ['cat', 'image'], has_labels=False, top=None)
    Traceback (most recent call last):
    ...
    dbl.errors.InputError: a class is called 'image', as another column of the table is; write a \
.jsonl
    """
    if path.suffix.lower() == '.jsonl' or top is not None:
        return
    for name in ('image', LABELS) if has_labels else ('image',):
        if name in classes:
            raise InputError(
                f"a class is called '{name}', as another column of the table is; write a .jsonl"
            )
    odd = next((name for name in classes if SEPARATOR in name), None)
    if has_labels and odd is not None:
        raise InputError(f"class '{odd}' has '{SEPARATOR}' in its name; write a .jsonl")


def write_predictions(path: Path, found: Predictions, top: int | None = None) -> None:
    """Writes predictions, whole or not at all.

    A table has a row a picture and a column a class. With ``top``, it has a row for each of a
    picture's best classes: image, class and score. A line of .jsonl is
    ``{"image": ..., "scores": {...}}``. Where decisions were learnt, the labels are added; with
    ``top``, a table says of each class whether it is present.

    Args:
        path: A .csv, .jsonl, or .parquet.
        found: The predictions.
        top: Write the classes of so many highest scores alone.

    Raises:
        InputError: See :func:`check_output` and :func:`check_columns`.

    >>> import tempfile
    >>> import numpy as np
    >>> path = Path(tempfile.mkdtemp()) / 'a.csv'
    >>> write_predictions(path, Predictions(['a.jpg'], ['cat'], np.array([[0.0]])))
    >>> path.read_text()
    'image,cat\\na.jpg,0.5\\n'
    """
    check_output(path)
    check_columns(path, found.classes, found.decisions is not None, top)
    # A name of a file may hold bytes that are no text.
    images = [image.encode(errors='backslashreplace').decode() for image in found.images]
    found = replace(found, images=images)
    with whole_file(path) as part:
        if path.suffix.lower() == '.jsonl':
            _write_jsonl(part, found, top)
        elif path.suffix.lower() == '.csv':
            _write_csv(part, *_table(found, top))
        else:
            _write_parquet(part, *_table(found, top))


def _table(found: Predictions, top: int | None) -> tuple[list[str], Iterator[Sequence[Any]]]:
    if top is not None:
        more = [] if found.decisions is None else ['present']
        return ['image', 'class', 'score', *more], _best(found, top)
    more = [] if found.decisions is None else [LABELS]
    return ['image', *found.classes, *more], _all(found)


def _all(found: Predictions) -> Iterator[Sequence[Any]]:
    """A row for each picture: its name, its scores, and its labels."""
    labels = found.labels
    for number, (image, row) in enumerate(zip(found.images, found.scores.tolist(), strict=True)):
        more = [] if labels is None else [SEPARATOR.join(labels[number])]
        yield [image, *map(_short, row), *more]


def _best(found: Predictions, top: int) -> Iterator[Sequence[Any]]:
    """A row for each of the best classes of each picture."""
    labels = found.labels
    for number, (image, best) in enumerate(found.top(top)):
        for name, score in best:
            more = [] if labels is None else [int(name in labels[number])]
            yield [image, name, _short(score), *more]


def _records(found: Predictions, top: int | None) -> Iterator[dict[str, Any]]:
    labels = found.labels
    count = len(found.classes) if top is None else top
    for number, (image, best) in enumerate(found.top(count)):
        record: dict[str, Any] = {'image': image, 'scores': {c: _short(s) for c, s in best}}
        yield record if labels is None else {**record, LABELS: labels[number]}


def _short(score: float) -> float:
    """Six digits: more say nothing."""
    return float(f'{score:.6g}')


def _write_jsonl(path: Path, found: Predictions, top: int | None) -> None:
    with path.open('w', encoding='utf-8') as file:
        for record in _records(found, top):
            file.write(f'{json.dumps(record, ensure_ascii=False)}\n')


def _write_csv(path: Path, header: Sequence[str], rows: Iterator[Sequence[Any]]) -> None:
    with path.open('w', encoding='utf-8', newline='') as file:
        csv.writer(file, lineterminator='\n').writerows([header, *rows])


def _write_parquet(path: Path, header: Sequence[str], rows: Iterator[Sequence[Any]]) -> None:
    table = polars_for(path).DataFrame(list(rows), schema=list(header), orient='row')
    table.write_parquet(path)
