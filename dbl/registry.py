"""The names that a config may use, and the one function that builds what it names."""

import inspect
from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from typing import Any

from mmengine.registry import Registry

from dbl.errors import InputError, unknown
from dbl.kinds import check_kind

DATASETS = Registry('dataset')
SAMPLERS = Registry('sampler')
TRANSFORMS = Registry('transform')
MODELS = Registry('model')
METRICS = Registry('metric')
OPTIMIZERS = Registry('optimizer')
SCHEDULES = Registry('schedule')
# Where our own parts register themselves.
HOMES = {
    'dataset': 'dbl.datasets',
    'sampler': 'dbl.training.registered',
    'transform': 'dbl.transforms',
    'model': 'dbl.models',
    'metric': 'dbl.training.registered',
    'optimizer': 'dbl.training.registered',
    'schedule': 'dbl.training.rate',
}
# What a constructor raises for arguments that it cannot take. An OSError names its own file.
REFUSALS = (
    TypeError,
    ValueError,
    RuntimeError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
)


def build(
    registry: Registry,
    key: str,
    part: Mapping[str, Any],
    given: Mapping[str, Any] | None = None,
    defaults: Mapping[str, Any] | None = None,
) -> Any:
    """Builds a part that a config, or a file of a run, names.

    Only names in the registry are known. mmengine's own ``Registry.build`` would import and call
    any dotted name.

    Args:
        registry: Where the part's ``type`` is looked up.
        key: The part's place in the config, such as ``'model.backbone'``.
        part: ``type`` and arguments.
        given: Arguments that follow from other values. The part gets those that it takes.
        defaults: Arguments that the part gets if it takes them and the config does not set them.

    Raises:
        InputError: The name or an argument is unknown, an argument is of the wrong kind or
            contradicts what is given, or the part refuses it.

    >>> from dbl.registry import MODELS, build
    >>> build(MODELS, 'loss', {'type': 'FocalLoss', 'gamma': 1.0}).gamma
    1.0
    """
    maker = registered(registry, key, part)
    known = parameters(maker)
    arguments = {name: value for name, value in part.items() if name != 'type'}
    for name, value in arguments.items():
        if name not in known:
            raise unknown(f'{key} ({part["type"]}): argument', name, known)
        check_kind(f'{key}.{name}', value, known[name].annotation)
    for name, value in (given or {}).items():
        if name in known and arguments.setdefault(name, value) is not value:
            _check_same(f'{key}.{name}', arguments[name], value)
    arguments = {k: v for k, v in (defaults or {}).items() if k in known} | arguments
    try:
        return maker(**arguments)
    except InputError:
        raise
    except REFUSALS as error:
        raise InputError(f'{key} cannot be built: {error}') from error


def registered(registry: Registry, key: str, part: Any) -> Callable[..., Any]:
    """Finds what a part's ``type`` names.

    Raises:
        InputError: The part is not a dict, or its type is missing or not in the registry.
    """
    _import_home(registry.name)
    names = registry.module_dict
    if not isinstance(part, Mapping):
        raise InputError(f'{key} must be a dict with a type, but got {part}')
    if 'type' not in part:
        raise InputError(f'{key} must have a type, one of {", ".join(names)}')
    if not isinstance(part['type'], str) or part['type'] not in names:
        raise unknown(f'{key}.type', part['type'], names)
    return names[part['type']]


def parameters(maker: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    """The parameters of a class or function by name, without ``*args`` and ``**kwargs``."""
    found = inspect.signature(maker).parameters.values()
    return {p.name: p for p in found if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)}


@cache
def _import_home(name: str) -> None:
    import_module(HOMES[name])


def _check_same(key: str, own: Any, given: Any) -> None:
    if not _equal(own, given):
        raise InputError(
            f'{key} is {str(own)[:80]}, but follows from the data and the rest of the config as '
            f'{str(given)[:80]}; leave it out'
        )


def _equal(own: Any, given: Any) -> bool:
    try:
        return bool(own == given)
    except (TypeError, ValueError):  # arrays compare element by element
        return False
