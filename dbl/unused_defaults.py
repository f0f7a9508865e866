"""The values that a config has for all parts: refused where no part takes them."""

from collections.abc import Mapping
from typing import Any

from mmengine.config import Config
from mmengine.registry import Registry

from dbl.errors import InputError
from dbl.pipeline import LISTS, transform_parts
from dbl.registry import DATASETS, MODELS, TRANSFORMS, parameters, registered

LOADERS = ('train_dataloader', 'test_dataloader')


def check_defaults(config: Config) -> None:
    """Refuses ``image_size`` and ``data_root`` if no part takes them.

    Raises:
        InputError: One of them has no effect.
    """
    transforms = {
        key: part
        for loader in LOADERS
        for name in LISTS
        for key, part in transform_parts(config, loader, name).items()
    }
    sized = [takes(TRANSFORMS, key, part, 'size') for key, part in transforms.items()]
    if config.get('image_size') is not None and not any(sized):
        raise InputError('image_size has no effect: no transform takes it; set it to None')
    if config.get('data_root') is not None and not _takes_data_root(config):
        raise InputError('data_root has no effect: no part takes it; set it to None')


def _takes_data_root(config: Config) -> bool:
    sources = {f'{name}.dataset.source': config[name].dataset.source for name in LOADERS}
    reads = [takes(DATASETS, key, part, 'data_root') for key, part in sources.items()]
    return any(reads) or takes(MODELS, 'model.head', config.model.head, 'data_root')


def takes(registry: Registry, key: str, part: Mapping[str, Any], argument: str) -> bool:
    """Whether a part takes the default of an argument, having no value of its own."""
    return argument not in part and argument in parameters(registered(registry, key, part))
