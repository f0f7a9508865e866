"""Splits of a data set in the proportions of its classes."""

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import csr_array, sparray

from dbl.longtail.co_occurrence import images_by_class


def stratified_split(
    labels: ArrayLike | sparray, fraction: float, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Splits images in two so that each class is split in the same proportion.

    Sechidis et al., "On the Stratification of Multi-Label Data" (ECML PKDD 2011): the class with
    the fewest images left comes first, and each of its images goes to the side that lacks the class
    most.

    Args:
        labels: Labels of the images.
        fraction: Share of the second side, in (0, 1).
        seed: Seed of the order in which a class's images are assigned.

    Shape:
        - labels: (N, C), multi-hot. Output: image indices of both sides, ascending.

    >>> rest, part = stratified_split([[1, 0]] * 4 + [[0, 1]] * 8, fraction=0.25)
    >>> len(rest), len(part), [int((part < 4).sum()), int((part >= 4).sum())]
    (9, 3, [1, 2])
    """
    if not 0 < fraction < 1:
        raise ValueError(f'fraction must lie in (0, 1), but got {fraction}')
    labels = csr_array(labels)
    rng = np.random.default_rng(seed)
    side_of = np.full(labels.shape[0], -1)
    shares = np.array([1 - fraction, fraction])
    left = labels.sum(axis=0).astype(float)
    wanted = np.outer(left, shares)
    places = labels.shape[0] * shares
    images_of = images_by_class(labels)
    while (left > 0).any():
        c = np.where(left > 0, left, np.inf).argmin()
        for image in rng.permutation(images_of[c][side_of[images_of[c]] < 0]):
            side = np.lexsort((places, wanted[c]))[-1]
            row = labels.indices[labels.indptr[image] : labels.indptr[image + 1]]
            wanted[row, side] -= 1
            left[row] -= 1
            places[side] -= 1
            side_of[image] = side
    # Images without labels fill up what is left.
    rest = rng.permutation(np.flatnonzero(side_of < 0))
    side_of[rest[: max(0, round(places[1]))]] = 1
    return np.flatnonzero(side_of != 1), np.flatnonzero(side_of == 1)


def grouped_split(
    labels: ArrayLike | sparray, groups: Sequence[Hashable], fraction: float, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Splits images in two by :func:`stratified_split`, and keeps each group on one side.

    A group counts as one image that shows all classes of the group.

    Args:
        labels: Labels of the images.
        groups: The group of each image, such as its patient.
        fraction: Share of the groups on the second side, in (0, 1).
        seed: Seed of the order in which a class's groups are assigned.

    Shape:
        - labels: (N, C), multi-hot; groups: (N,). Output: image indices of both sides, ascending.

    >>> rest, part = grouped_split([[1]] * 6, groups=[1, 1, 2, 2, 3, 3], fraction=0.3)
    >>> len(rest), len(part)
    (4, 2)
    """
    places = {group: place for place, group in enumerate(dict.fromkeys(groups))}
    of = np.array([places[group] for group in groups])
    ones = np.ones(len(of), dtype=np.int64)
    members = csr_array((ones, (of, np.arange(len(of)))), shape=(len(places), len(of)))
    shown = (members @ csr_array(labels) > 0).astype(np.int64)
    rest, part = stratified_split(shown, fraction, seed)
    return np.flatnonzero(np.isin(of, rest)), np.flatnonzero(np.isin(of, part))


def validation_split(
    labels: ArrayLike | sparray, fraction: float, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Splits images into a part to train on and one to validate on, by :func:`stratified_split`.

    A class that would have no image left to train on gets its first one back.

    Shape:
        - labels: (N, C), multi-hot. Output: image indices of both sides, ascending.

    >>> train, val = validation_split([[1, 0]] * 4 + [[0, 1]], fraction=0.9)
    >>> train.tolist(), val.tolist()
    ([0, 4], [1, 2, 3])
    """
    labels = csr_array(labels)
    train, val = map(set, stratified_split(labels, fraction, seed))
    for images in map(set, images_by_class(labels)):
        if images and not images & train:
            train.add(min(images))
    return np.array(sorted(train), int), np.array(sorted(val - train), int)
