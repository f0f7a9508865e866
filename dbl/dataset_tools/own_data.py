"""Makes training, test, and validation sets from a user's own label files."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dbl.dataset_tools.classes import one_list_of_classes
from dbl.dataset_tools.output import IMAGES
from dbl.dataset_tools.splits import SPLITS
from dbl.dataset_tools.subset import take
from dbl.datasets.annotations import Annotations
from dbl.errors import InputError, shortened
from dbl.label_files.answers import Answers
from dbl.label_files.columns import NoLabelsError
from dbl.label_files.find import WORDS, find_label_files
from dbl.label_files.nus_wide import is_nus_wide, read_nus_wide
from dbl.label_files.pictures import find_pictures
from dbl.label_files.reading import Reading, read_table
from dbl.longtail import grouped_split

# The answers of which a reading says whether it had a use for them.
JUDGED = 'encoding delimiter header separator names confidence uncertain blank'.split()


@dataclass(frozen=True)
class Wishes:
    """What is wanted of one's own data, besides how its tables are to be read.

    Attributes:
        seed: Seed of the split.
        test_fraction: Share of the training file's images to test on, split off by strata.
        split_column: The column that says which split an image is in.
        group: A column, or a pattern on the path, whose value keeps images on one side.
        classes: Classes to keep, in this order. None keeps all.
        merge_case: Take names that differ by case alone as one class.
        folders: Folders of the pictures, or patterns of folders, relative to the root.
        picture_suffix: Goes behind each name of a picture.
    """

    seed: int = 0
    test_fraction: float | None = None
    split_column: str | None = None
    group: str | None = None
    classes: Sequence[str] | None = None
    merge_case: bool = False
    folders: Sequence[str] = ()
    picture_suffix: str = ''


@dataclass(frozen=True)
class Pool:
    """The splits of a data set, and how each was understood.

    Attributes:
        splits: The splits, by name.
        understood: How the files of each were understood.
        is_mlt: Whether it is VOC-MLT or COCO-MLT, and none of one's own data.
    """

    splits: dict[str, Annotations]
    understood: dict[str, dict[str, str]]
    is_mlt: bool = False


def read_tables(
    root: Path,
    suffix: str = '',
    answers: Answers | None = None,
    files: Mapping[str, Path | None] | None = None,
) -> dict[str, Reading]:
    """Reads the table of each split: of ``'train'`` and, as far as there are any, the others.

    Args:
        root: Folder of the data.
        suffix: Suffix of the table to take where a split has several.
        answers: How to read them.
        files: Tables of another name, by split.

    Raises:
        InputError: There is no table, or one cannot be read; see
            :func:`~dbl.label_files.reading.read_table`.
    """
    if not any((files or {}).values()) and is_nus_wide(root):
        found = {name.lower(): read_nus_wide(root, name) for name in ('Train', 'Test')}
        check_used(found, answers or Answers())
        return found
    answers = answers or Answers()
    readings = {}
    for name, path in find_label_files(root, suffix, files).items():
        try:
            readings[name] = read_table(path, answers)
            if name == 'train' and readings[name].says_absence:
                known = tuple(readings[name].annotations.classes)
                answers = replace(answers, known_classes=known)
        except NoLabelsError as error:
            if name == 'train':
                raise
            raise InputError(
                f"'{path}' has no labels, which a {SPLITS[name]} set needs; move it away, and take "
                '--test-fraction 0.3 of the training images'
            ) from error
    check_used(readings, answers)
    return readings


def make_splits(root: Path, readings: Mapping[str, Reading], wishes: Wishes) -> Pool:
    """Makes the splits: finds the pictures, and gives all splits one list of classes.

    Raises:
        InputError: Pictures, classes, or splits are not as they should be; it says what helps.
    """
    readings = _check_splits(root, readings, wishes)
    if wishes.classes is None:
        _check_columns(readings)
    understood = {name: dict(reading.understood) for name, reading in readings.items()}
    found = {}
    for name, reading in readings.items():
        paths = find_pictures(
            root, reading.annotations.image_paths, reading.beside(root), wishes.folders,
            wishes.picture_suffix,
        )  # fmt: skip
        understood[name]['found'] = paths.said
        linked = [f'{IMAGES}/{path}' for path in paths.paths]
        built = {**reading.annotations.built, 'from': 'own data'}
        found[name] = replace(reading.annotations, image_paths=linked, built=built)
    splits = one_list_of_classes(found, wishes.classes, wishes.merge_case)
    if wishes.split_column:
        splits = _by_column(splits['train'], readings['train'], wishes.split_column)
    elif wishes.test_fraction is not None:
        splits['train'], splits['test'] = _split(splits['train'], readings['train'], wishes)
    if 'val' in splits:
        splits['val'] = take(splits['val'], range(len(splits['val'])), {'subset': 'all of val'})
    return Pool({name: splits[name] for name in SPLITS if name in splits}, understood)


def _check_splits(
    root: Path, readings: Mapping[str, Reading], wishes: Wishes
) -> Mapping[str, Reading]:
    """Says what is tested on: without a test set, and a way to make one, the validation set.

    Raises:
        InputError: That is open, or an option has no effect.
    """
    if wishes.split_column and (len(readings) > 1 or wishes.test_fraction is not None):
        raise InputError('--split-column takes the splits from one table; leave out the others')
    if 'test' in readings and wishes.test_fraction is not None:
        raise InputError(
            f"'{root}' has test images; leave --test-fraction out to test on them, or move them"
        )
    if wishes.group and wishes.test_fraction is None:
        raise InputError('--group says how --test-fraction splits; it has no effect without it')
    if 'test' in readings or wishes.test_fraction is not None or wishes.split_column:
        return readings
    if 'val' not in readings:
        raise InputError(
            f"'{root}' has no test images; add a table test.csv or the like, name it with --test, "
            'or take --test-fraction 0.3 of the training images'
        )
    said = {**readings['val'].understood, 'used': 'to test on, since there is no test set'}
    return {'train': readings['train'], 'test': replace(readings['val'], understood=said)}


def check_used(readings: Mapping[str, Reading], answers: Answers) -> None:
    """Raises InputError where an answer has no effect on any of the files."""
    used = frozenset[str]().union(*(reading.used for reading in readings.values()))
    usual = Answers()
    for name in JUDGED:
        if getattr(answers, name) != getattr(usual, name) and name not in used:
            raise InputError(
                f'--{name} has no effect: nothing in these files is read by it; leave it out'
            )


def _check_columns(readings: Mapping[str, Reading]) -> None:
    """Raises InputError where a table has no column for a class of the training table."""
    for name, reading in readings.items():
        known = {class_name.casefold() for class_name in reading.annotations.classes}
        absent = [c for c in readings['train'].annotations.classes if c.casefold() not in known]
        if absent and reading.says_absence:
            names = shortened(', '.join(map(repr, absent)), 200)
            raise InputError(
                f'the {SPLITS[name]} table has no column for classes of the training table: '
                f'{names}; name the classes to keep with --classes'
            )


def _by_column(pool: Annotations, reading: Reading, column: str) -> dict[str, Annotations]:
    """The splits that a column names."""
    values = reading.cells(column)
    names = {word: name for name, words in WORDS.items() for word in words}
    sides: dict[str, list[int]] = {name: [] for name in WORDS}
    for index, value in enumerate(values):
        if value.strip().lower() not in names:
            raise InputError(
                f"--split-column '{column}': expected train, test or val, but got "
                f"'{shortened(value, 40)}'"
            )
        sides[names[value.strip().lower()]].append(index)
    how = {'split_column': column}
    return {name: take(pool, chosen, how) for name, chosen in sides.items() if chosen}


def _split(pool: Annotations, reading: Reading, wishes: Wishes) -> tuple[Annotations, Annotations]:
    fraction = wishes.test_fraction or 0.0
    groups = groups_of(reading, wishes.group) if wishes.group else range(len(pool))
    try:
        sides = grouped_split(pool.labels, groups, fraction, wishes.seed)
    except ValueError as error:
        raise InputError(f'--test-fraction does not fit: {error}') from error
    if min(map(len, sides)) == 0:
        raise InputError(
            f'--test-fraction {fraction} of {len(pool)} images leaves none to train or to test on; '
            'classes of few images stay whole'
        )
    how = {'test_fraction': fraction} | ({'group': wishes.group} if wishes.group else {})
    train, test = (take(pool, side.tolist(), how) for side in sides)
    return train, test


def groups_of(reading: Reading, group: str) -> list[str]:
    """The group of each image: the cell of a column, or what a pattern finds in its path.

    Raises:
        InputError: There is no such column, and the text is no pattern that fits each path.
    """
    if group in reading.columns:
        return reading.cells(group)
    try:
        pattern = re.compile(group)
    except re.error as error:
        raise InputError(f"--group '{group}' is no column, and no pattern: {error}") from error
    found = []
    for path in reading.annotations.image_paths:
        match = pattern.search(path)
        if match is None:
            columns = shortened(', '.join(reading.columns), 200) or 'none'
            raise InputError(
                f"--group '{group}' is no column (there are {columns}), and as a pattern does not "
                f"fit the path '{path}'"
            )
        found.append(match[1] if pattern.groups else match[0])
    return found
