"""What a run trains, validates, and tests on, read without torch, and whether that is sound."""

import filecmp
import logging
import os
from collections.abc import Collection, Mapping, Sequence, Sized
from typing import Any, Literal, NamedTuple

from dbl.config import merge
from dbl.datasets.annotations import Annotations
from dbl.datasets.part_of_source import PartOfSource
from dbl.datasets.source import Source
from dbl.errors import InputError, listed
from dbl.longtail import validation_split
from dbl.registry import DATASETS, build

MOST_COPIES = 0.1  # of the images for validation, with other names


PURPOSES = ('to train on', 'to test on', 'to validate on')


class Sources(NamedTuple):
    """The pictures and labels of a run.

    Attributes:
        train: The images to train on, without those to validate on.
        test: The images to test on.
        val: The images to select an epoch on, if there are any.
    """

    train: Source
    test: Source
    val: Source | None

    @property
    def present(self) -> list[Source]:
        return [source for source in self if source is not None]


def build_sources(config: Mapping[str, Any]) -> Sources:
    """Builds the sources that a config names, and checks that they go together.

    Raises:
        InputError: Annotations are missing or wrong, classes or widths of features differ, nothing
            can be measured, or two of the sources share images.
    """
    train, val = train_and_val(config)
    sources = Sources(train, build_source(config, 'test'), val)
    for source in sources.present:
        _check_known(source)
    for source in sources.present[1:]:
        check_goes_with(train, source)
    _check_test(sources.test, train)
    if val is not None:
        _check_apart(val, sources.test, 'test')
        if config.get('val_source') is not None:  # what is split off is apart by itself
            _check_apart(val, train, 'training')
    return sources


def train_and_val(config: Mapping[str, Any]) -> tuple[Source, Source | None]:
    """Builds the sources that a config trains on and validates on.

    Raises:
        InputError: See :func:`build_source`, or ``val_fraction`` leaves a side without images.
    """
    train, change = build_source(config, 'train'), config.get('val_source')
    if change is not None:
        part = merge(config['train_dataloader']['dataset']['source'], change)
        return train, _build('val_source', part, config)
    fraction = config.get('val_fraction')
    return (train, None) if fraction is None else _split(train, fraction, config.get('val_seed', 0))


def build_source(config: Mapping[str, Any], split: Literal['train', 'test']) -> Source:
    """Builds the source of ``'train'`` or ``'test'`` alone, including what may be split off.

    The config may come from a run folder: only what our registry holds is built.

    Raises:
        InputError: The config has no such source, or its file is missing or wrong.
    """
    key = f'{split}_dataloader.dataset.source'
    try:
        part = config[f'{split}_dataloader']['dataset']['source']
    except (KeyError, TypeError) as error:
        raise InputError(f'the config must have {key}: {error}') from error
    return _build(key, part, config)


def _build(key: str, part: Mapping[str, Any], config: Mapping[str, Any]) -> Source:
    return build(DATASETS, key, part, defaults={'data_root': config.get('data_root') or ''})


def _split(source: Source, fraction: float, seed: int) -> tuple[Source, Source]:
    sides = validation_split(source.annotations.labels, fraction, seed)
    if min(map(len, sides)) == 0:
        raise InputError(
            f"val_fraction={fraction} of the {len(source.annotations)} images in '{source.name}' "
            'leaves none to train or to validate on; a class keeps at least one to train on'
        )
    train, val = (PartOfSource(source, side) for side in sides)
    return train, val


def _check_known(source: Source) -> None:
    """Refuses labels that are not known, which no loss here leaves out."""
    if count := sum(map(len, source.annotations.unknown)):
        raise InputError(
            f"'{source.name}': {count} labels are not known, and training does not leave them out; "
            'build the set with --uncertain and --blank negative or positive'
        )


def check_goes_with(train: Source, other: Source) -> None:
    """Refuses a source that cannot be validated or tested on after a training on another.

    Raises:
        InputError: Classes or widths of features differ, or nothing can be measured.
    """
    _check_classes(train, other)
    _check_channels(train, other)
    _check_measurable(train, other)


def _check_classes(train: Source, other: Source) -> None:
    ours, theirs = train.annotations.classes, other.annotations.classes
    if ours != theirs:
        raise InputError(
            f"'{train.name}' and '{other.name}' must have the same classes in the same order; they "
            f'differ in {sorted(set(ours) ^ set(theirs)) or "their order"}'
        )


def _check_channels(train: Source, other: Source) -> None:
    if train.channels != other.channels:
        raise InputError(
            f"'{train.name}' and '{other.name}' must have features of one width, but have "
            f'{train.channels} and {other.channels}'
        )


def is_measurable(train: Annotations, other: Annotations) -> bool:
    """Whether images show a class that is trained, so that something can be measured.

    >>> cat = Annotations(['cat', 'dog'], ['a.jpg'], [[0]])
    >>> is_measurable(cat, cat), is_measurable(cat, Annotations(['cat', 'dog'], ['b.jpg'], [[1]]))
    (True, False)
    """
    counts = zip(train.class_freq, other.class_freq, strict=True)
    return any(trained and shown for trained, shown in counts)


def _check_measurable(train: Source, other: Source) -> None:
    if not is_measurable(train.annotations, other.annotations):
        raise InputError(
            f"'{other.name}': no {_kind(other)} shows a class that is trained, so nothing can be "
            'measured'
        )


def _check_apart(val: Source, other: Source, what: str) -> None:
    """Refuses images for validation that are also used otherwise."""
    ours, theirs = val.identities(), other.identities()
    shared, copied = set(ours) & set(theirs), copies(ours, theirs)
    # Of a few copies it is warned: nobody can take them out of a published set.
    if len(copied) > MOST_COPIES * len(ours):
        shared |= {*copied}
    if shared:
        raise InputError(
            f"'{val.name}': {_kind(val)}s for validation must be no {what} {_kind(val)}s, but "
            f'{_some(shared, ours)}; give it {_kind(val)}s of its own, or split some off by '
            'val_fraction'
        )


def _check_test(test: Source, train: Source) -> None:
    """Refuses test images that are trained on."""
    ours = test.identities()
    shared = set(ours) & set(train.identities())
    if shared:
        raise InputError(
            f"'{test.name}': test {_kind(test)}s must be no training {_kind(test)}s, but "
            f'{_some(shared, ours)}; give it {_kind(test)}s of its own, or split some off by '
            '`python -m dbl build_dataset csv --test-fraction 0.3`'
        )


def _kind(source: Source) -> str:
    """What each file of a source is, for messages."""
    return getattr(source, 'kind', 'image')


def _some(found: Collection[str], images: Sized) -> str:
    """Says how many of some images were found, and names one."""
    are = 'is' if len(found) == 1 else 'are'
    return f'{len(found)} of the {len(images)} {are}, as {min(found)!r}'


def copies(ours: Sequence[str], theirs: Sequence[str]) -> list[str]:
    """Finds those of our files whose content one of theirs has under another name."""
    by_size: dict[int, list[str]] = {}
    for path in filter(os.path.isfile, set(theirs) - set(ours)):
        by_size.setdefault(os.path.getsize(path), []).append(path)
    return [
        path
        for path in filter(os.path.isfile, set(ours) - set(theirs))
        if any(filecmp.cmp(path, own, False) for own in by_size.get(os.path.getsize(path), ()))
    ]


def warn_about(sources: Sources) -> None:
    """Warns of classes without images, which the mAPs leave out, and of copies of images."""
    warn = logging.getLogger('dbl').warning
    for source, purpose in zip(sources, PURPOSES, strict=True):
        if source is None:
            continue
        pairs = zip(source.annotations.classes, source.annotations.class_freq, strict=True)
        missing = [name for name, count in pairs if count == 0]
        if missing:
            shows = f'no {_kind(source)} {purpose} shows {listed(missing)}'
            warn(f"'{source.name}': {shows}; left out of the mAPs")
    _warn_of_copies(sources.test, sources.train, 'test', 'training', 'the mAPs are too high')
    if sources.val is not None:
        selected = 'an epoch may be selected for what it has seen'
        _warn_of_copies(sources.val, sources.train, 'validation', 'training', selected)
        _warn_of_copies(sources.val, sources.test, 'validation', 'test', selected)


def _warn_of_copies(ours: Source, theirs: Source, what: str, of: str, so: str) -> None:
    images = ours.identities()
    copied = copies(images, theirs.identities())
    if copied:
        logging.getLogger('dbl').warning(
            f"'{ours.name}': {what} {_kind(ours)}s should be no copies of {of} {_kind(ours)}s, but "
            f'{_some(copied, images)}; {so}'
        )
