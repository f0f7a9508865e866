"""Says what is wrong with a config's components before anything is run or written."""

import inspect
from collections.abc import Callable
from functools import reduce
from operator import getitem
from typing import Any

import torch
from mmengine.config import Config, ConfigDict
from mmengine.registry import OPTIMIZERS, PARAM_SCHEDULERS, Registry
from torch.nn import Parameter
from torch.optim import SGD
from torch.utils.data import DataLoader

from dbl.errors import InputError, unknown
from dbl.registry import (
    DATASETS,
    HOOKS,
    LOOPS,
    METRICS,
    MODELS,
    OPTIM_WRAPPERS,
    SAMPLERS,
    TRANSFORMS,
)

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
KINDS = {
    bool: ((bool,), 'True or False'),
    int: ((int,), 'an integer'),
    float: ((int, float), 'a number'),
    str: ((str,), 'text'),
}
LOADER_ARGUMENTS = {*inspect.signature(DataLoader).parameters, 'num_batch_per_epoch'}


def check_components(config: Config) -> None:
    """Raises InputError for a type or an argument that nobody knows, with those most like it."""
    for registry, key in COMPONENTS:
        try:
            part = reduce(getitem, key.split('.'), config)
        except (KeyError, TypeError) as error:
            raise InputError(f'the config must have {key}: {error}') from error
        _check_component(registry, key, part)
    for i, part in enumerate(config.param_scheduler):
        _check_scheduler(f'param_scheduler.{i}', part)
    for name, part in config.default_hooks.items():
        if part is not None:  # switched off
            _check_component(HOOKS, f'default_hooks.{name}', part)
            build(HOOKS, f'default_hooks.{name}', part)
    if config.train_cfg.type != 'ResumableTrainLoop':
        raise InputError(
            f'train_cfg.type {config.train_cfg.type} starts an epoch anew where it resumes; take '
            'ResumableTrainLoop'
        )
    _check_optim_wrapper(config.optim_wrapper)
    for key in ('train_dataloader', 'test_dataloader'):
        _check_arguments(key, config[key], LOADER_ARGUMENTS)
        for i, part in enumerate(config[key].dataset.pipeline):
            _check_component(TRANSFORMS, f'{key}.dataset.pipeline.{i}', part)


def check_values(config: Config) -> None:
    """Raises InputError for a number that no run can start with."""
    # BatchNorm cannot normalise a batch of one.
    neck = config.model.neck
    smallest_batch = 2 if neck.get('norm', 'norm' in arguments_of(MODELS, neck)) else 1
    for key, low in (
        ('train_cfg.max_epochs', 1),
        ('train_dataloader.batch_size', smallest_batch),
        ('test_dataloader.batch_size', 1),
        ('train_dataloader.num_workers', 0),
        ('test_dataloader.num_workers', 0),
        ('randomness.seed', 0),
    ):
        part, name = key.split('.')
        value = config[part].get(name, low)
        if type(value) is not int or value < low:
            raise InputError(f'{key} must be an integer of at least {low}, but got {value}')
    rate = config.optim_wrapper.optimizer.get('lr', 1.0)
    if not isinstance(rate, (int, float)) or not rate > 0:
        raise InputError(f'optim_wrapper.optimizer.lr must be a number above 0, but got {rate}')


def arguments_of(registry: Registry, part: ConfigDict) -> set[str]:
    """Names of the arguments that a component takes; ``'**'`` stands for any."""
    return set(_parameters(registry.get(part.type)))


def _parameters(component: Callable) -> dict[str, inspect.Parameter]:
    """The parameters by name; those of a base class where ``**kwargs`` go there."""
    found: dict[str, inspect.Parameter] = {}
    bases = inspect.getmro(component) if inspect.isclass(component) else [component]
    for base in bases:
        function = vars(base).get('__init__') if inspect.isclass(base) else base
        if function is not None:
            first = 1 if inspect.isclass(base) else 0  # self
            own = list(inspect.signature(function).parameters.values())[first:]
            named = {p.name: p for p in own if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)}
            found = {**named, **found}
            if not any(p.kind is p.VAR_KEYWORD for p in own):
                return found
    return {**found, '**': inspect.Parameter('kwargs', inspect.Parameter.VAR_KEYWORD)}


def build(registry: Registry, key: str, part: ConfigDict, **defaults: Any) -> Any:
    """Builds a component; what its constructor refuses becomes an InputError with its key."""
    try:
        return registry.build(part, default_args=defaults)
    except InputError:
        raise
    except (TypeError, ValueError, RuntimeError, ArithmeticError) as error:
        raise InputError(f'{key} cannot be built: {error}') from error


def _check_scheduler(key: str, part: ConfigDict) -> None:
    """Builds it once: mmengine's schedulers take their arguments unnamed."""
    # mmengine's own word for a schedule in epochs that steps with the iterations.
    part = ConfigDict({k: v for k, v in part.items() if k != 'convert_to_iter_based'})
    _check_component(PARAM_SCHEDULERS, key, part)
    build(PARAM_SCHEDULERS, key, part, optimizer=SGD([Parameter(torch.zeros(1))], lr=1.0))


def _check_optim_wrapper(part: ConfigDict) -> None:
    # What mmengine makes the parameter groups with is not the wrapper's.
    part = ConfigDict({k: v for k, v in part.items() if k not in ('constructor', 'paramwise_cfg')})
    _check_component(OPTIM_WRAPPERS, 'optim_wrapper', part)
    if OPTIM_WRAPPERS.get(part.type).__module__.startswith('dbl.'):
        optimizer = SGD([Parameter(torch.zeros(1))], lr=1.0)
        build(OPTIM_WRAPPERS, 'optim_wrapper', ConfigDict({**part, 'optimizer': optimizer}))


def _check_component(registry: Registry, key: str, part: ConfigDict) -> None:
    if not isinstance(part, dict):
        raise InputError(f'{key} must be a dict with a type, but got {part}')
    if 'type' not in part:
        raise InputError(f'{key} must have a type, as one of {", ".join(registry.module_dict)}')
    if not isinstance(part.type, str) or registry.get(part.type) is None:
        raise unknown(f'{key}.type', part.type, registry.module_dict)
    _check_arguments(f'{key} ({part.type})', part, arguments_of(registry, part))
    if registry.get(part.type).__module__.startswith('dbl.'):
        _check_kinds(registry, key, part)


def _check_kinds(registry: Registry, key: str, part: ConfigDict) -> None:
    """Holds simple arguments against their annotations: the text 'no' would count as true."""
    for name, parameter in _parameters(registry.get(part.type)).items():
        if name in part and parameter.annotation in KINDS:
            types, expected = KINDS[parameter.annotation]
            if type(part[name]) not in types:
                raise InputError(f'{key}.{name} must be {expected}, but got {part[name]!r}')


def _check_arguments(key: str, part: ConfigDict, arguments: set[str]) -> None:
    for name in sorted(part.keys() - {'type', *arguments}):
        if '**' not in arguments:
            raise unknown(f'{key}: argument', name, arguments)
