from collections.abc import Iterator, Sequence
from itertools import islice
from math import inf

import numpy as np

from dbl.errors import InputError
from dbl.longtail import images_by_class
from dbl.registry import SAMPLERS
from dbl.samplers.epoch_sampler import EpochSampler


def endless_shuffle(items: Sequence[int], rng: np.random.Generator) -> Iterator[int]:
    """Yields the items in random order, all of them once before any of them again, for ever.

    >>> sorted(islice(endless_shuffle([1, 2, 3], np.random.default_rng(0)), 6))
    [1, 1, 2, 2, 3, 3]
    """
    while True:
        yield from rng.permutation(items).tolist()


def class_aware_visits(
    images_of: Sequence[Sequence[int]], draws_per_visit: int, rng: np.random.Generator
) -> Iterator[list[int]]:
    """Visits the classes in shuffled rounds, each time for the class's next images, for ever.

    Args:
        images_of: The image indices of each class, none of them empty.
        draws_per_visit: Images a visit takes from the class's own shuffled, endless list.
        rng: Source of all shuffles.

    >>> visits = class_aware_visits([[0, 1], [2]], 2, np.random.default_rng(0))
    >>> sorted(map(sorted, islice(visits, 2)))
    [[0, 1], [2, 2]]
    """
    lists = [endless_shuffle(images, rng) for images in images_of]
    for c in endless_shuffle(range(len(lists)), rng):
        yield list(islice(lists[c], draws_per_visit))


@SAMPLERS.register_module()
class ClassAwareSampler(EpochSampler):
    """Draws each class equally often: the rows with re-sampling (RS).

    Shen et al., "Relay Backpropagation for Effective Learning of Deep Convolutional Neural
    Networks" (ECCV 2016).

    An epoch has ``int(draws_per_class * C)`` draws, and its last visit may be cut short. The lists
    continue across epochs, so a plan is made by replaying the earlier epochs' visits.

    Args:
        dataset: Training set with ``labels``, (N, C), and ``classes``; every class needs an image.
        seed: Of the plans and of the draws' random numbers.
        draws_per_class: The paper's N_e; None means n_max / 4, as in the released code.
        draws_per_visit: Images taken from a class at each visit.

    >>> from types import SimpleNamespace
    >>> labels = [[1, 0]] * 8 + [[0, 1]] * 2
    >>> data = SimpleNamespace(labels=labels, classes=['cat', 'dog'])
    >>> plan = ClassAwareSampler(data, draws_per_class=6).plan(epoch=0)
    >>> len(plan), int((plan < 8).sum())
    (12, 6)
    """

    def __init__(
        self,
        dataset,
        seed: int = 0,
        draws_per_class: float | None = None,
        draws_per_visit: int = 3,
    ) -> None:
        super().__init__(dataset, seed)
        if not isinstance(draws_per_visit, int) or draws_per_visit < 1:
            raise ValueError(
                f'draws_per_visit must be an integer of at least 1, but got {draws_per_visit}'
            )
        self.checked_draws(draws_per_visit, f'{draws_per_visit=}')
        if draws_per_class is not None and not 0 < draws_per_class < inf:
            raise ValueError(f'draws_per_class must be above 0, but got {draws_per_class}')
        self.images_of = images_by_class(dataset.labels)
        class_freq = list(map(len, self.images_of))
        if 0 in class_freq:
            name = dataset.classes[class_freq.index(0)]
            raise InputError(
                f"class '{name}' has no training image to draw; leave it out of the annotations"
            )
        # Released code: 3 images a visit. Paper: not given.
        self.draws_per_visit = draws_per_visit
        if draws_per_class is None:
            draws_per_class = max(class_freq) / 4
        draws = draws_per_class * len(class_freq)
        self._draws = self.checked_draws(draws, f'draws_per_class={draws_per_class:g}')

    def plan(self, epoch: int) -> np.ndarray:
        rng = np.random.default_rng(self.seed)
        visits = class_aware_visits(self.images_of, self.draws_per_visit, rng)
        visits_per_epoch = -(-self.draws // self.draws_per_visit)
        ours = islice(visits, epoch * visits_per_epoch, (epoch + 1) * visits_per_epoch)
        return np.fromiter((image for visit in ours for image in visit), int)[: self.draws]

    @property
    def draws(self) -> int:
        return self._draws
