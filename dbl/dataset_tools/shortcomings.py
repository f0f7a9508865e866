"""What a built data set lacks, and what training will refuse."""

from collections.abc import Iterator, Mapping
from itertools import combinations
from pathlib import Path

from dbl.dataset_tools.check import in_both
from dbl.dataset_tools.output import missing_images
from dbl.dataset_tools.splits import SPLITS
from dbl.datasets.annotations import Annotations
from dbl.errors import listed
from dbl.sources import is_measurable


def shortcomings(folder: Path, splits: Mapping[str, Annotations]) -> Iterator[str]:
    """Says what is wrong with the splits of a folder, as far as their annotations show it.

    >>> test = Annotations(['cat', 'dog'], ['a.jpg'], [[0]])
    >>> list(shortcomings(Path('data'), {'train': test, 'test': test}))[3]
    "no test image shows 1 of the 2 classes, 'dog'; the means leave them out"
    """
    yield from _missing(folder, splits)
    for name, other in combinations([*splits][::-1], 2):
        yield from _shared(splits, name, other)
    for name in ('train', 'test'):
        if name in splits:
            yield from _absent(splits[name], name)
    if 'test' in splits and not is_measurable(splits['train'], splits['test']):
        yield 'no test image shows a class that a training image shows; training refuses that'


def _missing(folder: Path, splits: Mapping[str, Annotations]) -> Iterator[str]:
    if missing := missing_images(folder, *splits.values()):
        yield (
            f'{len(missing)} of {sum(map(len, splits.values()))} images are missing, the first is '
            f"'{missing[0]}'; put them there before training"
        )


def _shared(splits: Mapping[str, Annotations], name: str, other: str) -> Iterator[str]:
    if shared := in_both(splits[name], splits[other]):
        used = 'validate' if name == 'val' else 'test'
        yield (
            f'{len(shared)} of the images in {name}.json are in {other}.json, too, the first is '
            f"'{shared[0]}'; training refuses to {used} on them"
        )


FOLLOWS = {
    'train': 'losses and samplers that count them refuse that, --classes keeps the others',
    'test': 'the means leave them out',
}


def _absent(split: Annotations, name: str) -> Iterator[str]:
    freq = zip(split.classes, split.class_freq, strict=True)
    if absent := [class_name for class_name, count in freq if not count]:
        names = listed(map(repr, absent))
        shows = f'no {SPLITS[name]} image shows {len(absent)} of the {len(split.classes)} classes'
        yield f'{shows}, {names}; {FOLLOWS[name]}'
