"""Steps whose gradient is that of several batches."""

import pytest
import torch

import dbl.losses
from dbl.errors import InputError
from dbl.training.loop import train, training_step

LOSSES = {
    'BCELoss': {},
    'FocalLoss': {},
    'AsymmetricLoss': {},
    'InverseFrequencyLoss': {},
    'ClassBalancedLoss': {},
    'LDAMLoss': {},
    'ClassBalancedNTRLoss': {},
    'DistributionBalancedLoss': {'mu': 0.3, 'lam': 5.0},
}


@pytest.fixture
def make_alone(make):
    """Builds experiments whose networks treat each image alone."""

    def make_alone(**options):
        experiment = make(**{'model.neck.norm': False, 'model.neck.dropout': 0.0, **options})
        experiment.network.eval()  # the backbone's norms
        return experiment

    return make_alone


def test_every_loss_is_here():
    assert {*LOSSES} == {name for name in dbl.losses.__all__ if name.endswith('Loss')}


@pytest.mark.parametrize('loss', LOSSES)
@pytest.mark.parametrize('reduction', ['mean', 'sum'])
def test_the_gradient_is_that_of_one_large_batch(make_alone, loss, reduction):
    part = {'type': loss, 'reduction': reduction, **LOSSES[loss]}
    generator = torch.Generator().manual_seed(0)
    images = torch.randn(8, 3, 32, 32, generator=generator)
    targets = (torch.rand(8, 3, generator=generator) < 0.4).float()
    results = []
    for size in (8, 2):
        experiment = make_alone(**{'model.head.loss': part, 'clip_norm': None})
        experiment.train_loader.dataset.batch_pipeline = ()  # the images are ready
        batches = [
            {'images': x, 'targets': y}
            for x, y in zip(images.split(size), targets.split(size), strict=True)
        ]
        scaler = torch.amp.GradScaler('cpu', enabled=False)
        loss_of_step, norm = training_step(experiment, batches, scaler)
        grads = [p.grad for p in experiment.model.parameters()]
        results.append([loss_of_step, norm, *grads])
    for whole, parts in zip(*results, strict=True):
        torch.testing.assert_close(parts, whole, rtol=1e-4, atol=1e-6)
    assert results[0][1] > 1e-4


def test_an_iteration_is_a_step_of_the_optimiser(make, tmp_path, monkeypatch):
    """In the rate, the warm-up, the lengths of epochs and the draws."""
    steps = []
    large = make(**{'train_dataloader.batch_size': 16})
    small = make(**{'accumulate': 4, 'train_dataloader.batch_size': 4})
    assert small.epoch_length == large.epoch_length == 3
    assert small.resolved['schedule'] == large.resolved['schedule']
    assert small.resolved['optimizer']['lr'] == large.resolved['optimizer']['lr'] == 0.01
    draws = [[*e.train_loader.sampler] for e in (small, large)]
    assert draws[0] == draws[1]
    train(small, tmp_path / 'run', after_step=[lambda experiment, i: steps.append(i)])
    assert steps == [1, 2, 3]
    assert (tmp_path / 'run/epoch_1.pth').exists()


def test_a_rest_of_batches_makes_no_step(make, tmp_path):
    experiment = make(**{'accumulate': 2, 'train_dataloader.sampler': {'type': 'ShuffleSampler'}})
    assert len(experiment.train_loader) == 4, 'of five'
    assert experiment.epoch_length == 2
    train(experiment, tmp_path / 'run')
    assert (tmp_path / 'run/epoch_1.pth').exists()


def test_an_epoch_has_two_steps_at_least(make):
    with pytest.raises(InputError, match='fewer than two steps of 4 batches of 8'):
        make(**{'accumulate': 4, 'train_dataloader.sampler': {'type': 'ShuffleSampler'}})
