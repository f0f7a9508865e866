"""Makes long-tailed training and test sets out of one's own data."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from dbl.dataset_tools.output import IMAGES
from dbl.dataset_tools.subset import subset, take
from dbl.datasets.annotations import Annotations, read_annotations
from dbl.errors import InputError, unknown
from dbl.longtail import pareto_counts, stratified_split


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
    if suffix == '.csv' and not classes and len({frozenset(s.classes) for s in splits}) > 1:
        different = sorted(set.symmetric_difference(*(set(split.classes) for split in splits)))
        raise InputError(
            f"'{root}': train.csv and test.csv must have the same classes, but one alone has "
            f'{", ".join(map(repr, different))}; --classes keeps some'
        )
    known = list(dict.fromkeys(c for split in splits for c in split.classes))
    for name, count in Counter(classes).items():
        if name not in known:
            raise unknown('--classes: class', name, known)
        if count > 1:
            raise InputError(f"--classes names '{name}' {count} times; name it once")
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
    if min(map(len, sides)) == 0:
        raise InputError(
            f'--test-fraction {fraction} of {len(pool)} images leaves none to train or to test on; '
            'classes of few images stay whole'
        )
    train, test = (take(pool, side.tolist(), {'test_fraction': fraction}) for side in sides)
    return train, test


def long_tailed(
    pool: Annotations,
    seed: int = 0,
    maximum: int | None = None,
    minimum: int = 1,
    exponent: float = 6.0,
) -> Annotations:
    """Takes the head-to-tail subset of a pool after a Pareto law.

    Args:
        pool: All training images.
        seed: Of the subset.
        maximum: Reference images of the first class; None means as many as the largest class has.
        minimum: Reference images of the last class.
        exponent: Of the Pareto law.
    """
    if max(pool.class_freq) == 0:
        raise InputError('no training image shows any of the classes')
    maximum = max(pool.class_freq) if maximum is None else maximum
    try:
        counts = pareto_counts(len(pool.classes), maximum, minimum, exponent)
    except ValueError as error:
        raise InputError(f'--max, --min and --exponent do not fit: {error}') from error
    return subset(pool, counts, seed)
