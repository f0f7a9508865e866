"""Every config builds, a row is written once, and its docstring names its own path."""

import ast
import re
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from small_encoder import write_encoder

from dbl.config import load_config
from dbl.config_values import flat_values
from dbl.datasets import read_annotations, write_json
from dbl.experiment import build_experiment
from dbl.losses import (
    BCELoss,
    ClassBalancedLoss,
    ClassBalancedNTRLoss,
    DistributionBalancedLoss,
    FocalLoss,
    InverseFrequencyLoss,
    LDAMLoss,
)
from dbl.registry import MODELS

ROOT = Path(__file__).parents[1]
LEAVES = sorted(p.relative_to(ROOT) for p in ROOT.glob('configs/[!_]*/*.py'))
ON_TEXTS = sorted(p.relative_to(ROOT) for p in ROOT.glob('configs/reuters/*/*.py'))
ROWS = sorted(
    'erm rw focal rs rs_focal ml_gcn ldam cb_focal r_bce r_bce_focal db db_focal '
    'rs_rw_focal rs_cb_focal'.split()
)


@pytest.fixture
def options(request, photo_folder):
    """Small stand-ins where a config wants data."""
    leaf = request.node.callspec.params['leaf']
    if leaf.parts[1] == 'demo':
        return {}
    if leaf.parts[1] == 'features':
        for split, count in (('train', 40), ('test', 8)):
            np.save(photo_folder / f'{split}.npy', np.zeros((count, 5), np.float32))
    vectors = {'model.head.word_vectors': 'one_hot'} if leaf.stem == 'ml_gcn' else {}
    return {'data_root': str(photo_folder), 'train_dataloader.batch_size': 8, **vectors}


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
    experiment = build_experiment(config, pretrained=False)
    check_loss(leaf, experiment.model.head.loss)
    sampler = experiment.train_loader.sampler
    features = leaf.parts[1] == 'features'
    plain = 'ShuffleSampler' if features else 'AspectGroupedSampler'
    expected = 'ClassAwareSampler' if leaf.stem in RESAMPLED else plain
    assert type(sampler).__name__ == expected
    item = experiment.train_loader.dataset[next(iter(sampler))]
    size = config.image_size
    assert item['images'].shape == ((5, 1, 1) if features else (3, size, size))


def check_loss(leaf, loss):
    loss_type, values = LOSSES[leaf.stem]
    assert type(loss) is loss_type
    if loss_type is DistributionBalancedLoss:
        mu, lam = (0.3, 5.0) if leaf.parts[1].startswith('voc') else (0.2, 2.0)
        lam = 1.0 if leaf.stem.startswith('r_bce') else lam
        common = dict(alpha=0.1, beta=10.0, mu=mu, lam=lam, rebalance=True, tolerate='negative')
        values = {'nu_scale': 0.05 / lam, **values, **common}
    assert {name: getattr(loss, name) for name in values} == values


@pytest.mark.parametrize('leaf', LEAVES + ON_TEXTS, ids=str)
def test_docstring_names_its_own_command(leaf):
    text = (ROOT / leaf).read_text()
    assert f'\npython tools/train.py {leaf}' in text
    assert len(text.splitlines()) <= 15


@pytest.mark.parametrize('leaf', LEAVES + ON_TEXTS, ids=str)
def test_a_leaf_is_its_docstring_its_bases_and_at_most_one_difference(leaf):
    docstring, bases, *differences = ast.parse((ROOT / leaf).read_text()).body
    assert isinstance(ast.literal_eval(docstring.value), str)
    assert bases.targets[0].id == '_base_'
    data_set, row = leaf.parts[1:-1], leaf.stem
    rows = 'text_rows' if leaf in ON_TEXTS else 'rows'
    bases_folder = f'{"../" * len(data_set)}_base_'
    expected = [f'{bases_folder}/{"/".join(data_set)}.py', f'{bases_folder}/{rows}/{row}.py']
    assert ast.literal_eval(bases.value) == expected
    assert len(differences) <= 1


def test_every_set_has_the_same_rows():
    sets = {leaf.parts[1]: [] for leaf in LEAVES}
    for leaf in LEAVES:
        sets[leaf.parts[1]].append(leaf.stem)
    names = 'coco_mlt custom demo features voc07 voc_mlt'.split()
    assert sets == dict.fromkeys(names, ROWS)
    assert sorted(p.stem for p in ROOT.glob('configs/_base_/rows/*.py')) == ROWS
    for network in ('linear', 'hidden', 'frozen', 'tuned'):
        assert [p.stem for p in ON_TEXTS if p.parts[2] == network] == sorted(TEXT_LOSSES)
    assert len(ON_TEXTS) == 4 * len(TEXT_LOSSES)


NU, DB = dict(nu_over_lam=False), dict(alpha=0.1, beta=10.0, lam=2.0, rebalance=True, divided=True)
# Of Huang et al.; the values of these losses are held against theirs in tests/losses.
TEXT_LOSSES = {
    'bce': (BCELoss, {}),
    'fl': (FocalLoss, dict(gamma=2.0, scale=0.5)),
    'cb': (ClassBalancedLoss, dict(beta=0.9, per='class', gamma=2.0, scale=5.0)),
    'r_fl': (DistributionBalancedLoss, dict(**DB | dict(lam=1.0), kappa=0.0, mu=0.9, gamma=2.0)),
    'ntr_fl': (DistributionBalancedLoss, dict(NU, rebalance=False, divided=False, lam=2.0)),
    'db_0fl': (DistributionBalancedLoss, dict(DB, **NU, mu=0.9, gamma=0.0, scale=0.5)),
    'cb_ntr': (ClassBalancedNTRLoss, dict(beta=0.9, lam=2.0, kappa=0.05, gamma=2.0, scale=5.0)),
    'db': (DistributionBalancedLoss, dict(DB, **NU, mu=0.9, gamma=2.0, scale=0.5)),
}


@pytest.fixture
def text_folder(photo_folder):
    """Sparse features, dense ones, and texts, with the labels of the pictures."""
    for split, count in (('train', 40), ('val', 8), ('test', 8)):
        if split == 'val':
            labels = read_annotations(photo_folder / 'test')
            paths = [f'val{i}.txt' for i in range(count)]
            write_json(photo_folder / 'val.json', replace(labels, image_paths=paths))
        np.save(photo_folder / f'{split}.npy', np.ones((count, 5), np.float32))
        for i in range(count):
            (photo_folder / f'{split}{i}.txt').write_text('the price of tin')
    return photo_folder


@pytest.mark.parametrize('leaf', ON_TEXTS, ids=str)
def test_a_row_on_texts_builds(leaf, text_folder):
    options = {'data_root': str(text_folder), 'train_dataloader.batch_size': 8}
    if leaf.parts[2] == 'tuned':
        encoder = write_encoder(text_folder / 'encoder')
        options |= {'model.backbone.name': encoder}
        for name in ('train', 'test'):
            key = f'{name}_dataloader.dataset'
            options |= {f'{key}.pipeline.0.encoder': encoder, f'{key}.source.ann_file': f'{name}'}
    config = load_config(ROOT / leaf, options)
    experiment = build_experiment(config, pretrained=False)
    loss_type, values = TEXT_LOSSES[leaf.stem]
    loss = experiment.model.head.loss
    assert type(loss) is loss_type
    assert {name: getattr(loss, name) for name in values} == values
    assert type(experiment.train_loader.sampler).__name__ == 'ShuffleSampler'
    assert (config.epochs, config.select, config.select_by) == (40, 'best', 'F1/micro')
    assert experiment.metric.groups.keys() == {'head', 'medium', 'tail'}
    assert config.metric == dict(type='MultiLabelMetric', head=35, tail=9)


@pytest.mark.parametrize('leaf', LEAVES, ids=str)
def test_numbers_of_the_recipe(leaf):
    config = load_config(ROOT / leaf)
    data_set, row = leaf.parts[1], leaf.stem
    resampled = row in RESAMPLED
    assert config.epochs == (8 if resampled else 80)
    published = data_set in ('voc_mlt', 'coco_mlt', 'voc07')
    assert config.schedule == {
        'type': 'StepDecay',
        'milestones': [5, 7] if resampled else [55, 70],
        'gamma': 0.1,
        'warmup_factor': 1 / 3,
        'warmup_iterations' if published else 'warmup_share': 500 if published else 1 / 8,
    }
    assert config.optimizer == dict(type='SGD', lr=0.02, momentum=0.9, weight_decay=1e-4)
    assert (config.clip_norm, config.base_batch_size, config.evaluate_every) == (35, 32, None)
    assert config.train_dataloader.batch_size == 32
    assert config.metric == dict(type='MultiLabelMetric', head=100, tail=20)


@pytest.mark.parametrize('data_set', ['voc_mlt', 'coco_mlt', 'custom'])
def test_model_and_input_of_the_recipe(data_set):
    config = load_config(ROOT / 'configs' / data_set / 'db_focal.py')
    assert config.model.backbone == dict(
        type='ResNet', depth=50, weights='IMAGENET1K_V1', frozen_stages=1, norm_eval=True
    )
    assert config.model.neck == dict(type='PooledLinear', out_features=256, norm=True, dropout=0.5)
    assert config.image_size == 224
    train, test = config.train_dataloader.dataset, config.test_dataloader.dataset
    assert [step.type for step in train.pipeline] == ['RandomCrop', 'Resize']
    steps = [step.type for step in train.batch_pipeline]
    assert steps == ['RandomFlip', 'PhotometricDistortion', 'Normalize']
    assert (test.pipeline, test.batch_pipeline) == ([dict(type='Resize')], [dict(type='Normalize')])


def test_the_demo_differs_from_custom_in_its_pictures_and_its_network():
    demo, custom = (
        flat_values(load_config(ROOT / f'configs/{name}/rs.py')) for name in ('demo', 'custom')
    )
    keys = {*demo, *custom}
    assert {key for key in keys if demo.get(key) != custom.get(key)} == {
        'data_root',
        'image_size',
        'model.backbone.type',
        'model.backbone.channels',
        *(f'model.backbone.{name}' for name in 'depth weights frozen_stages'.split()),
        *(f'train_dataloader.{name}' for name in 'num_workers dataset.memory_budget'.split()),
        *(f'test_dataloader.{name}' for name in 'num_workers batch_size'.split()),
        *(
            f'{split}_dataloader.dataset.source.{name}'
            for split in ('train', 'test')
            for name in ('type', 'ann_file', 'split')
        ),
    }


def test_one_variable_moves_all_data(monkeypatch, tmp_path):
    monkeypatch.delenv('DBL_DATA', raising=False)
    assert load_config(ROOT / 'configs/voc_mlt/rs.py').data_root == 'data/voc_mlt'
    monkeypatch.setenv('DBL_DATA', str(tmp_path))
    for name in ('voc_mlt', 'coco_mlt', 'custom'):
        assert load_config(ROOT / f'configs/{name}/rs.py').data_root == f'{tmp_path}/{name}'


def test_a_loss_of_one_s_own_is_imported_by_its_config(monkeypatch, tmp_path):
    """As docs/configs.md shows it."""
    blocks = re.findall(r'```python\n(.*?)```', (ROOT / 'docs/configs.md').read_text(), re.DOTALL)
    module, config = (
        next(b for b in blocks if b.startswith(f'{s}my_losses')) for s in ('# ', 'import ')
    )
    (tmp_path / 'my_losses.py').write_text(module)
    (tmp_path / 'mine.py').write_text(config.replace("'../voc_mlt", f"'{ROOT}/configs/demo"))
    monkeypatch.syspath_prepend(tmp_path)
    try:
        for _ in range(2):
            experiment = build_experiment(load_config(tmp_path / 'mine.py'))
        assert type(experiment.model.head.loss).__name__ == 'HalfBCELoss'
    finally:
        MODELS.module_dict.pop('HalfBCELoss', None)
        sys.modules.pop('my_losses', None)
