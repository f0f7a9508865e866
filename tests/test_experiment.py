import pytest
import torch

from dbl.config import load_config
from dbl.errors import InputError
from dbl.experiment import TrainingExperiment, build_experiment


def small(folder):
    options = {f'{split}_dataloader.num_workers': 0 for split in ('train', 'test')}
    return {'data_root': str(folder), 'train_dataloader.batch_size': 8, **options}


def load(root, folder, row='db_focal', **options):
    return load_config(root / f'configs/custom/{row}.py', {**small(folder), **options})


def build(root, folder, row='db_focal', training=True, **options):
    config = load(root, folder, row, **options)
    return build_experiment(config, training=training, pretrained=False)


def test_statistics_flow_from_the_annotations(root, photo_folder):
    experiment = build(root, photo_folder)
    resolved = experiment.resolved
    assert experiment.classes == ['cat', 'dog', 'owl']
    assert experiment.model.head.fc.out_features == resolved['model']['head']['num_classes'] == 3
    loss = experiment.model.head.loss
    assert loss.class_freq.tolist() == resolved['model']['head']['loss']['class_freq']
    assert loss.class_freq.tolist() == [40, 20, 10]
    assert loss.num_images == resolved['model']['head']['loss']['num_images'] == 40
    assert experiment.metric.groups == {'head': [], 'medium': [0, 1], 'tail': [2]}
    assert resolved['metric']['class_freq'] == [40, 20, 10]
    erm = build(root, photo_folder, 'erm').resolved
    assert 'class_freq' not in erm['model']['head']['loss']


def test_the_config_stays_as_it_was_given(root, photo_folder):
    config = load(root, photo_folder)
    experiment = build_experiment(config, pretrained=False)
    assert config.to_dict() == load(root, photo_folder).to_dict()
    assert experiment.resolved['optimizer']['lr'] == 0.02 / 4
    assert experiment.resolved['schedule']['warmup_iterations'] == 2
    assert experiment.resolved['iterations_per_epoch'] == 3
    assert experiment.resolved['device'] == experiment.device.type


@pytest.mark.parametrize(
    ('base', 'lr', 'warmup'), [(32, 0.005, 2000), (8, 0.02, 500), (2, 0.08, 125), (None, 0.02, 500)]
)
def test_rate_and_warm_up_follow_the_batch(root, photo_folder, base, lr, warmup):
    """The batch is of 8 images."""
    options = {'base_batch_size': base}
    options |= {'schedule.warmup_share': None, 'schedule.warmup_iterations': 500}
    experiment = build(root, photo_folder, **options)
    assert experiment.optimizer.param_groups[0]['lr'] == pytest.approx(lr)
    assert experiment.rates(0) == [pytest.approx(lr / 3)]
    assert experiment.resolved['schedule']['warmup_iterations'] == warmup


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (
            {'model.head.loss.type': 'DistributionBalanced'},
            'model.head.loss.type .* DistributionBalancedLoss',
        ),
        ({'model.backbone.type': 'VGG'}, r'choose from ConvNet, (\w+, )*TorchvisionBackbone$'),
        ({'model.neck.type': 'VGG'}, "'VGG' is unknown; choose from GlobalMaxPool, PooledLinear$"),
        ({'model.head': {'type': 'VGG', 'loss': {'type': 'BCELoss'}}}, 'LinearHead, MLGCNHead$'),
        ({'model.head.loss.type': 'VGG'}, r'from AsymmetricLoss, BCELoss, (\w+Loss(, |$))+$'),
        ({'model.backbone.type': 'ConvNet'}, r'\(ConvNet\) needs channels; set .*\.channels$'),
        (
            {'model.backbone': {'type': 'ConvNet', 'chanels': [8]}},
            "argument 'chanels' is unknown; choose from channels",
        ),
        ({'train_dataloader.sampler.type': 'ClasAware'}, 'choose from ClassAwareSampler'),
        ({'model.bakbone': {}}, "model: argument 'bakbone' is unknown; choose from backbone"),
        (
            {'model.head.loss.lam': 0},
            'model.head.loss cannot be built: lam must be finite and above 0, but got 0',
        ),
        ({'model.head.loss.reduction': 'none'}, "reduction must be 'mean' or 'sum' to train"),
        ({'model.head.loss.reduction': 'avg'}, 'model.head.loss cannot be built: reduction must'),
        ({'model.backbone.depth': 20}, "ResNet depth '20' is unknown"),
        ({'model.backbone.depth': '50'}, "model.backbone.depth must be an integer, but got '50'"),
        ({'model.neck.norm': 'no'}, "model.neck.norm must be True or False, but got 'no'"),
        ({'model.head.loss.beta': 'x'}, "model.head.loss.beta must be a number, but got 'x'"),
        (
            {'model.head.loss.num_images': 7},
            'num_images is 7, but follows from the data and the rest of the config as 40',
        ),
        (
            {'train_dataloader.sampler.seed': 3},
            'sampler.seed is 3, but follows from the data and the rest of the config as 0',
        ),
        ({'schedule.milestones': 75}, 'schedule cannot be built'),
        ({'schedule.gama': 0.5}, "argument 'gama' is unknown; choose from gamma"),
        ({'metric.class_freq': [1, 2, 3]}, r'class_freq is \[1, 2, 3\], but follows'),
        ({'optimizer.type': 'SDG'}, "optimizer.type 'SDG' is unknown; .* SGD"),
        ({'epoch': 3}, "top-level key 'epoch' is unknown; choose from epochs"),
        ({'metric.heads': 3}, "argument 'heads' is unknown; choose from head"),
        ({'epochs': 'abc'}, 'epochs must be an integer'),
        ({'epochs': 0}, 'epochs must be .*at least 1, but got 0'),
        ({'seed': -1}, 'seed must be .*at least 0, but got -1'),
        ({'train_dataloader.batch_size': 1}, 'batch_size must be .*at least 2'),
        ({'test_dataloader.batch_size': 0}, 'test_dataloader.batch_size must be .*at least 1'),
        ({'train_dataloader.num_workers': -1}, 'num_workers must be .*at least 0'),
        ({'train_dataloader.num_worker': 1}, "'num_worker' is unknown; .*num_workers"),
        ({'optimizer.lr': 'x'}, "lr must be a finite number above 0, but got '?x"),
        ({'optimizer.lr': 0}, 'lr must be a finite number above 0, but got 0'),
        ({'optimizer.lr': 1e999}, 'optimizer.lr must be a finite number above 0, but got inf'),
        (
            {'optimizer': {'type': 'Adam', 'lr': 0.1, 'betas': (0.9,)}},
            'optimizer cannot be built: tuple index out of range',
        ),
        ({'optimizer.differentiable': True}, 'optimizer cannot take a step: .* leaf Variable'),
        ({'compile.foo': 3}, "compile: argument 'foo' is unknown; choose from .*mode"),
        ({'compile.backend': 'nonsense'}, "compile.backend 'nonsense' is unknown; .*inductor"),
        ({'compile.fullgraph': 3}, 'compile.fullgraph must be True or False, but got 3'),
        ({'compile.mode': 'nonsense'}, 'compile cannot be built: .*nonsense'),
        ({'optimizer.momentun': 0.9}, "argument 'momentun' is unknown; choose from momentum"),
        ({'optimizer.momentum': -1.0}, 'optimizer cannot be built: Invalid momentum'),
        ({'metric.head': 10}, 'metric cannot be built: expected tail <= head'),
        ({'model.backbone': None}, 'model.backbone must be a dict, but got None'),
        ({'schedule.type': 'StepDeccay'}, "schedule.type 'StepDeccay' is unknown; .*StepDecay"),
        (
            {'train_dataloader.sampler.type': 'RandomSampler'},
            "sampler.type 'RandomSampler' is unknown; .*ClassAwareSampler",
        ),
        ({'data_root': 5}, 'data_root must be text or None, but got 5'),
        (
            {'train_dataloader.sampler.draws_per_visit': 0},
            'draws_per_visit must be an integer of at least 1',
        ),
        (
            {'train_dataloader.dataset.pipeline.0.min_size': 2},
            r'dataset.pipeline.0 cannot be built: min_size must lie in \(0, 1\], but got 2',
        ),
        ({'model.head.loss': {'type': 'BCELoss', 'lam': 1.0}}, "argument 'lam' is unknown"),
        ({'model.head.loss.lamda': 1.0}, "argument 'lamda' is unknown; .* lam"),
        ({'precision': 'half'}, "precision 'half' is unknown; .*float32"),
        ({'clip': 1}, "top-level key 'clip' is unknown; choose from clip_norm"),
        ({'clip_norm': -1}, 'clip_norm must be .* got -1'),
        ({'train_dataloader.dataset.source.anns_file': 'x'}, 'unknown; choose from ann_file'),
        ({'train_dataloader.dataset.sauce': {}}, "'sauce' is unknown; choose from source"),
        ({'train_dataloader.dataset.memory_budget': -1}, 'memory_budget must be at least 0'),
        ({'sync_bn': 'no'}, "sync_bn must be True or False, but got 'no'"),
        ({'deterministic': 1}, 'deterministic must be True or False, but got 1'),
        (
            {'train_dataloader.dataset.batch_pipeline.0.type': 'RandomCrop'},
            'train_dataloader.dataset.batch_pipeline.0: RandomCrop cannot run on whole batches',
        ),
        (
            {'train_dataloader.dataset.pipeline.1.size': 0},
            'dataset.pipeline.1 cannot be built: size must be at least 1',
        ),
        (
            {'train_dataloader.dataset.pipeline.1.size': 10**6},
            'dataset: the pixels of Resize are 1000000000000, but at most',
        ),
        (
            {'train_dataloader.dataset.batch_pipeline.2.mean': 5},
            'dataset.batch_pipeline.2 cannot be built: mean must be three numbers',
        ),
        (
            {'train_dataloader.dataset.pipeline': None},
            'train_.*.pipeline must be a list, but got None',
        ),
        ({'test_dataloader.dataset.batch_pipeline': 3}, 'test_.*batch_pipeline must be a list'),
        (
            {'train_dataloader.dataset.batch_pipeline': []},
            'train_dataloader.dataset: .* must end in images of float32, but give uint8',
        ),
        (
            {'test_dataloader.dataset.batch_pipeline': []},
            'test_dataloader.dataset: .* must end in images of float32, but give uint8',
        ),
        (
            {
                'train_dataloader.dataset.pipeline': [],
                'test_dataloader.dataset.pipeline': [],
            },
            'image_size has no effect: no transform takes it',
        ),
        ({'test_dataloader.dataset.memory_budget': 1}, "argument 'memory_budget' is unknown"),
        ({'model.backbone': {'type': 'BCELoss'}}, 'model.backbone.type: BCELoss does not belong'),
        (
            {'model.backbone': {'type': 'ConvNet', 'channels': [0]}},
            'model.backbone cannot be built: channels must be',
        ),
        (
            {'model.backbone': {'type': 'ConvNet', 'channels': 8}},
            'model.backbone cannot be built: channels must be',
        ),
        ({'model.neck': {'type': 'ResNet'}}, 'model.neck.type: ResNet does not belong there'),
        (
            {'model.neck': {'type': 'ConvNet', 'channels': [8]}},
            'model.neck.type: ConvNet does not belong there; a neck takes `in_features`',
        ),
        ({'model.neck': {'type': 'BCELoss'}}, 'model.neck.type: BCELoss does not belong there'),
        (
            {'model.head': {'type': 'GlobalMaxPool', 'loss': {'type': 'BCELoss'}}},
            'model.head.type: GlobalMaxPool does not belong there; a head has a `loss`',
        ),
        (
            {'model.head.loss': {'type': 'ConvNet', 'channels': [8]}},
            'model.head.loss.type: ConvNet does not belong there; a loss has no `out_features`',
        ),
        ({'model.neck.out_features': 0}, 'model.neck cannot be built: out_features must be'),
        ({'model.neck.dropout': 1.0}, r'model.neck cannot be built: dropout must lie in \[0, 1\)'),
        (
            {'train_dataloader.sampler.draws_per_class': 1e15},
            'sampler cannot be built: an epoch must have at most 100,000,000 draws',
        ),
        ({'train_dataloader.batch_size': 10**15}, 'fewer than two batches of 10+'),
        ({'checkpoint.minutes': 0}, 'checkpoint.minutes must be'),
        ({'checkpoint.iterations': 0}, 'checkpoint.iterations must be'),
        ({'checkpoint.minute': 5}, "checkpoint: argument 'minute' is unknown; choose from minutes"),
        ({'log_every': 0}, 'log_every must be .*at least 1'),
        ({'evaluate_every': 0}, 'evaluate_every must be .*at least 1'),
        ({'test_dataloader.dataset.pipeline.0.type': 'Rezise'}, "'Rezise' is unknown; .* Resize"),
        ({'modle.head': 1}, "top-level key 'modle' is unknown; choose from model"),
        ({'train_dataloader.dataset.pipeline.9.size': 1}, 'pipeline.9: the list has 2 entries'),
        (
            {'model.head.num_classes': 4},
            'num_classes is 4, but follows from the data and the rest of the config as 3',
        ),
        ({'data_root': 'no/such'}, r"none of 'no/such/train.json', .* make a set of it .`python"),
    ],
    ids=str,
)
def test_what_is_wrong_is_named(root, photo_folder, options, message):
    with pytest.raises(InputError, match=message):
        build(root, photo_folder, **options)


@pytest.mark.parametrize('key', ['model.head.loss', 'optimizer', 'schedule', 'metric'])
def test_a_part_without_a_type_is_named(root, photo_folder, key):
    config = load(root, photo_folder)
    *parents, name = key.split('.')
    part = config
    for parent in [*parents, name]:
        part = part[parent]
    del part['type']
    with pytest.raises(InputError, match=f'{key} must have a type, one of'):
        build_experiment(config, pretrained=False)


@pytest.mark.parametrize(
    ('row', 'draws', 'batch_size', 'advice'),
    [('erm', 48, 48, 'N`$'), ('rs', 30, 24, 'or raise train_dataloader.sampler.draws_per_class$')],
    ids=['erm', 'rs'],
)
def test_too_few_draws_for_a_batch(root, photo_folder, row, draws, batch_size, advice):
    message = f'an epoch has {draws} draws, fewer than two batches of {batch_size}; .*{advice}'
    with pytest.raises(InputError, match=message):
        build(root, photo_folder, row, **{'train_dataloader.batch_size': batch_size})


def test_deterministic_algorithms_are_those_of_the_experiment_that_was_built_last(
    root, photo_folder
):
    for deterministic in (True, False):
        build(root, photo_folder, 'erm', deterministic=deterministic)
        assert torch.are_deterministic_algorithms_enabled() == deterministic
        assert torch.backends.cudnn.deterministic == deterministic
        assert torch.backends.cudnn.benchmark != deterministic


def test_a_rate_that_does_not_fall_is_named(root, photo_folder, caplog):
    for epochs, named in ((80, False), (56, False), (55, True)):
        caplog.clear()
        build(root, photo_folder, 'erm', epochs=epochs)
        text = 'schedule.milestones=[55, 70] lie beyond epochs=55: the rate does not fall'
        assert (text in caplog.text) == named


def test_a_batch_of_one_is_for_a_neck_without_norm(root, photo_folder):
    options = {'train_dataloader.batch_size': 1, 'model.neck.norm': False}
    assert build(root, photo_folder, **options).train_loader.batch_size == 1
    options = {'train_dataloader.batch_size': 1}
    assert build(root, photo_folder, 'ml_gcn', **options).train_loader.batch_size == 1


def test_batch_and_seed_flow_to_the_sampler(root, photo_folder):
    sampler = build(root, photo_folder, 'erm', seed=7).train_loader.sampler
    assert (sampler.batch_size, sampler.seed) == (8, 7)


def test_workers_persist_only_where_there_are_some(root, photo_folder):
    assert not build(root, photo_folder).train_loader.persistent_workers
    options = {f'{split}_dataloader.num_workers': 2 for split in ('train', 'test')}
    experiment = build(root, photo_folder, **options)
    assert experiment.train_loader.persistent_workers
    assert not experiment.test_loader.persistent_workers, 'they would wait for the next evaluation'


def test_classes_of_training_and_test_must_be_the_same(root, photo_folder):
    path = photo_folder / 'test.csv'
    path.write_text(path.read_text().replace('owl', 'elk'))
    with pytest.raises(InputError, match=r"differ in \['elk', 'owl'\]"):
        build(root, photo_folder)
    path.write_text(path.read_text().replace('cat,dog,elk', 'dog,cat,owl'))
    with pytest.raises(InputError, match='differ in their order'):
        build(root, photo_folder)


def test_a_class_without_training_images_is_named(root, photo_folder):
    path = photo_folder / 'train.csv'
    rows = [line.rsplit(',', 1)[0] + ',0' for line in path.read_text().splitlines()[1:]]
    path.write_text('\n'.join(['image,cat,dog,owl', *rows]))
    message = (
        "no image shows 'owl', but DistributionBalancedLoss .* every table: .* --classes NAMES"
    )
    with pytest.raises(InputError, match=message):
        build(root, photo_folder)
    erm = build(root, photo_folder, 'erm')
    assert erm.resolved['metric']['class_freq'] == [40, 20, 0]


def rewrite(path, shown: str) -> None:
    """Has a table's images show the same classes all."""
    header, *rows = path.read_text().splitlines()
    path.write_text('\n'.join([header, *(f'{row.split(",")[0]},{shown}' for row in rows)]))


def test_classes_that_no_mean_can_speak_of_are_named_before_training(root, photo_folder, caplog):
    build(root, photo_folder, 'erm')
    assert caplog.messages == []
    rewrite(photo_folder / 'train.csv', '1,1,0')
    rewrite(photo_folder / 'test.csv', '0,1,1')
    build(root, photo_folder, 'erm')
    assert caplog.messages == [
        f"'{photo_folder}/train.csv': no image to train on shows owl; left out of the mAPs",
        f"'{photo_folder}/test.csv': no image to test on shows cat; left out of the mAPs",
    ]


def test_a_test_set_without_any_positive_is_refused(root, photo_folder):
    """It trained to the end before it said so."""
    rewrite(photo_folder / 'test.csv', '0,0,0')
    with pytest.raises(InputError, match=r"test.csv': no image shows a class that is trained"):
        build(root, photo_folder, 'erm')


def test_only_the_images_that_are_needed_must_exist(root, photo_folder):
    (photo_folder / 'train3.png').unlink()
    with pytest.raises(InputError, match='1 of the 40 images'):
        build(root, photo_folder)
    tested = build(root, photo_folder, training=False)
    assert tested.model.head.loss.class_freq.tolist() == [40, 20, 10]
    assert not isinstance(tested, TrainingExperiment)
    (photo_folder / 'test3.png').unlink()
    with pytest.raises(InputError, match='1 of the 8 images'):
        build(root, photo_folder, training=False)


@pytest.mark.parametrize(
    ('options', 'get', 'value'),
    [
        (
            {'optimizer': {'type': 'AdamW', 'lr': 1e-3}},
            lambda experiment: type(experiment.optimizer),
            torch.optim.AdamW,
        ),
        (
            {'schedule.type': 'CosineDecay'},
            lambda experiment: type(experiment.schedule).__name__,
            'CosineDecay',
        ),
        (
            {'train_dataloader.sampler.type': 'ShuffleSampler'},
            lambda experiment: type(experiment.train_loader.sampler).__name__,
            'ShuffleSampler',
        ),
        (
            {'compile': {'backend': 'eager'}},
            lambda experiment: experiment.model._compiled_call_impl is None,
            False,
        ),
        ({'evaluate_every': 1}, lambda experiment: experiment.config.evaluate_every, 1),
        ({'clip_norm': 0.5}, lambda experiment: experiment.config.clip_norm, 0.5),
        ({'checkpoint.minutes': 0.5}, lambda experiment: experiment.config.checkpoint.minutes, 0.5),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else '',
)
def test_other_parts_and_values_can_be_chosen(root, photo_folder, options, get, value):
    experiment = build(root, photo_folder, **options)
    assert get(experiment) == value
    assert len(experiment.classes) == 3


def finish_on_device(dataset, mark):
    """Has whole batches finished behind the loader, which else only a GPU does."""
    steps = [*dataset.pipeline, *dataset.batch_pipeline]
    dataset.pipeline, dataset.batch_pipeline = steps[:mark], steps[mark:]


@pytest.mark.parametrize('split', ['train', 'test'])
def test_a_batch_is_the_same_whoever_finishes_it(root, photo_folder, split):
    """The loader, per image, or the device, all at once, which is the CPU here."""
    batches = []
    for batched in (False, True):
        experiment = build(root, photo_folder)
        loader = experiment.train_loader if split == 'train' else experiment.test_loader
        whole = len(loader.dataset.pipeline) + len(loader.dataset.batch_pipeline)
        before = len(experiment.config[f'{split}_dataloader'].dataset.pipeline)
        finish_on_device(loader.dataset, before if batched else whole)
        batch = next(iter(loader))
        assert ('pictures' in batch) == batched
        images = loader.dataset.prepare(batch, experiment.device)
        batches.append((images.cpu(), batch['targets']))
    (images, targets), (again, same) = batches
    assert images.shape[1:] == (3, 224, 224)
    torch.testing.assert_close(again, images, atol=1e-3, rtol=1e-4)
    assert torch.equal(targets, same)


@pytest.mark.skipif(torch.cuda.is_available(), reason='a GPU finishes the batches')
def test_without_a_gpu_the_loader_does_everything(root, photo_folder):
    loader = build(root, photo_folder).train_loader
    names = [type(step).__name__ for step in loader.dataset.pipeline]
    assert names[2:] == ['RandomFlip', 'PhotometricDistortion', 'Normalize']
    assert not loader.dataset.batch_pipeline
    assert not loader.pin_memory, 'which would warn without a GPU'


def test_the_released_order_is_a_config_of_one_s_own(root, photo_folder, tmp_path):
    """As docs/differences.md has it: nothing is left to the device."""
    path = tmp_path / 'reference.py'
    path.write_text(
        f"_base_ = '{root}/configs/custom/db_focal.py'\n"
        "_pipeline = [dict(type='ReferenceTransform')]\n"
        '_part = dict(memory_budget=0, pipeline=_pipeline, batch_pipeline=[])\n'
        'train_dataloader = dict(dataset=_part)\n'
    )
    config = load_config(path, small(photo_folder))
    loader = build_experiment(config, pretrained=False).train_loader
    assert next(iter(loader))['images'].shape == (8, 3, 224, 224)


@pytest.mark.parametrize(
    ('key', 'value', 'message'),
    [('clip_norm', -1, 'clip_norm must be above 0'), ('sede', 3, "'sede' is unknown; .* seed")],
)
def test_a_value_that_was_set_since_it_was_loaded_is_checked(root, key, value, message):
    config = load_config(root / 'configs/demo/erm.py')
    config[key] = value
    with pytest.raises(InputError, match=message):
        build_experiment(config)


def test_without_a_size_the_pictures_stay_as_they_are(root, photo_folder):
    options = {f'{split}_dataloader.dataset.pipeline': [] for split in ('train', 'test')}
    config = load(root, photo_folder, **options)
    config.image_size = None
    loader = build_experiment(config, pretrained=False).test_loader
    assert loader.dataset[0]['img_path'].endswith('test0.png')
    assert next(iter(loader))['targets'].shape == (8, 3)
