"""The order in which class-aware sampling visits classes and their images."""

from collections.abc import Iterable, Sequence
from itertools import chain, islice
from typing import Any

import numpy as np
import torch


class ClassVisits:
    """Visits the classes in shuffled rounds, for ever, and takes the next images of each.

    A class's own list is shuffled anew whenever it is used up, even within a visit.

    Args:
        images_of: The image indices of each class, at least one each.
        draws_per_visit: Images that a visit takes.
        rng: Source of all shuffles.

    >>> visits = ClassVisits([[0, 1], [2]], draws_per_visit=2, rng=np.random.default_rng(0))
    >>> sorted(map(sorted, visits.take(2).reshape(-1, 2).tolist()))
    [[0, 1], [2, 2]]
    """

    def __init__(
        self, images_of: Sequence[Iterable[int]], draws_per_visit: int, rng: np.random.Generator
    ) -> None:
        self.images_of = [list(map(int, images)) for images in images_of]
        self.draws_per_visit, self.rng = draws_per_visit, rng
        # What is left of each class's list, and of the round of classes, the next one last.
        self.left: list[list[int]] = [[] for _ in images_of]
        self.round: list[int] = []

    def take(self, visits: int) -> np.ndarray:
        """Gives the images of the next visits, (visits * draws_per_visit,)."""
        images: list[int] = []
        for _ in range(visits):
            if not self.round:
                self.round = self._shuffled([*range(len(self.images_of))])
            self._visit(self.round.pop(), images)
        return np.array(images, dtype=np.int64)

    def _visit(self, c: int, images: list[int]) -> None:
        own, left = self.images_of[c], self.left[c]
        if len(own) == 1:  # most classes of a long tail; a shuffle of one draws no number
            images += own * self.draws_per_visit
            return
        for _ in range(self.draws_per_visit):
            if not left:
                left = self.left[c] = self._shuffled(own)
            images.append(left.pop())

    def _shuffled(self, items: list[int]) -> list[int]:
        shuffled = items.copy()
        self.rng.shuffle(shuffled)  # a list draws the same numbers as permutation()
        shuffled.reverse()
        return shuffled

    def state(self) -> dict[str, Any]:
        """Where the visits are, as plain data and tensors."""
        lengths = [len(left) for left in self.left]
        flat = np.array([*chain.from_iterable(self.left)], dtype=np.int64)
        return {
            'rng': self.rng.bit_generator.state,
            'round': torch.tensor(self.round, dtype=torch.int64),
            'lengths': torch.tensor(lengths, dtype=torch.int64),
            'class_freq': torch.tensor([*map(len, self.images_of)], dtype=torch.int64),
            'left': torch.from_numpy(flat),
        }

    def load_state(self, state: dict[str, Any]) -> None:
        """Goes on from what :meth:`state` gave.

        Raises:
            ValueError: The state is of other labels.
        """
        class_freq = torch.tensor([*map(len, self.images_of)])
        if len(state['class_freq']) != len(class_freq):
            raise ValueError(
                f'the visits are of {len(state["class_freq"])} classes, not {len(class_freq)}'
            )
        if not torch.equal(state['class_freq'], class_freq):
            raise ValueError('the visits are of classes with other numbers of images')
        _check_left(state, class_freq)
        lengths = state['lengths'].tolist()
        self.rng.bit_generator.state = state['rng']
        self.round = state['round'].tolist()
        flat = iter(state['left'].tolist())
        self.left = [[*islice(flat, length)] for length in lengths]


def _check_left(state: dict[str, Any], class_freq: torch.Tensor) -> None:
    """Raises ValueError if what is left of the lists is impossible."""
    lengths, left, order = (state[name] for name in ('lengths', 'left', 'round'))
    sizes = lengths.shape == class_freq.shape and len(order) <= len(class_freq)
    if not sizes or not ((lengths >= 0) & (lengths <= class_freq)).all():
        raise ValueError('the visits have lists of other lengths than the classes')
    if left.shape != (int(lengths.sum()),):
        raise ValueError(f'the visits have {len(left)} images left, not {int(lengths.sum())}')
