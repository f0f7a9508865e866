"""Which images an epoch of training draws, and in which order; for any data set of torch's."""

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
