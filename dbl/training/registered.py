"""Registers what works without a config: samplers, the metric, and torch's optimisers."""

from torch import optim

from dbl import samplers
from dbl.evaluation import MultiLabelMetric
from dbl.registry import METRICS, OPTIMIZERS, SAMPLERS

for _sampler in ('AspectGroupedSampler', 'ClassAwareSampler', 'ShuffleSampler'):
    SAMPLERS.register_module(module=getattr(samplers, _sampler))
METRICS.register_module(module=MultiLabelMetric)
for _optimizer in ('SGD', 'Adam', 'AdamW'):
    OPTIMIZERS.register_module(module=getattr(optim, _optimizer))
