import numpy as np

from dbl.registry import SAMPLERS
from dbl.samplers.epoch_sampler import EpochSampler


@SAMPLERS.register_module()
class ShuffleSampler(EpochSampler):
    """Draws every image once an epoch, in random order.

    These are the paper's batches for the rows without re-sampling.

    >>> sorted(ShuffleSampler(['a.jpg', 'b.jpg', 'c.jpg']).plan(epoch=0).tolist())
    [0, 1, 2]
    """

    def plan(self, epoch: int) -> np.ndarray:
        return self.generator(epoch).permutation(len(self.dataset))

    @property
    def draws(self) -> int:
        return len(self.dataset)
