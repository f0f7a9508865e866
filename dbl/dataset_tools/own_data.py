"""Makes long-tailed training and test sets from a user's own data."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from dbl.dataset_tools.output import IMAGES
from dbl.dataset_tools.splits import SPLITS, split_names
from dbl.dataset_tools.subset import left_over, subset, take
from dbl.datasets.annotations import Annotations, held_by, read_annotations
from dbl.errors import InputError, shortened, unknown
from dbl.longtail import pareto_counts, stratified_split


def read_pool(
    root: Path,
    suffix: str,
    seed: int = 0,
    test_fraction: float | None = None,
    classes: Sequence[str] | None = None,
) -> dict[str, Annotations]:
    """Reads training and test images, or images to split, and validation images.

    Args:
        root: Folder of train.csv (or .jsonl) and, without ``test_fraction``, test.csv, whose image
            paths are relative to it. It may have a val.csv.
        suffix: ``'.csv'`` or ``'.jsonl'``.
        seed: Seed of the split.
        test_fraction: Share of the training file's images to test on, split off by strata.
        classes: Classes to keep, in this order. None keeps all.

    Returns:
        ``'train'``, ``'test'``, and ``'val'`` if there is a file.
    """
    names = _names_of_files(root, suffix, test_fraction)
    found = {name: read_annotations(root / f'{name}{suffix}') for name in names}
    if suffix == '.csv' and not classes:
        _check_same_classes(root, found)
    kept = _classes_to_keep(found, classes)
    splits = {name: _of_classes(split, kept) for name, split in found.items()}
    if test_fraction is not None:
        splits['train'], splits['test'] = _split(splits['train'], test_fraction, seed)
    if 'val' in splits:
        how = {'subset': f'all of val{suffix}'}
        splits['val'] = take(splits['val'], range(len(splits['val'])), how)
    return {name: splits[name] for name in SPLITS if name in splits}


def _names_of_files(root: Path, suffix: str, test_fraction: float | None) -> list[str]:
    """Names the splits that have a file, after checking that those needed have one."""
    train, test, val = (root / f'{name}{suffix}' for name in SPLITS)
    if not train.is_file():
        raise InputError(
            f"'{train}' does not exist; --root must be the folder of train{suffix}, but "
            f'{held_by(root)}'
        )
    if test_fraction is not None and test.is_file():
        raise InputError(f"'{test}' exists; leave --test-fraction out to test on it, or move it")
    if test_fraction is None and not test.is_file():
        raise InputError(f"'{test}' does not exist; add it, or take --test-fraction 0.3 of train")
    names = [name for name in SPLITS if (root / f'{name}{suffix}').is_file()]
    if 'val' not in names and 'val' in split_names(root):
        raise InputError(
            f"'{root}' has images for validation in another form than {train.name}; make a "
            f'{val.name} of them, or move them'
        )
    return names


def _check_same_classes(root: Path, tables: Mapping[str, Annotations]) -> None:
    columns = [set(table.classes) for table in tables.values()]
    different = sorted(columns[0].union(*columns) - columns[0].intersection(*columns))
    if different:
        *others, last = (f'{name}.csv' for name in tables)
        raise InputError(
            f"'{root}': {', '.join(others)} and {last} must have the same classes, but not all "
            f'have {shortened(", ".join(map(repr, different)))}; --classes keeps some'
        )


def _classes_to_keep(
    splits: Mapping[str, Annotations], classes: Sequence[str] | None
) -> Sequence[str]:
    known = list(dict.fromkeys(c for split in splits.values() for c in split.classes))
    for name, count in Counter(classes).items():
        if name not in known:
            raise unknown('--classes: class', name, known)
        if count > 1:
            raise InputError(f"--classes names '{name}' {count} times; name it once")
    return classes or known


def _of_classes(split: Annotations, classes: Sequence[str]) -> Annotations:
    """Keeps the labels of some classes, in their order, and puts paths under ``images``."""
    new = {name: index for index, name in enumerate(classes)}
    columns = {label: new[name] for label, name in enumerate(split.classes) if name in new}
    kept = [
        sorted(columns[label] for label in row if label in columns) for row in split.label_indices
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


def with_subset(
    splits: Mapping[str, Annotations],
    seed: int = 0,
    maximum: int | None = None,
    minimum: int = 1,
    exponent: float = 6.0,
) -> dict[str, Annotations]:
    """Replaces the training images by a subset, by :func:`long_tailed`.

    Without images for validation, those left out take that place, unless they show no class, so
    that nothing could be measured on them.

    >>> pool = Annotations(['cat'], ['a.jpg', 'b.jpg', 'c.jpg'], [[0], [0], [0]])
    >>> test = Annotations(['cat'], ['d.jpg'], [[0]])
    >>> splits = with_subset({'train': pool, 'test': test}, maximum=2)
    >>> {name: len(split) for name, split in splits.items()}
    {'train': 2, 'test': 1, 'val': 1}
    """
    pool = splits['train']
    made = {**splits, 'train': long_tailed(pool, seed, maximum, minimum, exponent)}
    rest = left_over(pool, made['train'])
    if 'val' not in made and any(rest.class_freq):
        made['val'] = rest
    return made


def long_tailed(
    pool: Annotations,
    seed: int = 0,
    maximum: int | None = None,
    minimum: int = 1,
    exponent: float = 6.0,
) -> Annotations:
    """Takes the head-to-tail subset of a pool by a Pareto law.

    Args:
        pool: All training images.
        seed: Seed of the subset.
        maximum: Reference images of the first class. None takes as many as the largest class has.
        minimum: Reference images of the last class.
        exponent: Exponent of the Pareto law.
    """
    if max(pool.class_freq) == 0:
        raise InputError('no training image shows any of the classes')
    maximum = max(pool.class_freq) if maximum is None else maximum
    try:
        counts = pareto_counts(len(pool.classes), maximum, minimum, exponent)
    except ValueError as error:
        raise InputError(f'--max, --min and --exponent do not fit: {error}') from error
    return subset(pool, counts, seed)
