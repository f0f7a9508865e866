"""Takes some images of annotations, and records which ones and how."""

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from dbl.datasets.annotations import Annotations
from dbl.errors import InputError
from dbl.longtail import head_to_tail_subset, pareto_counts


def subset(
    pool: Annotations, counts: Collection[int], seed: int, id_of: Callable[[str], str] = str
) -> Annotations:
    """Takes the head-to-tail subset of a pool, and records how it was made.

    >>> pool = Annotations(['cat', 'dog'], ['a.jpg', 'b.jpg', 'c.jpg'], [[0], [1], [0]])
    >>> subset(pool, counts=[1, 1], seed=0).class_freq
    [1, 1]
    """
    chosen = head_to_tail_subset(pool.labels, counts, seed)
    built = {
        'subset': f'drawn head to tail with seed {seed}',
        'seed': seed,
        'counts': [int(n) for n in counts],
    }
    return take(pool, chosen, built, id_of)


def left_over(pool: Annotations, part: Annotations) -> Annotations:
    """Takes the images of a pool that a part of it leaves out, in the pool's order.

    >>> pool = Annotations(['cat', 'dog'], ['a.jpg', 'b.jpg', 'c.jpg'], [[0], [1], [0]])
    >>> rest = left_over(pool, take(pool, [1], {'subset': 'chosen by hand'}))
    >>> rest.image_paths, rest.built['subset']
    (['a.jpg', 'c.jpg'], 'left over by the subset chosen by hand')
    """
    taken = set(part.image_paths)
    rest = [i for i, path in enumerate(pool.image_paths) if path not in taken]
    how = f'left over by the subset {part.built["subset"]}'
    return take(pool, rest, {**part.built, 'subset': how})


def take(
    pool: Annotations,
    chosen: Sequence[int],
    built: dict[str, Any],
    id_of: Callable[[str], str] = str,
) -> Annotations:
    """Takes some images of a pool, in order, and records a digest of their ids, one per line.

    Args:
        pool: All images.
        chosen: Indices of the images to take.
        built: How they were chosen, to be recorded.
        id_of: Gives the id for an image's path, by default the path itself.

    >>> pool = Annotations(['cat', 'dog'], ['a.jpg', 'b.jpg', 'c.jpg'], [[0], [1], [0, 1]])
    >>> taken = take(pool, [2, 0], {'subset': 'chosen by hand'})
    >>> taken.image_paths, taken.label_indices, taken.built['subset']
    (['c.jpg', 'a.jpg'], [[0, 1], [0]], 'chosen by hand')
    """
    part = pool.part(chosen)
    ids = '\n'.join(map(id_of, part.image_paths))
    part.built = {**pool.built, **built, 'sha256': hashlib.sha256(ids.encode()).hexdigest()}
    return part


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
