import json
import shutil
from types import SimpleNamespace

import pytest
import torch
from torch import nn

from dbl.config import load_config
from dbl.datasets.multi_label import MultiLabelDataset
from dbl.errors import InputError
from dbl.experiment import build_experiment
from dbl.training.evaluate import evaluate
from dbl.training.loop import clip_gradient, set_rates, train, training_step
from dbl.training.run_numbers import read_metrics


def stepped(clip_norm=None, precision='float32', value=1.0):
    """Takes a step along the sum of the outputs; returns the net, and the gradient's norm."""
    net = nn.Linear(3, 1, bias=False)
    nn.init.constant_(net.weight, 2.0)
    net.head = SimpleNamespace(loss=lambda logits, targets: logits.float().sum())
    experiment = SimpleNamespace(
        config=SimpleNamespace(clip_norm=clip_norm, precision=precision),
        device=torch.device('cpu'),
        train_loader=SimpleNamespace(dataset=MultiLabelDataset(source=None)),
        network=net,
        model=net,
        optimizer=torch.optim.SGD(net.parameters(), lr=0.1),
    )
    batch = {'images': torch.full((1, 3), value), 'targets': torch.zeros(1, 1)}
    loss, norm = training_step(experiment, [batch], torch.amp.GradScaler('cpu', enabled=False))
    assert loss.item() == pytest.approx(6 * value, rel=1e-2)
    return net, norm


@pytest.mark.parametrize(('clip_norm', 'step'), [(None, 1.0), (35, 1.0), (0.3, 0.3 / 3**0.5)])
def test_the_norm_is_that_before_clipping(clip_norm, step):
    net, norm = stepped(clip_norm)
    assert norm.item() == pytest.approx(3**0.5)
    assert net.weight[0].tolist() == pytest.approx([2 - 0.1 * step] * 3, rel=1e-5)


def test_what_has_no_gradient_is_not_clipped():
    net = nn.Linear(3, 2)
    net.weight.requires_grad_(False)
    net(torch.ones(1, 3)).sum().backward()
    assert clip_gradient(net, 1.0).item() == pytest.approx(2**0.5)
    assert net.bias.grad.norm().item() == pytest.approx(1)


def test_bfloat16_rounds_the_forward_pass_and_keeps_the_weights():
    value = 1 + 2**-10  # no number of bfloat16
    exact, _ = stepped(value=value)
    rounded, _ = stepped(value=value, precision='bfloat16')
    assert exact.weight[0, 0].item() == pytest.approx(2 - 0.1 * value, abs=1e-6)
    assert rounded.weight[0, 0].item() == pytest.approx(2 - 0.1, abs=1e-6)
    assert rounded.weight.dtype == torch.float32


def test_another_precision_is_refused(make):
    with pytest.raises(InputError, match="precision 'bf16' is unknown; choose from bfloat16"):
        make(precision='bf16')


@pytest.mark.skipif(torch.cuda.is_available(), reason='a GPU has it')
def test_float16_needs_a_gpu(make):
    with pytest.raises(InputError, match='float16 needs a GPU; take bfloat16, or float32'):
        make(precision='float16')


def test_what_was_trained_in_float16_is_tested_anywhere(root, photo_folder):
    """The precision is that of training alone."""
    options = {
        'data_root': str(photo_folder),
        'precision': 'float16',
        'test_dataloader.num_workers': 0,
    }
    options['model.backbone.weights'] = None
    config = load_config(root / 'configs/custom/erm.py', options)
    assert build_experiment(config, training=False).model is not None


def test_the_rate_is_the_schedule_s_share_of_the_optimiser_s(make):
    """The rate is that of a batch of 32, and the batch is of 8."""
    experiment = make(**{'optimizer.lr': 0.4, 'schedule.warmup_share': 0.0})
    experiment.optimizer.add_param_group({'params': [nn.Parameter(torch.zeros(1))]})
    for iteration, rate in ((0, 0.1), (55 * 5 - 1, 0.1), (55 * 5, 0.01), (70 * 5, 0.001)):
        assert set_rates(experiment, iteration) == {'lr': pytest.approx(rate)}
        assert [g['lr'] for g in experiment.optimizer.param_groups] == pytest.approx([rate] * 2)


def test_what_is_tested_in_training_is_the_test_set(make, tmp_path):
    experiment = make(**{'test_dataloader.batch_size': 5, 'metric.head': 40})
    assert experiment.test_loader.batch_size == 5
    metrics = train(experiment, tmp_path / 'run')
    assert metrics == evaluate(experiment) == read_metrics(tmp_path / 'run' / 'metrics.json')
    assert list(metrics)[:4] == ['mAP/total', 'mAP/head', 'mAP/medium', 'mAP/tail']
    assert metrics['AP/cat'] == 1, 'which all images show'


@pytest.mark.parametrize(('every', 'steps'), [(None, [15]), (1, [5, 10, 15]), (2, [10, 15])])
def test_the_test_set_is_evaluated_every_so_often_and_at_the_end(make, tmp_path, every, steps):
    train(make(epochs=3, evaluate_every=every), tmp_path / 'run')
    lines = (tmp_path / 'run/vis_data/scalars.json').read_text().splitlines()
    rows = [json.loads(line) for line in lines]
    assert [row['step'] for row in rows if 'mAP/total' in row] == steps
    assert [row['step'] for row in rows if 'loss' in row] == [5, 10, 15]


def test_a_scaled_loss_takes_the_same_step(make):
    """A scale that is a power of two changes no bit; what float16 needs, in float32 here."""
    states, norms = [], []
    for scaler in (
        torch.amp.GradScaler('cpu', enabled=False),
        torch.amp.GradScaler('cpu', init_scale=2.0**10),
    ):
        experiment = make(clip_norm=0.5)
        experiment.model.train()
        torch.manual_seed(0)
        batch = next(iter(experiment.train_loader))
        _, norm = training_step(experiment, [batch], scaler)
        norms.append(norm)
        states.append(experiment.model.state_dict())
    assert norms[0] == norms[1] > 0.5, 'the norm is that of the loss itself, and was clipped'
    assert all(torch.equal(value, states[1][name]) for name, value in states[0].items())


def test_a_line_that_cannot_be_written_is_named(make, tmp_path):
    def lose(experiment, iteration):
        shutil.rmtree(tmp_path / 'run/vis_data', ignore_errors=True)

    with pytest.raises(InputError, match=r"cannot write '.*scalars.json': .*; the last checkpoint"):
        train(make(log_every=1), tmp_path / 'run', after_step=[lose])
