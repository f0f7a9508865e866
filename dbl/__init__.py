"""Distribution-Balanced Loss for multi-label recognition in long-tailed data sets."""

from importlib import import_module
from typing import Any

__version__ = '0.2.0'
# Imported only when asked for, so that ``import dbl.losses`` needs torch alone.
_HOMES = {
    'load_config': 'dbl.config',
    'build_experiment': 'dbl.experiment',
    'train': 'dbl.training.loop',
    'evaluate': 'dbl.training.evaluate',
    'load_model': 'dbl.inference.predictor',
    'statistics': 'dbl.longtail',
}
__all__ = ['build_experiment', 'evaluate', 'load_config', 'load_model', 'statistics', 'train']


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'dbl' has no attribute '{name}'")
    return getattr(import_module(_HOMES[name]), name)
