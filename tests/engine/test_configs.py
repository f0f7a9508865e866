"""Every config builds, and its docstring names its own path."""

from pathlib import Path

import pytest
from mmengine.config import Config

from dbl.engine import load_config
from dbl.registry import DATASETS, MODELS, SAMPLERS

ROOT = Path(__file__).parents[2]
LEAVES = sorted(p.relative_to(ROOT) for p in ROOT.glob('configs/[!_]*/*.py'))
ROWS = 'db db_focal erm focal rs'.split()


@pytest.fixture
def options(request, photo_folder):
    """Small stand-ins where a config wants data or ImageNet weights."""
    leaf = request.node.callspec.params['leaf']
    if leaf.parts[1] == 'demo':
        return {}
    return {
        'data_root': str(photo_folder),
        'model.head.num_classes': 3,
        'train_dataloader.batch_size': 8,
        'model.backbone.weights': None,
    }


@pytest.mark.parametrize('leaf', LEAVES, ids=str)
def test_builds_model_loss_sampler_and_pipeline(leaf, options):
    config = load_config(ROOT / leaf, options)
    loss = MODELS.build(config.model).head.loss
    assert type(loss).__name__ == config.model.head.loss.type
    train_set = DATASETS.build(config.train_dataloader.dataset)
    sampler = SAMPLERS.build(config.train_dataloader.sampler, default_args={'dataset': train_set})
    images = train_set[next(iter(sampler))]['images']
    assert images.shape[0] == 3
    assert images.shape[1] == images.shape[2]


@pytest.mark.parametrize('leaf', LEAVES, ids=str)
def test_docstring_names_its_own_command(leaf):
    text = (ROOT / leaf).read_text()
    assert f'\npython tools/train.py {leaf}' in text
    assert len(text.splitlines()) <= 20


def test_every_set_has_the_same_rows():
    sets = {leaf.parts[1]: [] for leaf in LEAVES}
    for leaf in LEAVES:
        sets[leaf.parts[1]].append(leaf.stem)
    assert sets == dict.fromkeys(('coco_mlt', 'custom', 'demo', 'voc_mlt'), ROWS)


@pytest.mark.parametrize(('name', 'classes'), [('voc_mlt', 20), ('coco_mlt', 80)])
def test_builds_a_model_without_data(name, classes):
    config = Config.fromfile(ROOT / 'configs' / name / 'erm.py')
    assert MODELS.build(config.model).head.fc.out_features == classes


DB = dict(type='DistributionBalancedLoss')
LOSSES = {
    'erm': dict(type='BCELoss'),
    'focal': dict(type='FocalLoss'),
    'rs': dict(type='BCELoss'),
    'db': dict(DB, gamma=0.0, scale=1.0),
    'db_focal': DB,
}


@pytest.mark.parametrize('leaf', LEAVES, ids=str)
def test_numbers_of_the_recipe(leaf):
    config = Config.fromfile(ROOT / leaf)
    data_set, row = leaf.parts[1], leaf.stem
    resampled = row in ('rs', 'db', 'db_focal')
    sampler = 'ClassAwareSampler' if resampled else 'ShuffleSampler'
    assert config.train_dataloader.sampler == dict(type=sampler)
    assert config.train_cfg.max_epochs == (8 if resampled else 80)
    warmup, steps = config.param_scheduler
    assert steps.milestones == ([5, 7] if resampled else [55, 70])
    any_length = dict(begin=0, end=1 if resampled else 10, convert_to_iter_based=True)
    published = dict(by_epoch=False, begin=0, end=501)
    expected = published if data_set.endswith('mlt') else any_length
    assert warmup == dict(type='LinearLR', start_factor=1 / 3, **expected)
    loss = dict(LOSSES[row])
    if row.startswith('db'):
        loss |= dict(mu=0.3, lam=5.0) if data_set == 'voc_mlt' else dict(mu=0.2, lam=2.0)
    assert config.model.head.loss == loss
    optimizer = dict(type='SGD', lr=0.02, momentum=0.9, weight_decay=1e-4)
    if data_set == 'demo':
        optimizer['lr'] = 0.05
    assert config.optim_wrapper.optimizer == optimizer
    assert config.optim_wrapper.clip_grad == dict(max_norm=35, norm_type=2)
    assert (config.train_dataloader.batch_size, config.train_dataloader.drop_last) == (32, True)


@pytest.mark.parametrize('data_set', ['voc_mlt', 'coco_mlt', 'custom'])
def test_model_and_input_of_the_recipe(data_set):
    config = Config.fromfile(ROOT / 'configs' / data_set / 'db_focal.py')
    assert config.model.backbone == dict(
        type='ResNet', depth=50, weights='IMAGENET1K_V1', frozen_stages=1, norm_eval=True
    )
    assert config.model.neck == dict(type='PooledLinear', out_features=256, norm=True, dropout=0.5)
    steps = [step.type for step in config.train_dataloader.dataset.pipeline]
    assert steps == 'PhotometricDistortion RandomCrop Resize RandomFlip Normalize'.split()
    assert config.train_dataloader.dataset.pipeline[2].size == 224
    steps = config.test_dataloader.dataset.pipeline
    assert steps == [dict(type='Resize', size=224), dict(type='Normalize')]


def test_one_variable_moves_all_data(monkeypatch, tmp_path):
    monkeypatch.setenv('DBL_DATA', str(tmp_path))
    config = Config.fromfile(ROOT / 'configs/voc_mlt/rs.py')
    assert config.data_root == f'{tmp_path}/voc_mlt'
