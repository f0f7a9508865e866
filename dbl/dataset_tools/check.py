"""Finds what is wrong with a data folder before a training, and changes nothing."""

import os
import threading
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from PIL import UnidentifiedImageError
from rich.table import Table
from rich.text import Text

from dbl.dataset_tools.splits import SPLITS, split_names
from dbl.datasets.annotation_formats import read_annotations
from dbl.datasets.annotations import Annotations
from dbl.datasets.picture_header import num_pixels, open_picture
from dbl.errors import InputError
from dbl.limits import most
from dbl.out_of_memory import is_out_of_memory

SMALLEST = 32
SHOWN = 5
ABOVE_LIMIT, DAMAGED = 'above DBL_MAX_PIXELS or DBL_MAX_SCANS', 'truncated or damaged'


See = Callable[[Path, np.ndarray], None]


def pass_over(path: Path, picture: np.ndarray) -> None:
    """Does nothing with a picture that was decoded."""


class Finding(NamedTuple):
    """Something wrong: its kind, and where it is."""

    kind: str
    where: str


def check_annotations(folder: Path) -> tuple[list[Finding], dict[str, Annotations]]:
    """Reads the splits of a folder, and gives the findings and the splits that can be read."""
    findings: list[Finding] = []
    splits = {}
    for name in split_names(folder):
        try:
            splits[name] = read_annotations(
                folder / name, lambda kind, where: findings.append(Finding(kind, where))
            )
        except InputError as error:
            findings.append(Finding('annotations', str(error)))
    findings += [*_check_apart(splits), *_check_classes(splits), *_check_shown(splits)]
    return findings, splits


def in_both(first: Annotations, second: Annotations) -> list[str]:
    """Lists the images that two splits share.

    >>> a, b = (Annotations(['cat'], ['a.jpg', name], [[0], [0]]) for name in ('b.jpg', 'c.jpg'))
    >>> in_both(a, b)
    ['a.jpg']
    """
    return sorted(set(first.image_paths) & set(second.image_paths))


def _check_apart(splits: Mapping[str, Annotations]) -> Iterator[Finding]:
    for one, other in combinations(splits, 2):
        for image in in_both(splits[one], splits[other]):
            yield Finding(f'in {SPLITS[one]} and {SPLITS[other]}', image)


def _check_classes(splits: Mapping[str, Annotations]) -> Iterator[Finding]:
    """Compares the classes of the splits that can be read."""
    columns = {name: set(split.classes) for name, split in splits.items()}
    for class_name in sorted(set().union(*columns.values())):
        having = [SPLITS[name] for name, column in columns.items() if class_name in column]
        lacking = [SPLITS[name] for name, column in columns.items() if class_name not in column]
        if lacking and len(having) == 1:
            yield Finding('class of one split alone', f'{class_name}, of {having[0]}')
        elif lacking:
            yield Finding('class that one split lacks', f'{class_name}, not of {lacking[0]}')
    for one, other in combinations(splits, 2):
        ours, theirs = splits[one].classes, splits[other].classes
        if ours != theirs and set(ours) == set(theirs):
            yield Finding('classes in another order', f'{SPLITS[one]} and {SPLITS[other]}')


def _check_shown(splits: Mapping[str, Annotations]) -> Iterator[Finding]:
    # The means on validation leave out a class that it does not show, and training says so.
    for name, split in splits.items():
        for class_name, count in zip(split.classes, split.class_freq, strict=True):
            if count == 0 and name != 'val':
                yield Finding(f'class without {SPLITS[name]} images', class_name)


def findings_table(findings: Iterable[Finding]) -> Table:
    """Lays out findings by kind, with their number and the first places."""
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


def check_images(paths: Iterable[Path], see: See = pass_over) -> Iterator[Finding | None]:
    """Opens every image, in parallel, and yields what is wrong with each, or None, in order.

    Args:
        paths: The images.
        see: Is shown each that is decoded, with its path, from several threads.

    Raises:
        InputError: ``DBL_MAX_PIXELS`` is not a number.
    """
    room = _Room(most('DBL_MAX_PIXELS'))
    with warnings.catch_warnings(), ThreadPoolExecutor(os.cpu_count()) as pool:
        warnings.simplefilter('ignore')  # Pillow's, on broken EXIF blocks
        yield from pool.map(lambda path: check_image(path, room, see), paths)


class _Room:
    """Allows no more pixels to be decoded at a time than one picture may have."""

    def __init__(self, num_pixels: int) -> None:
        self.left = num_pixels
        self.changed = threading.Condition()

    @contextmanager
    def of(self, num_pixels: int) -> Iterator[None]:
        self._take(num_pixels)
        try:
            yield
        finally:
            self._take(-num_pixels)

    def _take(self, num_pixels: int) -> None:
        with self.changed:
            self.changed.wait_for(lambda: num_pixels <= self.left)
            self.left -= num_pixels
            self.changed.notify_all()


def check_image(path: Path, room: _Room | None = None, see: See = pass_over) -> Finding | None:
    """Decodes an image whole, and says what is wrong with it, or None.

    >>> check_image(Path('no.jpg'))
    Finding(kind='missing', where='no.jpg')
    """
    kind = _kind_of(path, room or _Room(most('DBL_MAX_PIXELS')), see)
    return Finding(kind, str(path)) if kind else None


def _kind_of(path: Path, room: _Room, see: See) -> str | None:
    if not os.path.isfile(path):  # also False where permission is lacking
        return 'missing'
    try:
        if path.stat().st_size == 0:
            return 'empty file'
        size, pixels = _read_header(path)
        if not cv2.haveImageReader(str(path)):
            return 'of a form that training does not read'
        with room.of(pixels):
            decoded = _is_decoded(path, see)
    except InputError:
        return ABOVE_LIMIT
    except UnidentifiedImageError:
        return 'not an image'
    except PermissionError:
        return 'no permission to read'
    except Exception as error:  # a decoder may raise anything on wrong bytes
        if is_out_of_memory(error):
            raise
        return DAMAGED
    return DAMAGED if not decoded else f'under {SMALLEST} px' if min(size) < SMALLEST else None


def _read_header(path: Path) -> tuple[tuple[int, int], int]:
    """The size of a picture, and its pixels in all frames."""
    try:
        with open_picture(path) as image:
            return image.size, num_pixels(image)
    except MemoryError as error:  # a header is small, whatever length it claims
        raise ValueError('its header claims a length beyond all memory') from error


def _is_decoded(path: Path, see: See) -> bool:
    """Decodes as training does, and with Pillow, which unlike OpenCV refuses a cut JPEG."""
    import mmcv  # it imports torch, which annotations do not need

    _load(path)
    picture = mmcv.imread(str(path))
    if picture is not None:
        see(path, picture)
    return picture is not None


def _load(path: Path) -> None:  # frees its memory before OpenCV takes its own
    with open_picture(path) as image:
        image.load()
