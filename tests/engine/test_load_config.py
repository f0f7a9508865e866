import pytest
import torch

from dbl.engine import Runner, load_config
from dbl.errors import InputError
from dbl.registry import MODELS


def load(root, folder, row='db_focal', **options):
    options = {'data_root': str(folder), 'train_dataloader.batch_size': 8, **options}
    return load_config(root / 'configs' / 'custom' / f'{row}.py', options)


def test_statistics_flow_from_the_annotations(root, photo_folder):
    config = load(root, photo_folder)
    assert config.model.head.num_classes == 3
    assert config.model.head.loss.class_freq == [40, 20, 10]
    assert config.model.head.loss.num_images == 40
    assert config.test_evaluator.class_freq == [40, 20, 10]
    assert 'class_freq' not in load(root, photo_folder, 'erm').model.head.loss


def test_what_is_tested_in_training_is_the_test_set(root, photo_folder):
    config = load(root, photo_folder, **{'test_dataloader.batch_size': 5})
    assert config.val_dataloader == config.test_dataloader
    assert config.val_dataloader.batch_size == 5
    assert config.val_evaluator == config.test_evaluator


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (
            {'model.head.loss.type': 'DistributionBalanced'},
            'model.head.loss.type .* DistributionBalancedLoss',
        ),
        ({'model.backbone.type': 'VGG'}, "model.backbone.type 'VGG' is unknown"),
        ({'train_dataloader.sampler.type': 'ClasAware'}, 'choose from ClassAwareSampler'),
        (
            {'model.bakbone': {}},
            "model \\(MultiLabelClassifier\\): argument 'bakbone' is unknown; choose from backbone",
        ),
        (
            {'model.head.loss.lam': 0},
            'model cannot be built: lam must be finite and above 0, but got 0',
        ),
        ({'model.backbone.depth': 20}, "ResNet depth '20' is unknown"),
        ({'model.backbone.depth': '50'}, "model.backbone.depth must be an integer, but got '50'"),
        ({'model.neck.norm': 'no'}, "model.neck.norm must be True or False, but got 'no'"),
        ({'model.head.loss.beta': 'x'}, "model.head.loss.beta must be a number, but got 'x'"),
        ({'model.head.loss.num_images': 7}, 'num_images is 7, but follows from the data as 40'),
        ({'param_scheduler.1.milestones': 75}, 'param_scheduler.1 cannot be built'),
        ({'param_scheduler.0.endd': 75}, "argument 'endd' is unknown; choose from end"),
        ({'test_evaluator.class_freq': [1, 2, 3]}, r'class_freq is \[1, 2, 3\], but follows'),
        ({'optim_wrapper.optimizer.type': 'SDG'}, "optimizer.type 'SDG' is unknown; .* SGD"),
        (
            {'train_cfg.max_epoch': 3},
            "train_cfg \\(ResumableTrainLoop\\): argument 'max_epoch' is unknown; .*max_epochs",
        ),
        ({'test_evaluator.heads': 3}, "argument 'heads' is unknown; choose from head"),
        ({'train_cfg.max_epochs': 'abc'}, 'train_cfg.max_epochs must be an integer'),
        ({'train_dataloader.batch_size': 1}, 'batch_size must be an integer of at least 2'),
        ({'train_dataloader.num_worker': 1}, "'num_worker' is unknown; .*num_workers"),
        ({'optim_wrapper.optimizer.lr': 'x'}, 'lr must be a number above 0, but got x'),
        ({'optim_wrapper.type': 'Foo'}, "optim_wrapper.type 'Foo' is unknown"),
        ({'test_evaluator.head': 10}, 'test_evaluator cannot be built: expected tail <= head'),
        ({'model.backbone': None}, 'model.backbone must be a dict with a type, but got None'),
        ({'param_scheduler.0.type': 'LinearRL'}, "param_scheduler.0.type 'LinearRL' is unknown"),
        ({'default_hooks.logger.type': 'Nope'}, "default_hooks.logger.type 'Nope' is unknown"),
        (
            {'train_dataloader.sampler.type': 'DefaultSampler'},
            'DefaultSampler does not number its draws, .* take AspectGroupedSampler',
        ),
        ({'data_root': 5}, 'data_root must be text, but got 5'),
        (
            {'train_dataloader.sampler.draws_per_visit': 0},
            'draws_per_visit must be an integer of at least 1',
        ),
        (
            {'train_dataloader.dataset.pipeline.0.min_size': 2},
            r'dataset cannot be built: min_size must lie in \(0, 1\], but got 2',
        ),
        ({'model.head.loss': {'_delete_': True}}, 'model.head.loss must have a type'),
        ({'model.head.loss.type': 'BCELoss'}, "argument 'lam' is unknown; there are none"),
        ({'model.head.loss.lamda': 1.0}, "argument 'lamda' is unknown; .* lam"),
        ({'optim_wrapper.precision': 'float16'}, "precision 'float16' is unknown; .*float32"),
        ({'optim_wrapper.clip': 1}, "argument 'clip' is unknown; choose from clip_grad"),
        ({'train_dataloader.dataset.anns_file': 'x'}, 'unknown; choose from ann_file'),
        ({'train_dataloader.dataset.lazy_init': 'no'}, 'lazy_init must be True or False'),
        (
            {'train_dataloader.dataset.pipeline.3.type': 'RandomCrop'},
            'train_dataloader.dataset.pipeline.3: RandomCrop cannot run on a device',
        ),
        ({'train_cfg.type': 'EpochBasedTrainLoop'}, 'take ResumableTrainLoop'),
        ({'default_hooks.mid_epoch_checkpoint.minutes': 0}, 'minutes must be above 0'),
        ({'test_dataloader.dataset.pipeline.0.type': 'Rezise'}, "'Rezise' is unknown; .* Resize"),
        ({'modle.head': 1}, "top-level key 'modle' is unknown; choose from model"),
        ({'train_dataloader.dataset.pipeline.9.size': 1}, '--cfg-options do not fit the config'),
        ({'model.head.num_classes': 4}, 'num_classes is 4, but follows from the data as 3'),
        ({'data_root': 'no/such'}, r"none of 'no/such/train.json', .* make it with `python"),
    ],
)
def test_what_is_wrong_is_named(root, photo_folder, options, message):
    with pytest.raises(InputError, match=message):
        load(root, photo_folder, **options)


@pytest.mark.parametrize(
    ('row', 'draws', 'batch_size'), [('erm', 48, 48), ('rs', 30, 24)], ids=['erm', 'rs']
)
def test_too_few_draws_for_a_batch(root, photo_folder, row, draws, batch_size):
    message = f'an epoch has {draws} draws, fewer than two batches of {batch_size}'
    with pytest.raises(InputError, match=message):
        load(root, photo_folder, row, **{'train_dataloader.batch_size': batch_size})


def test_the_batch_flows_to_the_sampler_that_groups(root, photo_folder):
    assert load(root, photo_folder, 'erm').train_dataloader.sampler.batch_size == 8
    assert 'batch_size' not in load(root, photo_folder, 'rs').train_dataloader.sampler


def test_workers_persist_only_where_there_are_some(root):
    options = {'train_dataloader.num_workers': 0}
    config = load_config(root / 'configs/demo/erm.py', options)
    assert config.train_dataloader.persistent_workers is False
    assert load_config(root / 'configs/demo/erm.py').train_dataloader.persistent_workers is True


def test_classes_of_training_and_test_must_be_the_same(root, photo_folder):
    path = photo_folder / 'test.csv'
    path.write_text(path.read_text().replace('owl', 'elk'))
    with pytest.raises(InputError, match=r"differ in \['elk', 'owl'\]"):
        load(root, photo_folder)
    path.write_text(path.read_text().replace('cat,dog,elk', 'dog,cat,owl'))
    with pytest.raises(InputError, match='differ in their order'):
        load(root, photo_folder)


def test_a_missing_row_names_those_there_are(root):
    with pytest.raises(
        InputError, match=r"nope.py' does not exist; there are cb_focal, db, db_focal, erm"
    ):
        load_config(root / 'configs' / 'demo' / 'nope.py')


def test_a_broken_config_is_named(tmp_path):
    (tmp_path / 'broken.py').write_text('model = dict(\n')
    with pytest.raises(InputError, match=r"broken.py' cannot be read"):
        load_config(tmp_path / 'broken.py')


def test_a_class_without_training_images_is_named(root, photo_folder):
    path = photo_folder / 'train.csv'
    rows = [line.rsplit(',', 1)[0] + ',0' for line in path.read_text().splitlines()[1:]]
    path.write_text('\n'.join(['image,cat,dog,owl', *rows]))
    with pytest.raises(InputError, match="no image shows 'owl', but DistributionBalancedLoss"):
        load(root, photo_folder)
    assert load(root, photo_folder, 'erm').test_evaluator.class_freq == [40, 20, 0]


def test_only_the_images_that_are_needed_must_exist(root, photo_folder):
    (photo_folder / 'train3.png').unlink()
    config = root / 'configs/custom/erm.py'
    options = {'data_root': str(photo_folder), 'train_dataloader.batch_size': 8}
    with pytest.raises(InputError, match='1 of the 40 images'):
        load_config(config, options)
    assert load_config(config, options, images=['test']).model.head.num_classes == 3


@pytest.mark.parametrize(
    'options',
    [
        {'sync_bn': 'torch', 'custom_hooks': [dict(type='EMAHook')], 'log_level': 'DEBUG'},
        {'optim_wrapper.type': 'AmpOptimWrapper', 'optim_wrapper.dtype': 'bfloat16'},
        {'optim_wrapper.optimizer': dict(_delete_=True, type='AdamW')},
        {'train_dataloader.num_batch_per_epoch': 2, 'train_dataloader.pin_memory': True},
        {'default_hooks.timer': None},
        {'train_cfg.val_interval': 1, 'default_hooks.checkpoint.save_best': 'mAP/total'},
    ],
)
def test_what_mmengine_offers_stays_open(root, photo_folder, options):
    assert load(root, photo_folder, **options).model.head.num_classes == 3


@pytest.mark.parametrize('row', ['erm', 'ml_gcn', 'db_focal'])
def test_the_config_that_a_run_leaves_behind_can_be_used(root, photo_folder, tmp_path, row):
    """Also by another number of processes than the run had."""
    config = load(root, photo_folder, row)
    if row != 'db_focal':
        config.train_dataloader.sampler.batch_size = 32
    config.dump(tmp_path / 'left.py')
    again = load_config(tmp_path / 'left.py')
    assert again.model == config.model
    assert again.train_dataloader.sampler.get('batch_size', 8) == 8


@pytest.mark.parametrize('split', ['train', 'test'])
def test_a_batch_is_the_same_whoever_finishes_it(root, photo_folder, split):
    """The loader, per image, or the device, all at once, which is the CPU here."""
    batches = []
    for device in ('cuda', 'cpu'):
        options = {
            'model.backbone': dict(_delete_=True, type='ConvNet', channels=[4, 8]),
            'train_dataloader.dataset.pipeline.2.device': device,
            'test_dataloader.dataset.pipeline.1.device': device,
        }
        for name in ('train', 'test'):
            options[f'{name}_dataloader.num_workers'] = 0
        config = load(root, photo_folder, **options)
        loader = Runner.build_dataloader(config[f'{split}_dataloader'], seed=0)
        batch = next(iter(loader))
        assert ('pictures' in batch) == (device == 'cpu')
        preprocessor = MODELS.build(config.model).data_preprocessor
        batches.append(preprocessor(batch, training=split == 'train'))
    per_image, batched = batches
    assert per_image['images'].shape[1:] == (3, 224, 224)
    torch.testing.assert_close(batched['images'], per_image['images'], atol=1e-3, rtol=1e-4)
    torch.testing.assert_close(batched['targets'], per_image['targets'])


def test_where_the_device_is_of_another_type_the_pipeline_stays_whole(root, photo_folder):
    config = load(root, photo_folder)
    types = [part.type for part in config.train_dataloader.dataset.pipeline]
    assert types[2:] == ['ToDevice', 'RandomFlip', 'PhotometricDistortion', 'Normalize']
    assert 'pin_memory' not in config.val_dataloader, 'which would warn without a GPU'


def test_the_released_order_is_a_config_of_one_s_own(root, photo_folder, tmp_path):
    """As docs/differences.md has it: without a mark for the device."""
    path = tmp_path / 'reference.py'
    path.write_text(
        f"_base_ = '{root}/configs/custom/db_focal.py'\n"
        "reference = [dict(type='ReferenceTransform', size=224)]\n"
        'train_dataloader = dict(dataset=dict(memory_budget=0, pipeline=reference))\n'
    )
    options = {'data_root': str(photo_folder), 'train_dataloader.batch_size': 8}
    config = load_config(path, {**options, 'train_dataloader.num_workers': 0})
    batch = next(iter(Runner.build_dataloader(config.train_dataloader, seed=0)))
    assert batch['images'].shape == (8, 3, 224, 224)
    assert 'device_pipeline' not in config.train_dataloader.dataset
