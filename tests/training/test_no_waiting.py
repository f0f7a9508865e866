"""A GPU is waited for wherever Python asks for a number: no iteration may."""

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from whole_batches import leave_to_device

from dbl.training.log import TrainingLog
from dbl.training.loop import set_rates, training_step

READS = {'aten::_local_scalar_dense', 'aten::nonzero', 'aten::equal', 'aten::is_nonzero'}


class Recorded(TorchDispatchMode):
    """Names of the operations called."""

    def __enter__(self):
        self.names = set()
        return super().__enter__()

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        self.names.add(function.name().split('.')[0])
        return function(*args, **(kwargs or {}))


def test_readings_are_recorded():
    with Recorded() as recorded:
        torch.ones(1).item()
    assert recorded.names & READS


@pytest.mark.parametrize('row', ['erm', 'cb_focal', 'ldam', 'rw', 'db_focal', 'ml_gcn'])
@pytest.mark.parametrize('precision', ['float32', 'bfloat16'])
def test_a_training_step_reads_nothing(make, tmp_path, monkeypatch, row, precision):
    # On the CPU the targets are looked at, at no cost; here as if they were on a GPU.
    monkeypatch.setattr('dbl.losses.base._is_at_hand', lambda targets: False)
    experiment = make(
        row,
        precision=precision,
        image_size=64,
        **{
            'model.backbone': {'type': 'ResNet', 'depth': 18, 'weights': None},
            'train_dataloader.batch_size': 4,
        },
    )
    leave_to_device(experiment.train_loader.dataset, experiment.config)
    batch = next(iter(experiment.train_loader))
    assert 'pictures' in batch
    experiment.model.train()
    scaler = torch.amp.GradScaler('cpu', enabled=False)
    training_step(experiment, [batch], scaler)  # the optimiser makes its state
    log = TrainingLog(tmp_path, experiment.config, epoch_length=100)
    with log.opened(0), Recorded() as recorded:
        log.restart_clock()
        for iteration in range(2):
            log.data_came()
            rate = set_rates(experiment, iteration)
            loss, norm = training_step(experiment, [batch], scaler)
            log.iteration_done(iteration + 1, batch['img_path'], rate, loss=loss, grad_norm=norm)
    assert 'loss' not in log.state(), 'it is still on the device'
    assert 'aten::convolution' in recorded.names
    assert not recorded.names & READS
