"""Which images a training epoch draws, and in which order, for any torch data set."""

from dbl.samplers.aspect_grouped import AspectGroupedSampler
from dbl.samplers.class_aware import ClassAwareSampler
from dbl.samplers.epoch_sampler import Draw, EpochSampler
from dbl.samplers.shuffle import ShuffleSampler

__all__ = [
    'AspectGroupedSampler',
    'ClassAwareSampler',
    'Draw',
    'EpochSampler',
    'ShuffleSampler',
]
