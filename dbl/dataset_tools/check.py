"""Finds what is wrong with a data folder before anything is trained on it; changes nothing."""

import os
import warnings
from collections import defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import cv2
import mmcv
from PIL import Image, UnidentifiedImageError
from rich.table import Table
from rich.text import Text

from dbl.datasets.annotations import Annotations, read_annotations
from dbl.errors import InputError

SMALLEST = 32
SHOWN = 5
SPLITS = ('train', 'test')


class Finding(NamedTuple):
    """One thing that is wrong: its kind, and where."""

    kind: str
    where: str


def check_annotations(folder: Path) -> tuple[list[Finding], dict[str, Annotations]]:
    """Reads both splits of a folder; what is wrong with them, and those that can be read."""
    findings: list[Finding] = []
    splits = {}
    for name in SPLITS:
        try:
            splits[name] = read_annotations(
                folder / name, lambda kind, where: findings.append(Finding(kind, where))
            )
        except InputError as error:
            findings.append(Finding('annotations', str(error)))
    if len(splits) == len(SPLITS):
        findings += _check_classes(**splits)
    return findings, splits


def _check_classes(train: Annotations, test: Annotations) -> Iterator[Finding]:
    for image in sorted(set(train.image_paths) & set(test.image_paths)):
        yield Finding('in training and test', image)
    different = sorted(set(train.classes) ^ set(test.classes))
    for name in different:
        yield Finding('class of one split alone', name)
    if train.classes != test.classes and not different:
        yield Finding('classes in another order', 'training and test')
    for split, annotations in (('training', train), ('test', test)):
        for name, count in zip(annotations.classes, annotations.class_freq, strict=True):
            if count == 0:
                yield Finding(f'class without {split} images', name)


def findings_table(findings: Iterable[Finding]) -> Table:
    """Lays findings out by kind: how many, and the first places of each."""
    table = Table()
    for name in ('kind', 'count', 'where'):
        table.add_column(name, overflow='fold')
    places = defaultdict(list)
    for finding in findings:
        places[finding.kind].append(finding.where)
    for kind, where in places.items():
        more = [f'and {len(where) - SHOWN} more'] if len(where) > SHOWN else []
        table.add_row(kind, str(len(where)), Text('\n'.join(where[:SHOWN] + more)))
    return table


def check_images(paths: Iterable[Path]) -> Iterator[Finding | None]:
    """Opens every image, in parallel; yields what is wrong with each, or None, in their order."""
    with warnings.catch_warnings(), ThreadPoolExecutor(os.cpu_count()) as pool:
        warnings.simplefilter('ignore')  # Pillow's, on large pictures and broken EXIF blocks
        yield from pool.map(check_image, paths)


def check_image(path: Path) -> Finding | None:
    """Says what is wrong with an image, which is decoded whole; None if nothing is.

    >>> check_image(Path('no.jpg'))
    Finding(kind='missing', where='no.jpg')
    """
    kind = _kind_of(path)
    return kind and Finding(kind, str(path))


def _kind_of(path: Path) -> str | None:
    if not os.path.isfile(path):  # False, too, for what cannot be looked at
        return 'missing'
    try:
        if path.stat().st_size == 0:
            return 'empty file'
        smallest = _smallest_side(path)
        decoded = mmcv.imread(str(path)) is not None
    except UnidentifiedImageError:
        return 'not an image'
    except PermissionError:
        return 'no permission to read'
    except Exception:  # whatever wrong bytes lead a decoder into
        return 'truncated or damaged'
    if not cv2.haveImageReader(str(path)):
        return 'of a form that training does not read'
    if not decoded:
        return 'truncated or damaged'
    return f'under {SMALLEST} px' if smallest < SMALLEST else None


def _smallest_side(path: Path) -> int:
    """Decodes with Pillow, which unlike training's OpenCV refuses a JPEG that was cut."""
    try:
        with Image.open(path) as image:
            image.load()
            return min(image.size)
    except Image.DecompressionBombError:  # OpenCV reads more pixels than Pillow dares
        return SMALLEST
