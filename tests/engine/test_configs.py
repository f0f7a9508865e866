"""Every config builds, and its docstring names its own path."""

from pathlib import Path

import pytest
from mmengine.config import Config

from dbl.engine import load_config
from dbl.losses import (
    BCELoss,
    ClassBalancedLoss,
    DistributionBalancedLoss,
    FocalLoss,
    InverseFrequencyLoss,
    LDAMLoss,
)
from dbl.registry import DATASETS, MODELS, SAMPLERS

ROOT = Path(__file__).parents[2]
LEAVES = sorted(p.relative_to(ROOT) for p in ROOT.glob('configs/[!_]*/*.py'))
ROWS = sorted(
    'erm rw focal rs rs_focal ml_gcn ldam cb_focal r_bce r_bce_focal db db_focal '
    'rs_rw_focal rs_cb_focal'.split()
)


@pytest.fixture
def options(request, photo_folder):
    """Small stand-ins where a config wants data or ImageNet weights."""
    leaf = request.node.callspec.params['leaf']
    if leaf.parts[1] == 'demo':
        return {}
    vectors = {'model.head.word_vectors': 'one_hot'} if leaf.stem == 'ml_gcn' else {}
    return {
        'data_root': str(photo_folder),
        'model.head.num_classes': 3,
        'train_dataloader.batch_size': 8,
        'model.backbone.weights': None,
        **vectors,
    }


FOCAL = dict(gamma=2.0, scale=2.0)
NO_FOCAL = dict(gamma=0.0, scale=1.0)
LOSSES = {
    'erm': (BCELoss, {}),
    'rw': (InverseFrequencyLoss, dict(power=0.5, **NO_FOCAL)),
    'focal': (FocalLoss, FOCAL),
    'rs': (BCELoss, {}),
    'rs_focal': (FocalLoss, FOCAL),
    'ml_gcn': (BCELoss, {}),
    'ldam': (LDAMLoss, dict(max_margin=0.5, s=1.0, **NO_FOCAL)),
    'cb_focal': (ClassBalancedLoss, dict(beta=0.9, per='image', **FOCAL)),
    'r_bce': (DistributionBalancedLoss, dict(nu_scale=0.0, **NO_FOCAL)),
    'r_bce_focal': (DistributionBalancedLoss, dict(nu_scale=0.0, **FOCAL)),
    'db': (DistributionBalancedLoss, NO_FOCAL),
    'db_focal': (DistributionBalancedLoss, FOCAL),
    'rs_rw_focal': (InverseFrequencyLoss, dict(power=0.5, **FOCAL)),
    'rs_cb_focal': (ClassBalancedLoss, dict(beta=0.9, per='image', **FOCAL)),
}
RESAMPLED = 'rs rs_focal r_bce r_bce_focal db db_focal rs_rw_focal rs_cb_focal'.split()


@pytest.mark.parametrize('leaf', LEAVES, ids=str)
def test_builds_model_loss_sampler_and_pipeline(leaf, options):
    config = load_config(ROOT / leaf, options)
    check_loss(leaf, MODELS.build(config.model).head.loss)
    train_set = DATASETS.build(config.train_dataloader.dataset)
    sampler = SAMPLERS.build(config.train_dataloader.sampler, default_args={'dataset': train_set})
    images = train_set[next(iter(sampler))]['images']
    assert images.shape[0] == 3
    assert images.shape[1] == images.shape[2]


def check_loss(leaf, loss):
    loss_type, values = LOSSES[leaf.stem]
    assert type(loss) is loss_type
    if loss_type is DistributionBalancedLoss:
        mu, lam = (0.3, 5.0) if leaf.parts[1] == 'voc_mlt' else (0.2, 2.0)
        lam = 1.0 if leaf.stem.startswith('r_bce') else lam
        common = dict(alpha=0.1, beta=10.0, mu=mu, lam=lam, rebalance=True, tolerate='negative')
        values = {'nu_scale': 0.05 / lam, **values, **common}
    assert {name: getattr(loss, name) for name in values} == values


@pytest.mark.parametrize('leaf', LEAVES, ids=str)
def test_docstring_names_its_own_command(leaf):
    text = (ROOT / leaf).read_text()
    assert f'\npython tools/train.py {leaf}' in text
    assert len(text.splitlines()) <= 16


def test_every_set_has_the_same_rows():
    sets = {leaf.parts[1]: [] for leaf in LEAVES}
    for leaf in LEAVES:
        sets[leaf.parts[1]].append(leaf.stem)
    assert sets == dict.fromkeys(('coco_mlt', 'custom', 'demo', 'voc_mlt'), ROWS)


@pytest.mark.parametrize(('name', 'classes'), [('voc_mlt', 20), ('coco_mlt', 80)])
def test_builds_a_model_without_data(name, classes):
    config = Config.fromfile(ROOT / 'configs' / name / 'erm.py')
    assert MODELS.build(config.model).head.fc.out_features == classes


@pytest.mark.parametrize('leaf', LEAVES, ids=str)
def test_numbers_of_the_recipe(leaf):
    config = Config.fromfile(ROOT / leaf)
    data_set, row = leaf.parts[1], leaf.stem
    resampled = row in RESAMPLED
    sampler = 'ClassAwareSampler' if resampled else 'AspectGroupedSampler'
    assert config.train_dataloader.sampler == dict(type=sampler)
    assert config.train_cfg.max_epochs == (8 if resampled else 80)
    warmup, steps = config.param_scheduler
    assert steps.milestones == ([5, 7] if resampled else [55, 70])
    any_length = dict(begin=0, end=1 if resampled else 10, convert_to_iter_based=True)
    published = dict(by_epoch=False, begin=0, end=501)
    expected = published if data_set.endswith('mlt') else any_length
    assert warmup == dict(type='LinearLR', start_factor=1 / 3, **expected)
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
    assert steps == (
        'RandomCrop Resize ToDevice RandomFlip PhotometricDistortion Normalize'.split()
    )
    assert config.train_dataloader.dataset.pipeline[1].size == 224
    resize, *others = config.test_dataloader.dataset.pipeline
    assert resize == dict(type='Resize', size=224)
    assert others == [dict(type='ToDevice'), dict(type='Normalize')]


def test_one_variable_moves_all_data(monkeypatch, tmp_path):
    monkeypatch.setenv('DBL_DATA', str(tmp_path))
    config = Config.fromfile(ROOT / 'configs/voc_mlt/rs.py')
    assert config.data_root == f'{tmp_path}/voc_mlt'
