"""Our registries, children of mmengine's: their names come first, mmengine's stay available."""

from mmengine import registry as mmengine
from mmengine.registry import Registry


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
