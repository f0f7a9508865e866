"""The draws of training, and the base of the samplers that plan an epoch from its number."""

import operator
from abc import abstractmethod
from collections.abc import Iterator
from typing import Any

import numpy as np
from torch import distributed
from torch.utils.data import Sampler

MOST_DRAWS = 10**8  # in an epoch; a plan of so many takes a gigabyte


class Draw(int):
    """One use of an image in training: an index that also knows which draw it is.

    It works as an index into any data set. What is random about it can be a function of (seed,
    epoch, position), rather than of the state of a worker or a process.

    >>> draw = Draw(3, seed=0, epoch=1, position=7)
    >>> 'abcdef'[draw], draw.generator().random() == draw.generator().random()
    ('d', True)
    """

    seed: int
    epoch: int
    position: int

    def __new__(cls, index: int, seed: int = 0, epoch: int = 0, position: int = 0) -> 'Draw':
        draw = super().__new__(cls, index)
        draw.seed, draw.epoch, draw.position = seed, epoch, position
        return draw

    def __reduce__(self) -> tuple:
        return Draw, self.numbers

    __str__ = int.__repr__  # as file names need it

    def __repr__(self) -> str:
        return 'Draw({}, seed={}, epoch={}, position={})'.format(*self.numbers)

    @property
    def numbers(self) -> tuple[int, int, int, int]:
        """Index, seed, epoch and position."""
        return int(self), self.seed, self.epoch, self.position

    def generator(self) -> np.random.Generator:
        """Makes the draw's own random generator."""
        key = np.random.SeedSequence(self.seed, spawn_key=(self.epoch, self.position))
        return np.random.default_rng(key)


class EpochSampler(Sampler[Draw]):
    """Base of the training samplers: yields the draws of a plan made from (seed, epoch).

    Each iteration is the next epoch, from 0 on. Once :meth:`set_epoch` has been called, it alone
    decides which epoch an iteration is, so that a look at the first batch uses up no epoch.

    With several processes, rank r takes every world-size-th draw from r on. Draws left over are
    dropped, so that nothing is drawn twice.

    Args:
        seed: Seed of the plans and of the draws' random numbers.
        batch_size: Draws in a batch, over all processes together; a multiple of their number.
            Draws that do not fill a batch are dropped. With None they are kept.
        rank: Rank of this process; None asks torch.distributed.
        world_size: Number of processes; None asks torch.distributed.
    """

    def __init__(
        self,
        seed: int = 0,
        batch_size: int | None = None,
        rank: int | None = None,
        world_size: int | None = None,
    ) -> None:
        if batch_size is not None:
            batch_size = whole_number('batch_size', batch_size, least=1)
        if (rank is None) != (world_size is None):
            raise ValueError(f'give both rank and world_size, or neither: got {rank}, {world_size}')
        self._given: tuple[int, int] | None = None
        if rank is not None and world_size is not None:
            self._given = _checked_rank(rank, world_size)
        self.seed, self.batch_size = whole_number('seed', seed), batch_size
        self.epoch, self.start = -1, 0
        self._goes_on = True

    @property
    def rank_and_world_size(self) -> tuple[int, int]:
        """The number of this process, and how many there are."""
        if self._given is not None:
            return self._given
        if not (distributed.is_available() and distributed.is_initialized()):
            return 0, 1
        return distributed.get_rank(), distributed.get_world_size()

    @abstractmethod
    def plan(self, epoch: int) -> np.ndarray:
        """Makes the image indices of a whole epoch, for all processes together."""

    @property
    @abstractmethod
    def draws(self) -> int:
        """Length of a plan."""

    def epoch_rng(self, epoch: int) -> np.random.Generator:
        """Makes the random generator of an epoch's plan."""
        return np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=(epoch,)))

    def set_epoch(self, epoch: int) -> None:
        """Selects the plan that iterations yield from now on.

        Raises:
            ValueError: It is not a whole number from 0 on.
        """
        self.epoch, self._goes_on = whole_number('epoch', epoch), False

    def skip(self, draws: int) -> None:
        """Skips so many of this process's draws when the next iteration begins.

        Raises:
            ValueError: An epoch has fewer draws.
        """
        if not 0 <= draws <= len(self):
            raise ValueError(f'draws must lie in [0, {len(self)}], but got {draws}')
        self.start = draws

    def __iter__(self) -> Iterator[Draw]:
        if len(self) == 0:
            raise ValueError(
                f'an epoch has {self.draws} draws, too few for a batch of {self.batch_size or 1} '
                f'and {self.rank_and_world_size[1]} processes'
            )
        if self._goes_on:
            self.epoch += 1
        (rank, world_size), epoch = self.rank_and_world_size, self.epoch
        start, self.start = self.start, 0
        plan = self.plan(epoch)
        for position in range(start * world_size + rank, len(self) * world_size, world_size):
            yield Draw(plan[position], self.seed, epoch, position)

    def checked_draws(self, draws: float, setting: str) -> int:
        """Rounds down the length of a plan, and refuses one that is too long to make."""
        if not draws <= MOST_DRAWS:
            raise ValueError(
                f'an epoch must have at most {MOST_DRAWS:,} draws, but {setting} makes {draws:g}'
            )
        return int(draws)

    def __len__(self) -> int:
        _, world_size = self.rank_and_world_size
        if self.batch_size and self.batch_size % world_size:
            raise ValueError(
                f'batch_size must be a multiple of the {world_size} processes that share it, but '
                f'got {self.batch_size}'
            )
        whole = self.draws - (self.draws % self.batch_size if self.batch_size else 0)
        return whole // world_size


def whole_number(name: str, value: Any, least: int = 0) -> int:
    """Turns an integer, numpy's and torch's too, into a plain one.

    Raises:
        ValueError: It is not an integer, or is below ``least``.
    """
    try:
        number = operator.index(value)
    except TypeError:
        number = None
    if number is None or number < least:
        raise ValueError(f'{name} must be an integer of at least {least}, but got {value!r}')
    return number


def _checked_rank(rank: int, world_size: int) -> tuple[int, int]:
    rank, world_size = whole_number('rank', rank), whole_number('world_size', world_size, least=1)
    if rank >= world_size:
        raise ValueError(f'rank must lie in [0, world_size={world_size}), but got {rank}')
    return rank, world_size
