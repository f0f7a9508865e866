"""Every config builds, and its docstring names its own path."""

from pathlib import Path

import pytest
from mmengine.config import Config

from dbl.engine import load_config
from dbl.registry import MODELS, SAMPLERS

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
        'model.backbone.weights': None,
    }


@pytest.mark.parametrize('leaf', LEAVES, ids=str)
def test_builds_model_loss_sampler_and_pipeline(leaf, options):
    config = load_config(ROOT / leaf, options)
    model = MODELS.build(config.model)
    assert model.head.loss is not None
    from dbl.registry import DATASETS

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


@pytest.mark.parametrize(
    ('name', 'epochs', 'milestones'), [('erm', 80, [55, 70]), ('rs', 8, [5, 7])]
)
def test_schedules(name, epochs, milestones):
    for data_set in ('voc_mlt', 'demo'):
        config = Config.fromfile(ROOT / 'configs' / data_set / f'{name}.py')
        assert config.train_cfg.max_epochs == epochs
        assert config.param_scheduler[1].milestones == milestones
        optimizer = config.optim_wrapper.optimizer
        assert (optimizer.momentum, optimizer.weight_decay) == (0.9, 1e-4)
        assert config.optim_wrapper.clip_grad.max_norm == 35
        assert config.train_dataloader.batch_size == 32
        assert config.train_dataloader.drop_last


def test_one_variable_moves_all_data(monkeypatch, tmp_path):
    monkeypatch.setenv('DBL_DATA', str(tmp_path))
    config = Config.fromfile(ROOT / 'configs/voc_mlt/rs.py')
    assert config.data_root == f'{tmp_path}/voc_mlt'
