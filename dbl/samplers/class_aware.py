from math import inf
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from dbl.longtail import images_by_class, label_matrix
from dbl.samplers.class_visits import ClassVisits
from dbl.samplers.epoch_sampler import EpochSampler, whole_number


class ClassAwareSampler(EpochSampler):
    """Draws each class equally often: the rows with re-sampling (RS).

    Shen et al., "Relay Backpropagation for Effective Learning of Deep Convolutional Neural
    Networks" (ECCV 2016).

    An epoch has ``int(draws_per_class * C)`` draws, and its last visit may be cut short. The lists
    of images continue across epochs. The next epoch costs as much as the one before, but a jump
    replays all visits before it, unless :meth:`load_state_dict` gets what :meth:`state_dict` gave
    there.

    Args:
        labels: Labels of the training images, as :func:`~dbl.longtail.label_matrix` takes them.
            Every class needs an image.
        seed: Seed of the plans and of the draws' random numbers.
        draws_per_class: The paper's N_e; None means n_max / 4, as in the released code.
        draws_per_visit: Images taken from a class at each visit.
        batch_size: Draws in a batch, over all processes together; draws left over are dropped.
        rank: Rank of this process; None asks torch.distributed.
        world_size: Number of processes; None asks torch.distributed.

    Raises:
        ValueError: A class has no image, or a value is out of its range.

    >>> plan = ClassAwareSampler([[0]] * 8 + [[1]] * 2, draws_per_class=6).plan(epoch=0)
    >>> len(plan), int((plan < 8).sum())
    (12, 6)
    """

    def __init__(
        self,
        labels: ArrayLike,
        seed: int = 0,
        draws_per_class: float | None = None,
        draws_per_visit: int = 3,
        batch_size: int | None = None,
        rank: int | None = None,
        world_size: int | None = None,
    ) -> None:
        super().__init__(seed, batch_size, rank, world_size)
        draws_per_visit = whole_number('draws_per_visit', draws_per_visit, least=1)
        self.checked_draws(draws_per_visit, f'{draws_per_visit=}')
        if draws_per_class is not None and not 0 < draws_per_class < inf:
            raise ValueError(f'draws_per_class must be above 0, but got {draws_per_class}')
        self.images_of = images_by_class(label_matrix(labels))
        class_freq = list(map(len, self.images_of))
        if 0 in class_freq:
            raise ValueError(
                f'no image shows class {class_freq.index(0)}, so none can be drawn for it; '
                'leave the class out of the labels'
            )
        # Released code: 3 images a visit. Paper: not given.
        self.draws_per_visit = draws_per_visit
        if draws_per_class is None:
            draws_per_class = max(class_freq) / 4
        draws = draws_per_class * len(class_freq)
        self._draws = self.checked_draws(draws, f'draws_per_class={draws_per_class:g}')
        self._begin()

    def _begin(self) -> None:
        """Goes back to before the first epoch."""
        rng = np.random.default_rng(self.seed)
        self._visits = ClassVisits(self.images_of, self.draws_per_visit, rng)
        self._planned, self._before = -1, self._visits.state()

    def plan(self, epoch: int) -> np.ndarray:
        if epoch < self._planned:
            self._begin()
        while self._planned < epoch:
            self._plan_next(keep=self._planned == epoch - 1)
        return self._plan

    def _plan_next(self, keep: bool) -> None:
        """Plans the next epoch, and keeps where its lists began."""
        if keep:
            self._before = self._visits.state()
        visits = -(-self.draws // self.draws_per_visit)
        self._plan = self._visits.take(visits)[: self.draws]
        self._plan.flags.writeable = False
        self._planned += 1

    @property
    def draws(self) -> int:
        return self._draws

    @property
    def _settings(self) -> list[int]:
        return [self.seed, self.draws, self.draws_per_visit]

    def state_dict(self) -> dict[str, Any]:
        """The epoch and where its lists began, as plain data and tensors."""
        epoch = max(self._planned, 0)
        return {'epoch': epoch, 'visits': self._before, 'settings': self._settings}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Goes on from the epoch in which :meth:`state_dict` was called, without a replay.

        Raises:
            ValueError: The state is of other labels, another seed or another number of draws.
        """
        if state['settings'] != self._settings:
            raise ValueError(
                f'seed, draws and draws_per_visit are {self._settings}, but were '
                f'{state["settings"]}'
            )
        self._visits.load_state(state['visits'])
        self._planned = state['epoch'] - 1
        self._plan_next(keep=True)
        if self._goes_on:
            self.epoch = state['epoch'] - 1
