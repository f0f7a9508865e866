"""Writes predictions to a .csv, .jsonl, or .parquet."""

import csv
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from dbl.errors import InputError
from dbl.files import whole_file
from dbl.inference.predictions import Predictions

SUFFIXES = ('.csv', '.jsonl', '.parquet')
LABELS, SEPARATOR = 'labels', '|'


def check_suffix(path: Path) -> None:
    """Raises InputError if predictions cannot be written to a path."""
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(f"--out '{path}' must end in {', '.join(SUFFIXES)}")
    if path.is_dir():
        raise InputError(f"--out '{path}' is a folder; name a file in it")


def write_predictions(path: Path, found: Predictions, top: int | None = None) -> None:
    """Writes predictions, whole or not at all.

    A table has a row a picture and a column a class. With ``top``, it has a row for each of a
    picture's best classes: image, class and score. A line of .jsonl is
    ``{"image": ..., "scores": {...}}``. Where decisions were learnt, the labels are added.

    Args:
        path: A .csv, .jsonl, or .parquet.
        found: The predictions.
        top: Write the classes of so many highest scores alone.

    Raises:
        InputError: The suffix is another one, or names of classes cannot be columns.
    """
    check_suffix(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    kind = path.suffix.lower()
    header, rows = _table(found, top) if kind != '.jsonl' else ([], iter(()))
    with whole_file(path) as part:
        if kind == '.jsonl':
            with part.open('w', encoding='utf-8') as file:
                file.writelines(
                    f'{json.dumps(r, ensure_ascii=False)}\n' for r in _records(found, top)
                )
        elif kind == '.csv':
            with part.open('w', encoding='utf-8', newline='') as file:
                csv.writer(file, lineterminator='\n').writerows([header, *rows])
        else:
            _write_parquet(part, header, rows)


def _table(found: Predictions, top: int | None) -> tuple[list[str], Iterator[Sequence[Any]]]:
    if top is not None:
        best = found.top(top)
        return ['image', 'class', 'score'], (
            (image, name, _short(score)) for image, scores in best for name, score in scores
        )
    labels = found.labels
    header = ['image', *found.classes, *([LABELS] if labels is not None else [])]
    if len(set(header)) < len(header):
        raise InputError(
            f"a class is called 'image' or '{LABELS}', as a column of the table is; write a .jsonl"
        )
    if labels is not None and any(SEPARATOR in name for name in found.classes):
        raise InputError(f"a class has '{SEPARATOR}' in its name; write a .jsonl")
    scores = found.scores.tolist()
    return header, (
        [image, *map(_short, row), *([SEPARATOR.join(labels[i])] if labels is not None else [])]
        for i, (image, row) in enumerate(zip(found.images, scores, strict=True))
    )


def _records(found: Predictions, top: int | None) -> Iterator[dict[str, Any]]:
    labels = found.labels
    count = len(found.classes) if top is None else top
    for number, (image, best) in enumerate(found.top(count)):
        record: dict[str, Any] = {'image': image, 'scores': {c: _short(s) for c, s in best}}
        yield record if labels is None else {**record, LABELS: labels[number]}


def _short(score: float) -> float:
    """Six digits: more say nothing."""
    return float(f'{score:.6g}')


def _write_parquet(path: Path, header: Sequence[str], rows: Iterator[Sequence[Any]]) -> None:
    try:
        import polars
    except ModuleNotFoundError as error:
        raise InputError(
            'a .parquet file needs polars: `pip install polars`, or write a .csv'
        ) from error
    polars.DataFrame(list(rows), schema=list(header), orient='row').write_parquet(path)
