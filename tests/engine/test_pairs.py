"""Loss, sampler and head are independent choices: every pair trains."""

import pytest
from mmengine.optim import build_optim_wrapper
from mmengine.runner import Runner

import dbl.losses
from dbl.engine import load_config
from dbl.registry import MODELS

SAMPLERS = ['AspectGroupedSampler', 'ClassAwareSampler', 'ShuffleSampler']
LOSSES = [name for name in dbl.losses.__all__ if name.endswith('Loss')]


@pytest.mark.parametrize('row', ['db_focal', 'ml_gcn'], ids=['linear', 'graph'])
@pytest.mark.parametrize('loss', LOSSES)
@pytest.mark.parametrize('sampler', SAMPLERS)
def test_a_pair_trains(root, photo_folder, row, loss, sampler):
    options = {
        'data_root': str(photo_folder),
        'model.backbone': dict(_delete_=True, type='ConvNet', channels=[4, 8]),
        'model.head.loss': dict(_delete_=True, type=loss),
        'train_dataloader.sampler': dict(_delete_=True, type=sampler),
        'train_dataloader.batch_size': 8,
        'train_dataloader.num_workers': 0,
        'train_dataloader.dataset.pipeline.1.size': 32,
    }
    config = load_config(root / f'configs/custom/{row}.py', options)
    model = MODELS.build(config.model).train()
    before = {name: value.clone() for name, value in model.named_parameters()}
    wrapper = build_optim_wrapper(model, config.optim_wrapper)
    batch = next(iter(Runner.build_dataloader(config.train_dataloader, seed=0)))
    assert model.train_step(batch, wrapper)['loss'].isfinite()
    changed = {k for k, value in model.named_parameters() if not value.equal(before[k])}
    assert {name.split('.')[0] for name in changed} >= {'backbone', 'head'}
