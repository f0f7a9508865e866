"""When a gradient is recorded, replayed, and issued; without a GPU, with a graph that only counts.

On a GPU: tests/gpu.
"""

from contextlib import contextmanager
from types import SimpleNamespace
from warnings import warn

import pytest
import torch
from torch import nn

from dbl.errors import InputError
from dbl.losses import FocalLoss
from dbl.models.resnet import ResNet
from dbl.training.cuda_graph import GradientGraph, are_known, can_be_recorded, state_of

BATCH = {'images': torch.ones(2, 3), 'img_path': ['a', 'b']}


class Own(nn.Identity):
    """A module of nobody's package."""


@pytest.fixture(autouse=True)
def no_gpu(monkeypatch):
    """Stands for a GPU, on which a pass is recorded as it is issued, and a replay does nothing."""

    @contextmanager
    def nothing(*args, **kwargs):
        yield

    stream = SimpleNamespace(wait_stream=lambda other: None)
    for name, own in {
        'CUDAGraph': lambda: SimpleNamespace(replay=lambda: None),
        'Stream': lambda device: stream,
        'current_stream': lambda device: stream,
        'get_sync_debug_mode': lambda: 0,
        'set_sync_debug_mode': lambda mode: warn('Synchronization debug mode', stacklevel=2),
        'graph': nothing,
        'stream': nothing,
    }.items():
        monkeypatch.setattr(torch.cuda, name, own)
    monkeypatch.setattr(torch.random, 'fork_rng', nothing)


class Counted:
    """A model, and how many passes its gradient took at each call."""

    def __init__(self, forced=False):
        net = nn.Sequential(nn.Linear(3, 3), nn.BatchNorm1d(3), nn.Dropout(0.5))
        self.model = nn.ModuleDict({'net': net, 'loss': FocalLoss()})
        self.passes = 0
        self.graph = GradientGraph(self.model, self.gradient, forced)

    def gradient(self, batch):
        self.passes += 1
        loss = self.model['net'](batch['images']).sum()
        loss.backward()
        return loss

    def __call__(self, batch=BATCH):
        before = self.passes
        self.graph(batch)
        return {0: 'replayed', 1: 'issued', 4: 'recorded'}[self.passes - before]

    def calls(self, count):
        return [self() for _ in range(count)]


def test_the_second_batch_is_recorded_and_the_others_replayed():
    assert Counted().calls(4) == ['issued', 'recorded', 'replayed', 'replayed']


def test_recording_says_nothing_that_would_alarm(recwarn):
    assert Counted().calls(2)[-1] == 'recorded'
    assert not list(recwarn)


def swap_loss(model):
    model['loss'] = nn.BCEWithLogitsLoss()


def set_weight(model):
    model['loss'].weight = torch.ones(3)


@pytest.mark.parametrize(
    'change',
    [
        lambda model: setattr(model['net'][2], 'p', 0.1),
        lambda model: setattr(model['loss'], 'gamma', 1.0),
        lambda model: setattr(model['loss'], 'shares', (1, 2)),
        lambda model: model.eval(),
        lambda model: model['net'][0].weight.requires_grad_(False),
        swap_loss,
        set_weight,
    ],
)
def test_what_has_changed_is_issued_and_then_recorded_anew(change):
    counted = Counted()
    counted.calls(3)
    change(counted.model)
    assert counted.calls(3) == ['issued', 'recorded', 'replayed']


def test_statistics_that_stay_fixed_are_noticed_when_they_change():
    """A network may hold a copy with them folded in. Others are read at each replay."""
    counted = Counted()
    norm = counted.model['net'][1]
    counted.calls(2)
    norm.running_mean += 1
    assert counted() == 'replayed'
    norm.eval()
    counted.calls(2)
    norm.running_mean += 1
    assert counted.calls(2) == ['issued', 'recorded']


def test_what_changes_at_every_step_is_issued():
    counted, found = Counted(), []
    for step in range(5):
        counted.model['loss'].gamma = float(step)
        found.append(counted())
    assert found == ['issued'] * 5


def test_a_batch_of_another_size_leaves_the_graph_as_it_is():
    counted = Counted()
    counted.calls(2)
    larger = {'images': torch.ones(5, 3)}
    found = [counted(batch) for batch in (BATCH, larger, BATCH, larger, BATCH)]
    assert found == ['replayed', 'issued', 'replayed', 'issued', 'replayed']


def test_hooks_are_called_at_each_pass():
    counted = Counted()
    counted.calls(3)
    hook = counted.model['net'][0].register_forward_hook(lambda *args: None)
    assert counted.calls(3) == ['issued'] * 3
    hook.remove()
    counted.calls(3)
    counted.model['net'][0].weight.register_hook(lambda gradient: None)
    assert counted.calls(3) == ['issued'] * 3
    forced = Counted(forced=True)
    forced.model['net'][0].register_forward_hook(lambda *args: None)
    assert forced.calls(3) == ['issued', 'recorded', 'replayed']


def test_the_caller_s_batch_and_the_statistics_stay_as_they_are():
    counted = Counted()
    counted.calls(2)
    counted({'images': torch.zeros(2, 3)})
    assert torch.equal(BATCH['images'], torch.ones(2, 3))
    batches = counted.model['net'][1].num_batches_tracked
    assert int(batches) == 2, 'those of the issued and the recorded pass, but of no warm-up'


def test_a_lack_of_memory_is_not_taken_for_a_gradient_that_cannot_be_recorded(monkeypatch):
    counted = Counted()
    counted()

    def lacking(batch):
        raise torch.OutOfMemoryError('CUDA out of memory')

    monkeypatch.setattr(counted.graph, '_gradient', lacking)
    with pytest.raises(torch.OutOfMemoryError):
        counted()


def test_a_frozen_part_is_folded_before_it_is_recorded(monkeypatch):
    folded = []
    fold = 'dbl.models.resnet.fold_norms'
    monkeypatch.setattr(fold, lambda module: folded.append(len(passes)) or nn.Identity())
    net, passes = ResNet(18).train(), []
    for module in list(net.children())[4:]:
        module.forward = lambda images: images * net.layer4[0].bn1.weight.sum()

    def gradient(batch):
        passes.append(1)
        loss = net(batch['images']).sum()
        loss.backward()
        return loss

    graph = GradientGraph(net, gradient, forced=True)
    batch = {'images': torch.ones(1, 3, 32, 32)}
    graph(batch)
    graph(batch)
    assert (len(passes), folded) == (5, [1]), 'the last of the passes is the recorded one'


@pytest.mark.parametrize('forced', [False, True])
def test_a_pass_that_waits_for_the_gpu_is_issued_or_refused(monkeypatch, caplog, forced):
    modes = []
    monkeypatch.setattr(torch.cuda, 'set_sync_debug_mode', modes.append)
    counted = Counted(forced)
    gradient = counted.graph._gradient

    def waits(batch):
        if modes and modes[-1] == 'error':
            raise RuntimeError('called a synchronizing CUDA operation')
        return gradient(batch)

    counted.graph._gradient = waits
    counted()
    if forced:
        with pytest.raises(InputError, match='synchronizing CUDA operation; set cuda_graph=False'):
            counted()
        return
    counted.graph(BATCH)
    assert 'every kernel is issued' in caplog.text
    assert modes == ['error', 0], 'the mode is as it was'
    assert counted.calls(2) == ['issued'] * 2


def test_parts_of_others_are_not_known():
    assert are_known(list(ResNet(18).modules()))
    assert not are_known([Own()])
    patched = nn.Linear(2, 2)
    patched.forward = lambda x: x
    assert not are_known([patched])


def test_on_the_cpu_nothing_is_recorded(make):
    assert not can_be_recorded(make())
    with pytest.raises(InputError, match='cuda_graph=True needs a GPU, and no launcher'):
        make(cuda_graph=True)
    with pytest.raises(InputError, match='cuda_graph=True takes accumulate=1'):
        make(cuda_graph=True, accumulate=2)


def test_the_state_sees_no_step_of_the_optimiser():
    model = nn.Linear(3, 3)
    before = state_of(model, BATCH)
    model(BATCH['images']).sum().backward()
    torch.optim.SGD(model.parameters(), lr=1).step()
    assert state_of(model, BATCH) == before
