"""Our registries, children of mmengine's: their names come first, mmengine's stay available."""

from collections.abc import Iterable
from typing import Any

from mmengine import registry as mmengine
from mmengine.registry import Registry

from dbl.errors import unknown


def _child(parent: Registry, *locations: str) -> Registry:
    return Registry(parent.name, parent=parent, scope='dbl', locations=list(locations))


DATASETS = _child(mmengine.DATASETS, 'dbl.datasets')
SAMPLERS = _child(mmengine.DATA_SAMPLERS, 'dbl.samplers')
TRANSFORMS = _child(mmengine.TRANSFORMS, 'dbl.transforms')
MODELS = _child(mmengine.MODELS, 'dbl.models')
METRICS = _child(mmengine.METRICS, 'dbl.evaluation')
OPTIM_WRAPPERS = _child(mmengine.OPTIM_WRAPPERS, 'dbl.engine')
HOOKS = _child(mmengine.HOOKS, 'dbl.engine')
LOOPS = _child(mmengine.LOOPS, 'dbl.engine')

# We add nothing to these, but mmengine warns where a registry has no child of the default scope.
for _parent in (
    mmengine.OPTIM_WRAPPER_CONSTRUCTORS,
    mmengine.OPTIMIZERS,
    mmengine.PARAM_SCHEDULERS,
    mmengine.VISBACKENDS,
    mmengine.VISUALIZERS,
):
    _child(_parent)

REGISTRIES = (DATASETS, SAMPLERS, TRANSFORMS, MODELS, METRICS, OPTIM_WRAPPERS, HOOKS, LOOPS)


def check_registered(key: str, part: Any) -> None:
    """Raises InputError for a ``type``, at any depth of a part, that no registry of ours holds.

    mmengine's registries import whatever dotted name they are given, so nothing that comes from a
    file which is no config may reach them before.
    """
    if isinstance(part, list):
        for i, entry in enumerate(part):
            check_registered(f'{key}.{i}', entry)
    elif isinstance(part, dict):
        if 'type' in part:
            names = {name for registry in REGISTRIES for name in _names(registry)}
            if not isinstance(part['type'], str) or part['type'] not in names:
                raise unknown(f'{key}.type', part['type'], names)
        for name, value in part.items():
            check_registered(f'{key}.{name}', value)


def _names(registry: Registry) -> Iterable[str]:
    registry.import_from_location()
    return registry.module_dict
