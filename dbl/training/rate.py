"""The learning rate, a pure function of the iteration, so that nothing has to be restored."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from dbl.registry import SCHEDULES


@dataclass(kw_only=True)
class Schedule:
    """Base of the schedules: a linear warm-up, times the :meth:`decay` of a subclass.

    Args:
        epoch_length: Iterations of an epoch.
        epochs: Epochs of the run.
        warmup_iterations: Iterations until the full rate. A larger batch takes fewer, which see as
            many images (Goyal et al., "Accurate, Large Minibatch SGD", 2017).
        warmup_share: The same, as a share of the run, whatever the batch.
        warmup_factor: Share of the rate in the first iteration.
        batch_factor: Ratio of the batch to the one that ``warmup_iterations`` is meant for.
    """

    epoch_length: int
    epochs: int
    warmup_iterations: int | None = None
    warmup_share: float | None = None
    warmup_factor: float = 1 / 3
    batch_factor: float = 1.0

    def __post_init__(self) -> None:
        iterations, share = self.warmup_iterations, self.warmup_share
        if iterations is not None and share is not None:
            raise ValueError(
                f'warmup_iterations={iterations} and warmup_share={share} exclude each other; set '
                'one of them to None'
            )
        if not (iterations or 0) >= 0 or not 0 <= (share or 0) <= 1:
            raise ValueError(
                'warmup_iterations must be at least 0, and warmup_share must lie in [0, 1], but '
                f'got {iterations} and {share}'
            )
        if not 0 < self.warmup_factor <= 1:
            raise ValueError(f'warmup_factor must lie in (0, 1], but got {self.warmup_factor}')

    @property
    def warmup_length(self) -> int:
        """Iterations before the first one at the full rate."""
        if self.warmup_iterations:
            return max(1, round(self.warmup_iterations / self.batch_factor))
        # With a share, its last iteration already has the full rate.
        share = (self.warmup_share or 0) * self.epochs * self.epoch_length
        return max(0, round(share) - 1)

    def __call__(self, iteration: int) -> float:
        """The share of the optimiser's rate at an iteration, counted from 0."""
        if iteration >= self.warmup_length:
            return self.decay(iteration)
        rise = (1 - self.warmup_factor) * iteration / self.warmup_length
        return (self.warmup_factor + rise) * self.decay(iteration)

    def decay(self, iteration: int) -> float:
        raise NotImplementedError


@SCHEDULES.register_module()
@dataclass(kw_only=True)
class StepDecay(Schedule):
    """Multiplies the rate by ``gamma`` after each milestone: the recipe's schedule.

    Args:
        milestones: Epochs after which the rate falls.
        gamma: Factor of each fall.

    >>> from dbl.training.rate import StepDecay
    >>> rate = StepDecay(epoch_length=100, epochs=8, milestones=[5, 7], warmup_iterations=300)
    >>> [round(rate(iteration), 4) for iteration in (0, 150, 300, 499, 500, 700)]
    [0.3333, 0.6667, 1.0, 1.0, 0.1, 0.01]
    """

    milestones: Sequence[int]
    gamma: float = 0.1

    def __post_init__(self) -> None:
        super().__post_init__()
        epochs = self.milestones
        if not isinstance(epochs, (list, tuple)) or not all(
            type(epoch) is int and epoch >= 0 for epoch in epochs
        ):
            raise ValueError(f'milestones must be a list of epochs, but got {epochs!r}')
        if not 0 < self.gamma < math.inf:
            raise ValueError(f'gamma must be finite and above 0, but got {self.gamma}')

    def decay(self, iteration: int) -> float:
        epoch = iteration // self.epoch_length
        return self.gamma ** sum(milestone <= epoch for milestone in self.milestones)


@SCHEDULES.register_module()
@dataclass(kw_only=True)
class CosineDecay(Schedule):
    """Lowers the rate along half a cosine, over the whole run, to ``final_factor`` of it.

    Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts" (ICLR 2017).

    Args:
        final_factor: Share of the rate that is left at the end.

    >>> from dbl.training.rate import CosineDecay
    >>> rate = CosineDecay(epoch_length=100, epochs=8)
    >>> [round(rate(iteration), 4) for iteration in (0, 400, 800)]
    [1.0, 0.5, 0.0]
    """

    final_factor: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 <= self.final_factor <= 1:
            raise ValueError(f'final_factor must lie in [0, 1], but got {self.final_factor}')

    def decay(self, iteration: int) -> float:
        done = iteration / (self.epochs * self.epoch_length)
        return self.final_factor + (1 - self.final_factor) * (1 + math.cos(math.pi * done)) / 2
