"""Use of trained models: pictures to scores, scores to labels. It needs neither config nor data."""

from importlib import import_module
from typing import Any

# Imported only when asked for: finding pictures, and writing scores, needs no torch.
_HOMES = {
    'load_model': 'predictor',
    'Predictor': 'predictor',
    'Predictions': 'predictions',
    'Decisions': 'decisions',
    'learn_decisions': 'decisions',
    'read_model_file': 'model_file',
    'ModelFile': 'model_file',
}
__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'dbl.inference' has no attribute '{name}'")
    return getattr(import_module(f'dbl.inference.{_HOMES[name]}'), name)
