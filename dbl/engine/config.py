"""From a config file to a config that the Runner can build: the one place that completes it."""

import inspect
from collections.abc import Sequence
from functools import reduce
from operator import getitem
from pathlib import Path

from mmengine.config import Config, ConfigDict
from mmengine.registry import Registry, init_default_scope

from dbl.datasets import MultiLabelDataset
from dbl.errors import InputError, unknown
from dbl.registry import DATASETS, METRICS, MODELS, SAMPLERS, TRANSFORMS

COMPONENTS = [
    (MODELS, 'model.backbone'),
    (MODELS, 'model.neck'),
    (MODELS, 'model.head'),
    (MODELS, 'model.head.loss'),
    (SAMPLERS, 'train_dataloader.sampler'),
    (DATASETS, 'train_dataloader.dataset'),
    (DATASETS, 'test_dataloader.dataset'),
    (METRICS, 'test_evaluator'),
]


def load_config(
    path: str | Path, options: dict | None = None, pictures: Sequence[str] = ('train', 'test')
) -> Config:
    """Reads a config file, overrides values, and completes it from the data sets' annotations.

    - ``data_root`` goes to both data sets.
    - ``class_freq`` and ``num_images`` of the training set go to the loss and the metric that take
      them, the number of classes to the head.
    - What is tested during a training is what ``tools/test.py`` tests: ``val_*`` is ``test_*``.

    Args:
        path: Python config; its ``_base_`` files are merged.
        options: Values by dotted key, as ``{'model.neck.dropout': 0.0}``.
        pictures: Splits whose pictures must exist; labels are enough for the statistics.

    Raises:
        InputError: The file or the data is missing or wrong, or a name is unknown.
    """
    config = _read(Path(path), options or {})
    init_default_scope(config.default_scope)
    _check_components(config)
    for loader in (config.train_dataloader, config.test_dataloader):
        if 'data_root' in config:
            loader.dataset.data_root = config.data_root
    train, test = _build_datasets(config)
    for split, dataset in (('train', train), ('test', test)):
        if split in pictures:
            dataset.check_images()
    _complete(config, train)
    config.val_dataloader = config.test_dataloader
    config.val_evaluator = config.test_evaluator
    config.val_cfg = dict(type='ValLoop')
    config.test_cfg = dict(type='TestLoop')
    return config


def _read(path: Path, options: dict) -> Config:
    if not path.is_file():
        rows = sorted(p.stem for p in path.parent.glob('*.py'))
        there = f'there are {", ".join(rows)}' if rows else 'see configs/ for data sets and rows'
        raise InputError(f"config '{path}' does not exist; {there}")
    try:
        config = Config.fromfile(path)
    except (SyntaxError, FileNotFoundError, NameError) as error:
        raise InputError(f"config '{path}' cannot be read: {error}") from error
    for key in options:
        if key.split('.')[0] not in config:
            raise unknown('--cfg-options: top-level key', key.split('.')[0], config.keys())
    try:
        config.merge_from_dict(options)
    except (KeyError, TypeError, IndexError) as error:
        raise InputError(f'--cfg-options do not fit the config: {error}') from error
    return config


def _check_components(config: Config) -> None:
    for registry, key in COMPONENTS:
        _check_component(registry, key, reduce(getitem, key.split('.'), config))
    for key in ('train_dataloader', 'test_dataloader'):
        for i, part in enumerate(config[key].dataset.pipeline):
            _check_component(TRANSFORMS, f'{key}.dataset.pipeline.{i}', part)


def _check_component(registry: Registry, key: str, part: ConfigDict) -> None:
    component = registry.get(part.type)
    if component is None:
        raise unknown(f'{key}.type', part.type, registry.module_dict)
    parameters = inspect.signature(component).parameters
    if 'kwargs' not in parameters:
        for name in part.keys() - {'type', *parameters}:
            raise unknown(f'{key}: argument', name, parameters)


def _build_datasets(config: Config) -> tuple[MultiLabelDataset, MultiLabelDataset]:
    train = DATASETS.build(config.train_dataloader.dataset)
    test = DATASETS.build(config.test_dataloader.dataset)
    if train.metainfo['classes'] != test.metainfo['classes']:
        ours, theirs = train.metainfo['classes'], test.metainfo['classes']
        difference = sorted(set(ours) ^ set(theirs)) or 'their order'
        raise InputError(
            f"'{train.ann_file}' and '{test.ann_file}' must have the same classes in the same "
            f'order; they differ in {difference}'
        )
    return train, test


def _complete(config: Config, train: MultiLabelDataset) -> None:
    classes = train.metainfo['classes']
    num_classes = config.model.head.setdefault('num_classes', len(classes))
    if num_classes != len(classes):
        raise InputError(
            f"model.head.num_classes is {num_classes}, but '{train.ann_file}' has {len(classes)} "
            'classes'
        )
    loader = config.train_dataloader
    if len(train) < loader.batch_size and loader.sampler.type == 'ShuffleSampler':
        raise InputError(
            f"'{train.ann_file}' has {len(train)} images, fewer than a batch of "
            f'{loader.batch_size}; lower it with `--cfg-options train_dataloader.batch_size=N`'
        )
    for registry, part in ((MODELS, config.model.head.loss), (METRICS, config.test_evaluator)):
        parameters = inspect.signature(registry.get(part.type)).parameters
        for name, value in (('class_freq', train.class_freq), ('num_images', len(train))):
            if name in parameters:
                part[name] = value
    if 0 in config.model.head.loss.get('class_freq', []):
        raise InputError(
            f"'{train.ann_file}': no image shows '{classes[train.class_freq.index(0)]}', but "
            f'{config.model.head.loss.type} weights classes by their images; leave the class out'
        )
