"""Makes long-tailed training and test sets out of data as it is distributed."""

import hashlib
import os
import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dbl.datasets.annotations import Annotations, read_annotations
from dbl.datasets.coco import CocoInstances, read_coco
from dbl.datasets.voc import CLASSES, read_voc_labels
from dbl.errors import InputError, unknown
from dbl.longtail import head_to_tail_subset, pareto_counts, stratified_split

IMAGES = 'images'
# Name, and SHA-256 of the published training set's image ids, in their order, one a line.
PUBLISHED = {
    'coco': ('COCO-MLT', '03ca967da27204f543e74499dcccebe56cdb5bba47fe0d800f99c9f73fa489eb'),
    'voc': ('VOC-MLT', '21d64ee973b786502cf5fc25a05edd271562d0e79e930072662878c1d220a8e5'),
}


def build_voc(
    devkit: Path, seed: int = 0, difficult: bool = True
) -> tuple[Annotations, Annotations]:
    """VOC-MLT: a head-to-tail subset of VOC 2012 trainval, and VOC 2007 test.

    With seed 0 and difficult objects the training set is the published one, id for id.

    Args:
        devkit: The folder ``VOCdevkit``; labels are enough.
        seed: Of the subset.
        difficult: Difficult objects make a class present.
    """
    splits = []
    for year, split in ((2012, 'trainval'), (2007, 'test')):
        image_ids, labels = read_voc_labels(devkit, year, split, difficult=difficult)
        paths = [f'{IMAGES}/VOC{year}/JPEGImages/{i}.jpg' for i in image_ids]
        rows = [row.nonzero()[0].tolist() for row in labels.toarray()]
        built = {'from': f'VOC {year} {split}', 'difficult': difficult}
        splits.append(Annotations(CLASSES, paths, rows, built))
    train, test = splits
    return subset(train, pareto_counts(len(CLASSES), maximum=800), seed), test


def build_coco(
    root: Path, seed: int = 0, train_json: Path | None = None, ids: Sequence[int] | None = None
) -> tuple[Annotations, Annotations]:
    """COCO-MLT: a head-to-tail subset of COCO train2017, or a list of its images, and val2017.

    Args:
        root: Folder with ``annotations/instances_{train,val}2017.json``; labels are enough.
        seed: Of the subset.
        train_json: File to read instead of ``instances_train2017.json``.
        ids: Image ids to take, in that order, instead of drawing them.
    """
    annotations = root / 'annotations'
    instances = read_coco(train_json or annotations / 'instances_train2017.json')
    train = _coco_split(instances, 'train2017')
    test = _coco_split(read_coco(annotations / 'instances_val2017.json'), 'val2017')
    if ids is None:
        return subset(train, pareto_counts(len(train.classes), maximum=1200), seed), test
    rows = {image.id: row for row, image in enumerate(instances.images)}
    absent = [image_id for image_id in ids if image_id not in rows]
    if absent:
        raise InputError(
            f'{len(absent)} of the {len(ids)} ids are not among the training images, the first is '
            f'{absent[0]}'
        )
    return take(train, [rows[image_id] for image_id in ids], {'subset': 'ids'}), test


def _coco_split(instances: CocoInstances, split: str) -> Annotations:
    paths = [f'{IMAGES}/{split}/{image.file_name}' for image in instances.images]
    return Annotations(
        instances.classes, paths, instances.label_indices(), {'from': f'COCO {split}'}
    )


def read_ids(path: Path) -> list[int]:
    """Reads image ids, one a line.

    Raises:
        InputError: A line is not an id, or an id comes twice.
    """
    ids: dict[int, int] = {}
    for number, line in enumerate(path.read_text(encoding='utf-8').splitlines(), start=1):
        if not line.strip().isdecimal() or int(line) in ids:
            raise InputError(f"{path}, line {number}: expected a new image id, but got '{line}'")
        ids[int(line)] = number
    return list(ids)


def read_pool(
    root: Path,
    suffix: str,
    seed: int = 0,
    test_fraction: float | None = None,
    classes: Sequence[str] | None = None,
) -> tuple[Annotations, Annotations]:
    """Reads one's own data: training and test images, or images to split.

    Args:
        root: Folder of train.csv (or .jsonl) and, without ``test_fraction``, test.csv, whose image
            paths are relative to it.
        suffix: ``'.csv'`` or ``'.jsonl'``.
        seed: Of the split.
        test_fraction: Share of the training file's images to test on, split off by strata.
        classes: Classes to keep, in that order; None keeps all.
    """
    _check_files(root, suffix, test_fraction)
    names = ['train', 'test'] if test_fraction is None else ['train']
    splits = [read_annotations(root / f'{name}{suffix}') for name in names]
    known = list(dict.fromkeys(c for split in splits for c in split.classes))
    for name in classes or []:
        if name not in known:
            raise unknown('--classes: class', name, known)
    train, *test = (_of_classes(split, classes or known) for split in splits)
    return (train, test[0]) if test else _split(train, test_fraction, seed)


def _check_files(root: Path, suffix: str, test_fraction: float | None) -> None:
    train, test = root / f'train{suffix}', root / f'test{suffix}'
    if not train.is_file():
        raise InputError(f"'{train}' does not exist; --root must be the folder of train{suffix}")
    if test_fraction is not None and test.is_file():
        raise InputError(f"'{test}' exists; leave --test-fraction out to test on it, or move it")
    if test_fraction is None and not test.is_file():
        raise InputError(f"'{test}' does not exist; add it, or take --test-fraction 0.3 of train")


def _of_classes(split: Annotations, classes: Sequence[str]) -> Annotations:
    """Keeps the labels of some classes, in their order; paths are those under ``images``."""
    new = {name: index for index, name in enumerate(classes)}
    columns = [new.get(name) for name in split.classes]
    kept = [
        sorted(columns[label] for label in row if columns[label] is not None)
        for row in split.label_indices
    ]
    paths = [f'{IMAGES}/{path}' for path in split.image_paths]
    return Annotations(list(classes), paths, kept, {**split.built, 'from': 'own data'})


def _split(pool: Annotations, fraction: float, seed: int) -> tuple[Annotations, Annotations]:
    try:
        sides = stratified_split(pool.labels, fraction, seed)
    except ValueError as error:
        raise InputError(f'--test-fraction does not fit: {error}') from error
    train, test = (take(pool, side.tolist(), {'test_fraction': fraction}) for side in sides)
    return train, test


def long_tailed(
    pool: Annotations,
    seed: int = 0,
    maximum: int | None = None,
    minimum: int = 1,
    exponent: float = 6.0,
) -> Annotations:
    """The head-to-tail subset of a pool after a Pareto law.

    Args:
        pool: All training images.
        seed: Of the subset.
        maximum: Reference images of the first class; None means as many as the largest class has.
        minimum: Reference images of the last class.
        exponent: Of the Pareto law.
    """
    maximum = max(pool.class_freq) if maximum is None else maximum
    try:
        counts = pareto_counts(len(pool.classes), maximum, minimum, exponent)
    except ValueError as error:
        raise InputError(f'--max, --min and --exponent do not fit: {error}') from error
    return subset(pool, counts, seed)


def subset(pool: Annotations, counts: Sequence[int], seed: int) -> Annotations:
    """Takes the head-to-tail subset of a pool, and records how it was made."""
    chosen = head_to_tail_subset(pool.labels, counts, seed)
    built = {'subset': 'head to tail', 'seed': seed, 'counts': [int(n) for n in counts]}
    return take(pool, chosen, built)


def take(pool: Annotations, chosen: Sequence[int], built: dict[str, Any]) -> Annotations:
    """Takes some images of a pool, in that order, with a digest of their ids.

    An id is the name of the file, without suffix and leading zeros, one a line.
    """
    paths = [pool.image_paths[i] for i in chosen]
    ids = '\n'.join(Path(path).stem.lstrip('0') for path in paths)
    built = {**pool.built, **built, 'sha256': hashlib.sha256(ids.encode()).hexdigest()}
    return Annotations(pool.classes, paths, [pool.label_indices[i] for i in chosen], built)


def compared_with_published(source: str, train: Annotations) -> str:
    """Says whether a training set, from ``'voc'`` or ``'coco'``, is the published one."""
    name, digest = PUBLISHED[source]
    if train.built['sha256'] == digest:
        return f'equal to the published {name}, id for id'
    return (
        f'NOT equal to the published {name}: other labels, --seed or options, or a Python that '
        f'orders sets otherwise (checked: CPython 3.9 to 3.13; this is {platform.python_version()})'
    )


def missing_images(folder: Path, *splits: Annotations) -> list[Path]:
    """The images of some splits that are not there; labels are enough to build a set."""
    paths = (folder / path for split in splits for path in split.image_paths)
    return [path for path in paths if not path.is_file()]


def check_output(out: Path) -> None:
    """Raises InputError where annotations that were not made here would be hidden or replaced."""
    for split in ('train', 'test'):
        table, made = out / f'{split}.csv', out / f'{split}.json'
        if table.exists() or (made.exists() and not read_annotations(made).built):
            raise InputError(f"'{out}' holds {split} annotations of yours; choose another --out")


def link_images(root: Path, out: Path) -> None:
    """Links ``out/images`` to ``root``, so that paths never leave the folder of the annotations.

    Raises:
        InputError: Something else is there already.
    """
    link = out / IMAGES
    if link.is_symlink():
        link.unlink()
    if link.exists():
        raise InputError(f"'{link}' is in the way of a link to '{root}'; choose another --out")
    link.symlink_to(os.path.relpath(root.resolve(), out.resolve()), target_is_directory=True)
