"""The draws of training, and what makes the plan of an epoch out of (seed, epoch)."""

from abc import abstractmethod
from collections.abc import Iterator, Sized
from typing import NamedTuple

import numpy as np
from torch.utils.data import Sampler

from dbl.training.distributed import rank_and_world_size

MOST_DRAWS = 10**8  # of an epoch; a plan of them takes a gigabyte


class Draw(NamedTuple):
    """One use of an image in training: which image, and the number of the draw.

    Whatever is random about it is a function of (seed, epoch, position), never of the state of a
    worker or a process.

    >>> draw = Draw(index=3, seed=0, epoch=1, position=7)
    >>> draw.generator().random() == draw.generator().random()
    True
    """

    index: int
    seed: int
    epoch: int
    position: int

    def generator(self) -> np.random.Generator:
        """Makes the draw's own random numbers."""
        key = np.random.SeedSequence(self.seed, spawn_key=(self.epoch, self.position))
        return np.random.default_rng(key)


class EpochSampler(Sampler[Draw]):
    """Base of the training samplers: yields the draws of a plan made from (seed, epoch).

    Over several processes rank r takes every world-size-th draw from r on; a rest that does not go
    round is left out, so that nothing is drawn twice.

    Args:
        dataset: The training set.
        seed: Of the plans and of the draws' random numbers.
    """

    def __init__(self, dataset: Sized, seed: int = 0) -> None:
        self.dataset = dataset
        self.seed = seed
        self.epoch = 0
        self.start = 0
        self.rank, self.world_size = rank_and_world_size()

    @abstractmethod
    def plan(self, epoch: int) -> np.ndarray:
        """Makes the image indices of a whole epoch, of all processes together."""

    @property
    @abstractmethod
    def draws(self) -> int:
        """Length of a plan."""

    def generator(self, epoch: int) -> np.random.Generator:
        """Makes the random numbers of an epoch's plan."""
        return np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=(epoch,)))

    def set_epoch(self, epoch: int) -> None:
        """Selects the plan that the next iteration yields."""
        self.epoch = epoch

    def skip(self, draws: int) -> None:
        """Leaves out so many of this process's draws when the next iteration begins."""
        self.start = draws

    def __iter__(self) -> Iterator[Draw]:
        plan = self.plan(self.epoch)
        first, last = (n * self.world_size for n in (self.start, len(self)))
        for position in range(first + self.rank, last, self.world_size):
            yield Draw(int(plan[position]), self.seed, self.epoch, position)

    def checked_draws(self, draws: float, setting: str) -> int:
        """Rounds down the length of a plan, and refuses one too long to be made."""
        if not draws <= MOST_DRAWS:
            raise ValueError(
                f'an epoch must have at most {MOST_DRAWS:,} draws, but {setting} makes {draws:g}'
            )
        return int(draws)

    def __len__(self) -> int:
        return self.draws // self.world_size
