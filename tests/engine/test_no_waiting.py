"""A GPU is waited for wherever Python asks for a number: no iteration may."""

from types import SimpleNamespace

import pytest
import torch
from mmengine.logging import MessageHub
from mmengine.optim import build_optim_wrapper
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.data import DataLoader, default_collate

from dbl.engine import DeferredInfoHook, load_config
from dbl.registry import DATASETS, MODELS
from dbl.samplers import Draw

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
def test_a_training_step_reads_nothing(root, photo_folder, row, precision):
    options = {
        'data_root': str(photo_folder),
        'model.backbone': dict(type='ResNet', depth=18, weights=None, _delete_=True),
        'optim_wrapper.precision': precision,
        'train_dataloader.batch_size': 4,
        'train_dataloader.dataset.pipeline.1.size': 64,
        'train_dataloader.dataset.pipeline.2.device': 'cpu',  # what a GPU would do
    }
    config = load_config(root / f'configs/custom/{row}.py', options)
    model = MODELS.build(config.model).train()
    wrapper = build_optim_wrapper(model, config.optim_wrapper)
    dataset = DATASETS.build(config.train_dataloader.dataset)
    batch = default_collate([dataset[Draw(i, 0, 0, i)] for i in range(4)])
    assert 'pictures' in batch
    model.train_step(batch, wrapper)  # the optimiser makes its state
    hook = DeferredInfoHook()
    runner = SimpleNamespace(
        hooks=[],
        epoch=0,
        iter=0,
        max_epochs=1,
        max_iters=100,
        optim_wrapper=wrapper,
        train_dataloader=DataLoader(range(100)),
        message_hub=MessageHub(f'{row} {precision}'),
    )
    hook.before_train(runner)
    with Recorded() as recorded:
        for i in range(2):
            hook.after_train_iter(runner, i, batch, model.train_step(batch, wrapper))
    assert len(hook._unread) == 2
    assert 'aten::convolution' in recorded.names
    assert not recorded.names & READS
