import copy

import pytest
import torch
from torch import nn

from dbl.errors import InputError
from dbl.training.averaging import averaged_model
from dbl.training.checkpoint import read_checkpoint
from dbl.training.fitting_weights import load_weights
from dbl.training.loop import train
from dbl.training.run_numbers import read_metrics


def exponential_average(values, decay):
    """The definition, in float64: it begins with the first value, t counts those before."""
    average = values[0].double()
    for t, value in enumerate(values[1:], start=1):
        d = min(decay, (1 + t) / (10 + t))
        average = d * average + (1 - d) * value.double()
    return average


@pytest.mark.parametrize('decay', [0.0, 0.3, 0.9997])
def test_weights_and_running_statistics_are_averaged(decay):
    net = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))
    average, seen = averaged_model(net, decay), []
    optimizer = torch.optim.SGD(net.parameters(), lr=0.5)
    for _ in range(20):
        net(torch.randn(8, 3)).square().sum().backward()
        optimizer.step()
        average.update_parameters(net)
        seen.append(copy.deepcopy(net.state_dict()))
    for name, own in average.module.state_dict().items():
        values = [state[name] for state in seen]
        if own.is_floating_point():
            expected = exponential_average(values, decay)
            torch.testing.assert_close(own.double(), expected, rtol=1e-4, atol=1e-5)
        else:
            assert own == values[-1] == 20, 'a count is that of the last step'


def test_averaged_weights_are_tested_beside_the_raw_ones(make, tmp_path):
    experiment, seen = make(ema=0.5), []
    watch = [lambda e, i: seen.append(copy.deepcopy(e.model.state_dict()))]
    metrics = train(experiment, tmp_path / 'run', after_step=watch)
    assert {'mAP/total', 'ema/mAP/total'} <= metrics.keys()
    written = read_metrics(tmp_path / 'run/metrics.json')
    assert written == pytest.approx(metrics, nan_ok=True)
    saved = read_checkpoint(tmp_path / 'run/epoch_1.pth')['averaged']['state_dict']
    for name, value in saved.items():
        if value.is_floating_point():
            expected = exponential_average([state[name] for state in seen], 0.5)
            torch.testing.assert_close(value.double(), expected, rtol=1e-4, atol=1e-5)


def test_averaging_leaves_the_raw_weights_alone(make, tmp_path):
    weights = []
    for name, options in (('with', {'ema': 0.9}), ('without', {})):
        train(make(**options), tmp_path / name)
        weights.append(read_checkpoint(tmp_path / f'{name}/epoch_1.pth')['state_dict'])
    assert all(torch.equal(a, b) for a, b in zip(*map(dict.values, weights), strict=True))


def test_the_averaged_weights_of_a_checkpoint_are_loaded(make, tmp_path):
    train(make(ema=0.9), tmp_path / 'with')
    path, experiment = tmp_path / 'with/epoch_1.pth', make()
    load_weights(experiment.model, path, averaged=True)
    saved = read_checkpoint(path)['averaged']['state_dict']
    assert all(torch.equal(v, saved[k]) for k, v in experiment.model.state_dict().items())
    train(make(), tmp_path / 'without')
    with pytest.raises(InputError, match='has no averaged weights; the epochs'):
        load_weights(experiment.model, tmp_path / 'without/epoch_1.pth', averaged=True)
