import logging

import numpy as np
from numpy.typing import ArrayLike

from dbl.samplers.epoch_sampler import EpochSampler


class AspectGroupedSampler(EpochSampler):
    """Draws every image at least once an epoch, in batches of one aspect ratio.

    These are the released code's batches for the rows without re-sampling.
    Images that are wider than high are shuffled apart from the others. To fill whole batches, each
    group repeats some of its images. The batches are shuffled, and nothing is dropped.

    Args:
        wider_than_high: Whether each image is, (N,).
        batch_size: Draws in a batch, over all processes together.
        seed: Seed of the plans and of the draws' random numbers.
        rank: Rank of this process; None asks torch.distributed.
        world_size: Number of processes; None asks torch.distributed.

    >>> plan = AspectGroupedSampler([True] * 6 + [False] * 2, batch_size=2).plan(epoch=0)
    >>> sorted(plan.tolist()), [len(set(batch < 6)) for batch in plan.reshape(-1, 2)]
    ([0, 1, 2, 3, 4, 5, 6, 7], [1, 1, 1, 1])
    """

    batch_size: int

    def __init__(
        self,
        wider_than_high: ArrayLike,
        batch_size: int,
        seed: int = 0,
        rank: int | None = None,
        world_size: int | None = None,
    ) -> None:
        super().__init__(seed, batch_size, rank, world_size)
        wide = np.asarray(wider_than_high, dtype=bool)
        if wide.ndim != 1 or not len(wide):
            raise ValueError(f'wider_than_high must have shape (N,), N > 0, but got {wide.shape}')
        self.groups = [np.flatnonzero(wide), np.flatnonzero(~wide)]
        batches = sum(-(-len(group) // batch_size) for group in self.groups)
        self._draws = self.checked_draws(batches * batch_size, f'a batch_size of {batch_size}')
        for images in self.groups:
            if 0 < len(images) < batch_size:
                logging.getLogger('dbl').warning(
                    f'Only {len(images)} images are of one aspect ratio, and are repeated to fill '
                    f'a batch of {batch_size}. ShuffleSampler draws every image once.'
                )

    def plan(self, epoch: int) -> np.ndarray:
        rng = self.epoch_rng(epoch)
        batches = [self._batches(rng.permutation(group)) for group in self.groups]
        return rng.permutation(np.concatenate(batches)).ravel()

    @property
    def draws(self) -> int:
        return self._draws

    def _batches(self, images: np.ndarray) -> np.ndarray:
        """Fills whole batches, (batches, batch_size), the last one up from the beginning."""
        return np.resize(images, (-(-len(images) // self.batch_size), self.batch_size))
