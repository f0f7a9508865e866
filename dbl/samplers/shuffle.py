import numpy as np

from dbl.samplers.epoch_sampler import EpochSampler, whole_number


class ShuffleSampler(EpochSampler):
    """Draws every image once an epoch, in random order.

    These are the batches of the profile ``paper`` for the rows without re-sampling; the paper does
    not describe any.

    Args:
        num_images: Images of the training set.
        seed: Seed of the plans and of the draws' random numbers.
        batch_size: Draws in a batch, over all processes together; draws left over are dropped.
        rank: Rank of this process; None asks torch.distributed.
        world_size: Number of processes; None asks torch.distributed.

    >>> sampler = ShuffleSampler(3)
    >>> sorted(map(int, sampler)), len(sampler)
    ([0, 1, 2], 3)
    """

    def __init__(
        self,
        num_images: int,
        seed: int = 0,
        batch_size: int | None = None,
        rank: int | None = None,
        world_size: int | None = None,
    ) -> None:
        super().__init__(seed, batch_size, rank, world_size)
        num_images = whole_number('num_images', num_images, least=1)
        self.num_images = self.checked_draws(num_images, f'{num_images=}')

    def plan(self, epoch: int) -> np.ndarray:
        return self.epoch_rng(epoch).permutation(self.num_images)

    @property
    def draws(self) -> int:
        return self.num_images
