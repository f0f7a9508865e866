from typing import NamedTuple

import numpy as np


class Draw(NamedTuple):
    """One use of an image in training: which image, and the number of the draw.

    Whatever is random about it is a function of (seed, epoch, position), never of the state of a
    worker or a process.
    """

    index: int
    seed: int
    epoch: int
    position: int

    def generator(self) -> np.random.Generator:
        """Makes the draw's own random numbers."""
        key = np.random.SeedSequence(self.seed, spawn_key=(self.epoch, self.position))
        return np.random.default_rng(key)
