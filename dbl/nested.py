"""The tensors and arrays of a batch, in whatever tuples, lists, or dicts they lie."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from torch import Tensor


def mapped(nest: Any, function: Callable[[Any], Any]) -> Any:
    """Puts what a function makes of each tensor and array in its place, and leaves the rest.

    >>> mapped({'draws': [(np.zeros(1), 'a')]}, len)
    {'draws': [(1, 'a')]}
    """
    if isinstance(nest, (Tensor, np.ndarray)):
        return function(nest)
    if isinstance(nest, Mapping):
        return {name: mapped(own, function) for name, own in nest.items()}
    if isinstance(nest, (list, tuple)):
        own = [mapped(part, function) for part in nest]
        return type(nest)(*own) if hasattr(nest, '_fields') else type(nest)(own)
    return nest
