"""Loss, sampler and head are independent choices: every pair trains."""

import pytest
import torch

import dbl.losses
from dbl.training.loop import training_step

SAMPLERS = ['AspectGroupedSampler', 'ClassAwareSampler', 'ShuffleSampler']
LOSSES = [name for name in dbl.losses.__all__ if name.endswith('Loss')]


@pytest.mark.parametrize('row', ['db_focal', 'ml_gcn'], ids=['linear', 'graph'])
@pytest.mark.parametrize('loss', LOSSES)
@pytest.mark.parametrize('sampler', SAMPLERS)
def test_a_pair_trains(make, row, loss, sampler):
    options = {'model.head.loss.type': loss, 'train_dataloader.sampler.type': sampler}
    experiment = make(row, **options)
    assert type(experiment.model.head.loss).__name__ == loss
    assert type(experiment.train_loader.sampler).__name__ == sampler
    model = experiment.model.train()
    before = {name: value.clone() for name, value in model.named_parameters()}
    batch = next(iter(experiment.train_loader))
    value, _ = training_step(experiment, [batch], torch.amp.GradScaler('cpu', enabled=False))
    assert value.isfinite()
    changed = {k for k, value in model.named_parameters() if not value.equal(before[k])}
    assert {name.split('.')[0] for name in changed} >= {'backbone', 'head'}
