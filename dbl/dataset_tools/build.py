"""Makes VOC-MLT and COCO-MLT from VOC and COCO as distributed."""

import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

from dbl.dataset_tools.classes import of_classes
from dbl.dataset_tools.coco import CocoInstances, read_coco
from dbl.dataset_tools.output import IMAGES
from dbl.dataset_tools.own_coco import is_coco
from dbl.dataset_tools.published import published_subset
from dbl.dataset_tools.subset import subset, take
from dbl.dataset_tools.voc import (
    CLASSES,
    LISTS,
    has_class_files,
    has_lists,
    picture_name,
    read_voc_labels,
)
from dbl.datasets.annotations import Annotations
from dbl.errors import InputError, shortened
from dbl.files import read_lines
from dbl.label_files.coco_objects import counted
from dbl.label_files.reading import Reading
from dbl.longtail import pareto_counts

MLT_SETS = {'coco': ('COCO-MLT', 'coco_mlt'), 'voc': ('VOC-MLT', 'voc_mlt')}


def build_voc(
    devkit: Path, seed: int = 0, difficult: bool = True
) -> tuple[Annotations, Annotations]:
    """Makes VOC-MLT: a head-to-tail subset of VOC 2012 trainval, and VOC 2007 test.

    With seed 0 and difficult objects, the training set is the published one, id for id.

    Args:
        devkit: The folder ``VOCdevkit``; labels are enough.
        seed: Seed of the subset.
        difficult: Whether difficult objects make a class present.
    """
    found = {}
    for name, (year, split) in LISTS.items():
        image_ids, rows = read_voc_labels(devkit, year, split, difficult)
        pictures = devkit / f'VOC{year}' / 'JPEGImages'
        names = [picture_name(pictures, image_id) for image_id in image_ids]
        paths = [f'VOC{year}/JPEGImages/{picture}' for picture in names]
        found[name] = Annotations(CLASSES, paths, rows)
    return voc_mlt(found, seed, difficult)


def voc_mlt(
    found: Mapping[str, Annotations], seed: int = 0, difficult: bool = True
) -> tuple[Annotations, Annotations]:
    """Makes VOC-MLT of the labels of a devkit, once they are read.

    Args:
        found: Those of VOC 2012 trainval as ``'train'``, and of VOC 2007 test as ``'test'``, with
            paths relative to the devkit.
        seed: Seed of the subset.
        difficult: Whether difficult objects made a class present.
    """
    splits = {}
    for name, (year, split) in LISTS.items():
        labels = of_classes(found[name], CLASSES)
        paths = [f'{IMAGES}/{path}' for path in labels.image_paths]
        built = {'from': f'VOC {year} {split}', 'difficult': difficult}
        splits[name] = replace(labels, image_paths=paths, built=built)
    counts = pareto_counts(len(CLASSES), maximum=800)
    return subset(splits['train'], counts, seed, published_id), splits['test']


def build_coco(
    root: Path,
    seed: int = 0,
    train_json: Path | None = None,
    ids: Sequence[int] | None = None,
    report: Callable[[str, str], None] = lambda split, objects: None,
) -> tuple[Annotations, Annotations]:
    """Makes COCO-MLT: a head-to-tail subset of COCO train2017, or listed images, and val2017.

    Args:
        root: Folder with ``annotations/instances_{train,val}2017.json``; labels are enough.
        seed: Seed of the subset.
        train_json: File to read instead of ``instances_train2017.json``.
        ids: Image ids to take, in this order, instead of drawing them.
        report: Is told of ``'train'`` and ``'test'`` how many objects do not count, and why.
    """
    annotations = root / 'annotations'
    instances = read_coco(train_json or annotations / 'instances_train2017.json')
    train, objects = _coco_split(instances, 'train2017')
    report('train', objects)
    test, objects = _coco_split(read_coco(annotations / 'instances_val2017.json'), 'val2017')
    report('test', objects)
    if train.classes != test.classes:
        raise InputError(f"'{annotations}': the categories of train2017 and val2017 differ")
    if ids is None:
        counts = pareto_counts(len(train.classes), maximum=1200)
        return subset(train, counts, seed, published_id), test
    rows = {image.id: row for row, image in enumerate(instances.images)}
    absent = [image_id for image_id in ids if image_id not in rows]
    if absent:
        raise InputError(
            f'{len(absent)} of the {len(ids)} ids {"is" if len(absent) == 1 else "are"} not among '
            f'the training images, the first is {absent[0]}; --draw draws COCO-MLT anew'
        )
    chosen = [rows[image_id] for image_id in ids]
    return take(train, chosen, {'subset': 'taken from the list of ids'}, published_id), test


def makes_coco_mlt(root: Path, train_json: Path | None = None) -> bool:
    """Whether a folder holds COCO of 2017, by its 80 classes and the names of its files.

    >>> makes_coco_mlt(Path('no such folder'))
    False
    """
    usual, tested = (root / 'annotations' / f'instances_{s}2017.json' for s in ('train', 'val'))
    return is_coco(train_json or usual) and (train_json is None or tested.is_file())


def makes_voc_mlt(devkit: Path, readings: Mapping[str, Reading]) -> bool:
    """Whether a folder is a devkit of VOC 2012 and 2007, and names no classes but VOC's.

    >>> makes_voc_mlt(Path('no such folder'), {})
    False
    """
    named = {name for reading in readings.values() for name in reading.annotations.classes}
    return (has_class_files(devkit) or has_lists(devkit)) and named <= {*CLASSES}


def _coco_split(instances: CocoInstances, split: str) -> tuple[Annotations, str]:
    """The labels, and what to say of the objects."""
    paths = [f'{IMAGES}/{split}/{image.file_name}' for image in instances.images]
    rows, reasons = instances.labels_and_reasons()
    annotations = Annotations(instances.classes, paths, rows, {'from': f'COCO {split}'})
    return annotations, counted(len(instances.annotations), reasons)


def read_ids(path: Path) -> list[int]:
    """Reads image ids, one per line.

    Raises:
        InputError: A line is not an id, an id comes twice, or there are none.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / 'ids.txt'
    >>> _ = path.write_text('139\\n7\\n')
    >>> read_ids(path)
    [139, 7]
    """
    ids: dict[int, int] = {}
    for number, line in enumerate(read_lines(path), start=1):
        if not line.strip():
            continue
        # The id of a picture has no more digits than a number of 64 bits.
        if not line.strip().isdecimal() or len(line) > 20 or int(line) in ids:
            raise InputError(
                f"{path}, line {number}: expected a new image id, but got '{shortened(line)}'"
            )
        ids[int(line)] = number
    if not ids:
        raise InputError(f"'{path}' lists no image id")
    return list(ids)


def published_id(path: str) -> str:
    """Gives the id in the published lists: the file name without suffix and leading zeros.

    >>> published_id('images/val2017/000000000139.jpg')
    '139'
    """
    return Path(path).stem.lstrip('0')


def published_ids() -> list[int]:
    """The published image ids of COCO-MLT, in their order."""
    return [int(image_id) for image_id in published_subset('coco_mlt').image_ids]


def compared_with_published(source: Literal['voc', 'coco'], train: Annotations) -> str:
    """Says whether a training set from ``'voc'`` or ``'coco'`` is the published one."""
    name, key = MLT_SETS[source]
    how = f'subset {train.built["subset"]}'
    if list(map(published_id, train.image_paths)) == published_subset(key).image_ids:
        return f'{how}, equal to the published {name}, id for id'
    return (
        f'{how}, NOT equal to the published {name}: other labels, options or seed, or Python '
        f'orders sets otherwise (checked: CPython 3.9 to 3.13; this is {platform.python_version()})'
    )
