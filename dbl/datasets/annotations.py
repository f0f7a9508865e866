"""Annotations: which classes each image of a split shows."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain
from posixpath import normpath
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from dbl.datasets.names import (
    Report,
    check_classes,
    check_names,
    problem_of_name,
    problem_of_path,
    refuse,
)


@dataclass
class Annotations:
    """Image-level labels of one split.

    Attributes:
        classes: The class names.
        image_paths: One path per image, relative to the folder of the annotation file.
        label_indices: The indices of the classes that each image shows.
        built: How the split was made, in any form.
        unknown: For each image the indices of the classes of which it is not known whether it
            shows them; empty where all is known.

    >>> pets = Annotations(['cat', 'dog'], ['a.jpg', 'b.jpg'], [[0], [0, 1]])
    >>> len(pets), pets.class_freq, pets.labels.toarray().tolist()
    (2, [2, 1], [[1, 0], [1, 1]])
    """

    classes: list[str]
    image_paths: list[str]
    label_indices: list[list[int]]
    built: dict[str, Any] = field(default_factory=dict)
    unknown: list[list[int]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.image_paths)

    @cached_property
    def labels(self) -> csr_array:
        """The labels as a matrix, (N, C), multi-hot, sparse."""
        return multi_hot(self.label_indices, len(self.classes))

    @cached_property
    def class_freq(self) -> list[int]:
        """Images of each class, n_i."""
        return self.labels.sum(axis=0).tolist()

    @cached_property
    def sha256(self) -> str:
        """A digest of the images' paths and labels, in order."""
        digest = hashlib.sha256('\n'.join(self.image_paths).encode())
        for part in (self.labels.indptr, self.labels.indices):
            digest.update(part.astype(np.int64).tobytes())
        return digest.hexdigest()

    def part(self, indices: Sequence[int]) -> 'Annotations':
        """Takes the annotations of some images, in the given order."""
        paths = [self.image_paths[i] for i in indices]
        rows = [self.label_indices[i] for i in indices]
        unknown = [self.unknown[i] for i in indices] if self.unknown else []
        return Annotations(self.classes, paths, rows, self.built, unknown)


def multi_hot(label_indices: Sequence[Sequence[int]], num_classes: int) -> csr_array:
    """Turns each image's class indices into a row of a sparse matrix, (N, C).

    >>> multi_hot([[0], [], [0, 2]], num_classes=3).toarray().tolist()
    [[1, 0, 0], [0, 0, 0], [1, 0, 1]]
    """
    indptr = np.cumsum([0, *map(len, label_indices)])
    indices = np.fromiter(chain.from_iterable(label_indices), dtype=np.int64, count=indptr[-1])
    ones = np.ones(len(indices), dtype=np.int64)
    return csr_array((ones, indices, indptr), shape=(len(label_indices), num_classes))


def sound(where: str, annotations: Annotations, report: Report = refuse) -> Annotations:
    """Checks the names as readers and writers ask, and spells each path in one way.

    Args:
        where: Where the names are from, for messages.
        annotations: They may hold any names.
        report: As for :func:`read_annotations`, but for paths alone. A wrong class is refused.

    Raises:
        InputError: A class has no fit name, or there is no class or no image.

    >>> sound('my list', Annotations(['cat'], ['./a.jpg'], [[0]])).image_paths
    ['a.jpg']
    >>> sound('my list', Annotations([' '], ['a.jpg'], [[0]]))
    Traceback (most recent call last):
    ...
    dbl.errors.InputError: my list: the name of class 1, ' ', is empty
    """
    check_classes(where, annotations.classes)
    paths = list(map(_in_one_spelling, annotations.image_paths))
    keep = check_names(where, 'image', paths, problem_of_path, report)
    return replace(annotations, image_paths=paths).part(keep)


def _in_one_spelling(path: str) -> str:
    # './a.jpg' is 'a.jpg'. A faulty name stays as it is, for the message.
    return path if problem_of_name(path) else normpath(path)
