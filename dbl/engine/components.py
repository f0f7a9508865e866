"""Says what is wrong with a config's components before anything is run or written."""

import inspect
from functools import reduce
from operator import getitem
from typing import Any

from mmengine.config import Config, ConfigDict
from mmengine.registry import LOOPS, OPTIMIZERS, Registry

from dbl.errors import InputError, unknown
from dbl.registry import DATASETS, METRICS, MODELS, SAMPLERS, TRANSFORMS

COMPONENTS = [
    (MODELS, 'model'),
    (MODELS, 'model.backbone'),
    (MODELS, 'model.neck'),
    (MODELS, 'model.head'),
    (MODELS, 'model.head.loss'),
    (OPTIMIZERS, 'optim_wrapper.optimizer'),
    (LOOPS, 'train_cfg'),
    (SAMPLERS, 'train_dataloader.sampler'),
    (DATASETS, 'train_dataloader.dataset'),
    (DATASETS, 'test_dataloader.dataset'),
    (METRICS, 'test_evaluator'),
]


def check_components(config: Config) -> None:
    """Raises InputError for a type or an argument that nobody knows, with those most like it."""
    for registry, key in COMPONENTS:
        try:
            part = reduce(getitem, key.split('.'), config)
        except KeyError as error:
            raise InputError(f'the config must have {key}, but {error} is missing') from error
        _check_component(registry, key, part)
    for key in ('train_dataloader', 'test_dataloader'):
        for i, part in enumerate(config[key].dataset.pipeline):
            _check_component(TRANSFORMS, f'{key}.dataset.pipeline.{i}', part)


def arguments_of(registry: Registry, part: ConfigDict) -> set[str]:
    """Names of the arguments that the component of a config takes."""
    return set(inspect.signature(registry.get(part.type)).parameters)


def build(registry: Registry, key: str, part: ConfigDict, **defaults: Any) -> Any:
    """Builds a component; what its constructor refuses becomes an InputError with its key."""
    try:
        return registry.build(part, default_args=defaults)
    except InputError:
        raise
    except (TypeError, ValueError) as error:
        raise InputError(f'{key} cannot be built: {error}') from error


def _check_component(registry: Registry, key: str, part: ConfigDict) -> None:
    if 'type' not in part:
        raise InputError(f'{key} must have a type, as one of {", ".join(registry.module_dict)}')
    if registry.get(part.type) is None:
        raise unknown(f'{key}.type', part.type, registry.module_dict)
    arguments = arguments_of(registry, part)
    for name in part.keys() - {'type', *arguments}:
        if 'kwargs' not in arguments:
            raise unknown(f'{key}: argument', name, arguments)
