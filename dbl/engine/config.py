"""From a config file to a config that the Runner can build: the one place that completes it."""

import inspect
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mmengine.config import Config, ConfigDict
from mmengine.device import get_device
from mmengine.dist import get_world_size
from mmengine.registry import Registry, init_default_scope
from mmengine.runner import Runner

from dbl.datasets import MultiLabelDataset
from dbl.engine.components import arguments_of, build, check_components, check_values
from dbl.errors import InputError, unknown
from dbl.registry import DATASETS, METRICS, MODELS, SAMPLERS, TRANSFORMS
from dbl.samplers import EpochSampler
from dbl.transforms import BatchedTransform


def load_config(
    path: str | Path, options: dict | None = None, images: Sequence[str] = ('train', 'test')
) -> Config:
    """Reads a config file, overrides values, and completes it from the data sets' annotations.

    - ``data_root`` goes to both data sets.
    - ``class_freq`` and ``num_images`` of the training set go to the loss and the metric that take
      them, the number of classes to the head, the training set itself to the head that takes it.
    - The batch of all processes goes to the sampler that takes a ``batch_size``.
    - Where a pipeline has the device take over, see :class:`~dbl.transforms.ToDevice`, the rest of
      it goes to the model's preprocessor.
    - What is tested during a training is what ``tools/test.py`` tests: ``val_*`` is ``test_*``.

    Args:
        path: Python config; its ``_base_`` files are merged.
        options: Values by dotted key, as ``{'model.neck.dropout': 0.0}``.
        images: Splits whose images must exist; annotations are enough for the statistics.

    Raises:
        InputError: The file or the data is missing or wrong, or a component cannot be built.
    """
    config = _read(Path(path), options or {})
    init_default_scope(config.default_scope)
    check_components(config)
    check_values(config)
    datasets = _build_datasets(config)
    for split in images:
        datasets[split].check_images()
    _complete_model(config, datasets['train'])
    _leave_to_device(config)
    _complete_loaders(config)
    if 'train' in images:
        _check_draws(config.train_dataloader, datasets['train'])
    return config


def _read(path: Path, options: dict) -> Config:
    if path.suffix != '.py':
        raise InputError(f"config '{path}' must be a Python file, as configs/demo/db_focal.py")
    if not path.is_file():
        rows = sorted(p.stem for p in path.parent.glob('*.py'))
        there = f'there are {", ".join(rows)}' if rows else 'see configs/ for data sets and rows'
        raise InputError(f"config '{path}' does not exist; {there}")
    try:
        config = Config.fromfile(path)
    except Exception as error:  # it is Python, and may raise anything
        raise InputError(f"config '{path}' cannot be read: {error!r}") from error
    known = {*config.keys(), *inspect.signature(Runner).parameters, 'sync_bn', 'compile'}
    for key in options:
        if key.split('.')[0] not in known:
            raise unknown('--cfg-options: top-level key', key.split('.')[0], known)
    try:
        config.merge_from_dict(options)
    except (KeyError, TypeError, IndexError) as error:
        raise InputError(f'--cfg-options do not fit the config: {error}') from error
    return config


def _build_datasets(config: Config) -> dict[str, MultiLabelDataset]:
    datasets = {}
    for split in ('train', 'test'):
        part = config[f'{split}_dataloader'].dataset
        part.data_root = config.get('data_root', part.get('data_root', ''))
        if not isinstance(part.data_root, str):
            raise InputError(f'data_root must be text, but got {part.data_root}; quote it twice')
        datasets[split] = build(DATASETS, f'{split}_dataloader.dataset', part)
    ours, theirs = (dataset.metainfo['classes'] for dataset in datasets.values())
    if ours != theirs:
        raise InputError(
            f"'{datasets['train'].ann_file}' and '{datasets['test'].ann_file}' must have the same "
            f'classes in the same order; they differ in '
            f'{sorted(set(ours) ^ set(theirs)) or "their order"}'
        )
    return datasets


def _complete_model(config: Config, train: MultiLabelDataset) -> None:
    classes, head = train.metainfo['classes'], config.model.head
    _fill(MODELS, 'model.head', head, 'num_classes', len(classes))
    if 'train_set' in arguments_of(MODELS, head):
        head.train_set = config.train_dataloader.dataset
    for registry, key, part in (
        (MODELS, 'model.head.loss', head.loss),
        (METRICS, 'test_evaluator', config.test_evaluator),
    ):
        _fill(registry, key, part, 'class_freq', train.class_freq)
        _fill(registry, key, part, 'num_images', len(train))
    if 0 in head.loss.get('class_freq', []):
        raise InputError(
            f"'{train.ann_file}': no image shows '{classes[train.class_freq.index(0)]}', but "
            f'{head.loss.type} weights classes by their images; leave the class out'
        )
    build(METRICS, 'test_evaluator', config.test_evaluator)
    build(MODELS, 'model', config.model)


def _fill(registry: Registry, key: str, part: ConfigDict, name: str, value: Any) -> None:
    """Gives a component a statistic of the training set, if it takes that."""
    if name in arguments_of(registry, part) and part.setdefault(name, value) != value:
        raise InputError(
            f'{key}.{name} is {str(part[name])[:80]}, but follows from the data as '
            f'{str(value)[:80]}; leave it out'
        )


def _check_draws(loader: ConfigDict, train: MultiLabelDataset) -> None:
    sampler = build(SAMPLERS, 'train_dataloader.sampler', loader.sampler, dataset=train, seed=0)
    if not isinstance(sampler, EpochSampler):
        raise InputError(
            f'train_dataloader.sampler: {loader.sampler.type} does not number its draws, which the '
            'random transforms need; take AspectGroupedSampler or another EpochSampler'
        )
    # A warm-up over one epoch needs two iterations.
    if len(sampler) < 2 * loader.batch_size:
        raise InputError(
            f'an epoch has {len(sampler) * get_world_size()} draws, fewer than two batches of '
            f'{loader.batch_size} on each of {get_world_size()} processes; lower the batch with '
            '`--cfg-options train_dataloader.batch_size=N`'
        )


def _leave_to_device(config: Config) -> None:
    """Splits the pipelines where the device takes over, if the run's is of that type."""
    config.model.setdefault('data_preprocessor', dict(type='DataPreprocessor'))
    for split, name in (('train', 'training'), ('test', 'testing')):
        loader = config[f'{split}_dataloader']
        if get_device() == 'cuda':
            loader.setdefault('pin_memory', True)
        pipeline = loader.dataset.pipeline
        types = [part.type for part in pipeline]
        if 'ToDevice' not in types:
            continue
        mark = types.index('ToDevice')
        rest = pipeline[mark + 1 :]
        _check_batched(f'{split}_dataloader.dataset.pipeline', rest, mark + 1)
        if pipeline[mark].get('device', 'cuda') == get_device():
            loader.dataset.pipeline = pipeline[:mark]
            loader.dataset.device_pipeline = config.model.data_preprocessor[name] = rest


def _check_batched(key: str, rest: Sequence[ConfigDict], start: int) -> None:
    for i, part in enumerate(rest, start):
        if not issubclass(TRANSFORMS.get(part.type), BatchedTransform):
            raise InputError(
                f'{key}.{i}: {part.type} cannot run on a device in batches; put it before ToDevice'
            )


def _complete_loaders(config: Config) -> None:
    sampler = config.train_dataloader.sampler
    if 'batch_size' in arguments_of(SAMPLERS, sampler):
        # Whatever a finished run's config says, which may be of another number of processes.
        sampler.batch_size = config.train_dataloader.batch_size * get_world_size()
    for part in (config.train_dataloader, config.test_dataloader):
        part.persistent_workers = (
            part.get('persistent_workers', False) and part.get('num_workers', 0) > 0
        )
    config.val_dataloader, config.val_evaluator = config.test_dataloader, config.test_evaluator
    config.val_cfg, config.test_cfg = dict(type='InferenceValLoop'), dict(type='InferenceTestLoop')
