"""Divides the images of one label file among the splits."""

import re
from collections.abc import Collection, Sequence
from typing import Any

from dbl.dataset_tools.split_lists import splits_listed, splits_named
from dbl.dataset_tools.splits import SPLITS
from dbl.dataset_tools.subset import take
from dbl.dataset_tools.wishes import Wishes
from dbl.datasets.annotations import Annotations
from dbl.errors import InputError, listed, shortened
from dbl.label_files.reading import Reading
from dbl.label_files.words import one_spelling
from dbl.longtail import grouped_split

NO_TEST = {
    'table': 'add a table test.csv or the like, or name it with --test',
    'coco': 'name their file with --test-json',
    'voc': 'add a folder test/ of XML files, or a list ImageSets/Main/test.txt',
}


def check_splits(where: object, splits: Collection[str], wishes: Wishes) -> None:
    """Raises InputError where it is open what is tested on, or an option has no effect.

    Args:
        where: The folder, for messages.
        splits: Those that have label files.
        wishes: How the images are divided.
    """
    if len(splits) > 1 and (wishes.split_column or wishes.split_list):
        raise InputError(f'{wishes.way} takes the splits from one table; leave out the others')
    for name in ('test', 'val'):
        if name in splits and wishes.lists[name]:
            raise InputError(f"'{where}' has {SPLITS[name]} images; leave --{name}-list out")
    if 'test' in splits and wishes.test_fraction is not None:
        raise InputError(
            f"'{where}' has test images; leave --test-fraction out to test on them, or move them"
        )
    if wishes.group and (wishes.way is None or wishes.split_column):
        raise InputError(
            '--group says how --test-fraction splits, or is compared with a list; it has no effect '
            'without them'
        )
    if not {'test', 'val'} & {*splits} and not wishes.divides:
        raise InputError(
            f"'{where}' has no test images; {NO_TEST[wishes.form]}, list them in a file for "
            '--test-list, or take --test-fraction 0.3 of the training images'
        )


def divide(
    pool: Annotations, reading: Reading, wishes: Wishes
) -> tuple[dict[str, Annotations], list[str]]:
    """Divides a pool of images among the splits.

    Args:
        pool: The images.
        reading: The label file that they are from.
        wishes: How they are divided.

    Returns:
        The splits that there are, and warnings.

    Raises:
        InputError: A column or a list does not say the split of each, or a side has no images.
    """
    if wishes.split_column:
        column = wishes.split_column
        where = f"--split-column '{column}'"
        sides = splits_named(reading.cells(column), where, column)
        return _by_side(pool, sides, {'split_column': column}), []
    if any(wishes.lists.values()):
        sides = splits_listed(reading.annotations.image_paths, wishes.lists)
        how = {f'{name}_list': path.name for name, path in wishes.lists.items() if path}
        return _by_side(pool, sides, how), _on_two_sides(reading, wishes.group, sides)
    if wishes.test_fraction is not None:
        return _by_strata(pool, reading, wishes, wishes.test_fraction), []
    return {'train': pool}, []


def _by_side(
    pool: Annotations, sides: Sequence[str], how: dict[str, Any]
) -> dict[str, Annotations]:
    chosen = {name: [i for i, side in enumerate(sides) if side == name] for name in SPLITS}
    return {name: take(pool, indices, how) for name, indices in chosen.items() if indices}


def _by_strata(
    pool: Annotations, reading: Reading, wishes: Wishes, fraction: float
) -> dict[str, Annotations]:
    groups = groups_of(reading, wishes.group) if wishes.group else range(len(pool))
    try:
        sides = grouped_split(pool.labels, groups, fraction, wishes.seed)
    except ValueError as error:
        raise InputError(f'--test-fraction does not fit: {error}') from error
    if min(map(len, sides)) == 0:
        made = f', of which --group makes {len({*groups})} groups,' if wishes.group else ''
        raise InputError(
            f'--test-fraction {fraction} of {len(pool)} images{made} leaves none to train or to '
            'test on; classes of few images stay whole'
        )
    how = {'test_fraction': fraction} | ({'group': wishes.group} if wishes.group else {})
    train, test = (take(pool, side.tolist(), how) for side in sides)
    return {'train': train, 'test': test}


def _on_two_sides(reading: Reading, group: str | None, sides: Sequence[str]) -> list[str]:
    """Warns of groups that lists part."""
    if group is None:
        return []
    found: dict[str, set[str]] = {}
    for name, side in zip(groups_of(reading, group), sides, strict=True):
        found.setdefault(name, set()).add(side)
    parted = [name for name, of in found.items() if len(of) > 1]
    if not parted:
        return []
    return [
        f"{len(parted)} of the {len(found)} groups of --group '{group}' are in more than one "
        f"split, the first is '{shortened(parted[0], 40)}'; results on pictures of one group are "
        'too good'
    ]


def groups_of(reading: Reading, group: str) -> list[str]:
    """The group of each image: the cell of a column, or what a pattern finds in its path.

    Raises:
        InputError: There is no such column, and the text is no pattern that fits each path.
    """
    if one_spelling(group) in reading.columns:
        return reading.cells(group)
    try:
        pattern = re.compile(group)
    except re.error as error:
        raise InputError(f"--group '{group}' is no column, and no pattern: {error}") from error
    found = []
    for path in reading.annotations.image_paths:
        match = pattern.search(path)
        if match is None:
            columns = listed(reading.columns) or 'none'
            raise InputError(
                f"--group '{group}' is no column (there are {columns}), and as a pattern does not "
                f"fit the path '{path}'"
            )
        found.append(match[1] if pattern.groups else match[0])
    return found
