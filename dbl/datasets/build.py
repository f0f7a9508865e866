"""Makes long-tailed training and test sets out of data as it is distributed."""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from dbl.datasets.annotations import Annotations, read_annotations
from dbl.datasets.voc import CLASSES, read_voc_labels
from dbl.errors import InputError
from dbl.longtail import head_to_tail_subset, pareto_counts

IMAGES = 'images'
# SHA-256 of the published training sets' image ids, in their order, one a line.
PUBLISHED = {
    'VOC-MLT': '21d64ee973b786502cf5fc25a05edd271562d0e79e930072662878c1d220a8e5',
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


def build_csv(
    root: Path, seed: int = 0, maximum: int | None = None, minimum: int = 1, exponent: float = 6.0
) -> tuple[Annotations, Annotations]:
    """A head-to-tail subset of ``root``'s train.csv (or .json), and its test.csv as it is.

    Args:
        root: Folder of train.csv and test.csv, whose image paths are relative to it.
        seed: Of the subset.
        maximum: Reference images of the first class; None means as many as the largest class has.
        minimum: Reference images of the last class.
        exponent: Of the Pareto law.
    """
    train, test = (read_annotations(root / split) for split in ('train', 'test'))
    for split in (train, test):
        split.image_paths = [f'{IMAGES}/{path}' for path in split.image_paths]
        split.built.setdefault('from', 'csv')
    maximum = max(train.class_freq) if maximum is None else maximum
    try:
        counts = pareto_counts(len(train.classes), maximum, minimum, exponent)
    except ValueError as error:
        raise InputError(f'--max, --min and --exponent do not fit: {error}') from error
    return subset(train, counts, seed), test


def subset(pool: Annotations, counts: Sequence[int], seed: int) -> Annotations:
    """Takes the head-to-tail subset of a pool, and records how it was made."""
    chosen = head_to_tail_subset(pool.labels, counts, seed)
    paths = [pool.image_paths[i] for i in chosen]
    built = {
        **pool.built,
        'subset': 'head to tail',
        'seed': seed,
        'counts': [int(n) for n in counts],
        'sha256': hashlib.sha256('\n'.join(Path(p).stem for p in paths).encode()).hexdigest(),
    }
    return Annotations(pool.classes, paths, [pool.label_indices[i] for i in chosen], built)


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
