"""Times pieces of code against one another: all in turn, over and over, in one process."""

from collections.abc import Callable, Mapping
from time import perf_counter

import numpy as np
import torch


def alternate(
    functions: Mapping[str, Callable[[], object]],
    repetitions: int = 9,
    device: str = 'cpu',
) -> dict[str, np.ndarray]:
    """Seconds that each function takes, at each repetition; a first call of each is not counted.

    Args:
        functions: By name.
        repetitions: Calls of each that count.
        device: ``'cuda'`` where the functions compute there, which is then waited for.
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
    """Compares with the first function, the baseline.

    Returns:
        For each: ``name``, ``<unit>/s`` and ``ms``, by the median; ``times as fast`` as the
        baseline, the ratio of the medians; ``from`` and ``to``, the smallest and largest ratio of a
        repetition.
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
