"""What only a GPU would find, without one: tensors of two devices that meet in a forward pass.

Fake tensors know their device and shape, but hold no numbers. A backward pass wants a driver.
"""

import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode
from whole_batches import leave_to_device

from dbl.config import CONFIGS

ROWS = sorted(path.stem for path in (CONFIGS / 'custom').glob('*.py'))


@pytest.mark.parametrize('row', ROWS)
def test_a_forward_pass_stays_on_the_device(make, monkeypatch, row):
    monkeypatch.setattr(torch.__future__, 'get_overwrite_module_params_on_conversion', lambda: True)
    experiment, device = make(row), torch.device('cuda')
    dataset, model = experiment.train_loader.dataset, experiment.model
    leave_to_device(dataset, experiment.config)
    batch = next(iter(experiment.train_loader))
    with FakeTensorMode(allow_non_fake_inputs=True), torch.no_grad():
        logits = model.to(device)(dataset.prepare(batch, device))
        loss = model.head.loss(logits, batch['targets'].to(device))
    assert logits.device.type == loss.device.type == 'cuda'
