"""Times pieces of code against one another: they take turns, over and over, in one process."""

from collections.abc import Callable, Mapping
from time import perf_counter

import numpy as np
import torch


def alternate(
    functions: Mapping[str, Callable[[], object]],
    repetitions: int = 9,
    device: str = 'cpu',
) -> dict[str, np.ndarray]:
    """Seconds that each function takes at each repetition, after one call that is not counted.

    Args:
        functions: The functions, by name.
        repetitions: How many calls of each count.
        device: ``'cuda'`` if the functions compute there. Each call then waits for the device.
    """
    synchronize = torch.cuda.synchronize if device == 'cuda' else lambda: None
    seconds = {name: np.empty(repetitions) for name in functions}
    for repetition in range(-1, repetitions):
        for name, function in functions.items():
            synchronize()
            start = perf_counter()
            function()
            synchronize()
            if repetition >= 0:
                seconds[name][repetition] = perf_counter() - start
    return seconds


def compared(seconds: Mapping[str, np.ndarray], amount: int, unit: str) -> list[dict]:
    """Compares each function with the first, the baseline.

    Returns:
        For each function: ``name``; ``<unit>/s`` and ``ms``, from the median; ``times as fast`` as
        the baseline, the ratio of the medians; ``from`` and ``to``, the smallest and largest ratio
        in a repetition.
    """
    baseline = next(iter(seconds.values()))
    rows = []
    for name, own in seconds.items():
        ratios = baseline / own
        rows.append(
            {
                'name': name,
                f'{unit}/s': amount / float(np.median(own)),
                'ms': 1000 * float(np.median(own)),
                'times as fast': float(np.median(baseline) / np.median(own)),
                'from': float(ratios.min()),
                'to': float(ratios.max()),
            }
        )
    return rows
