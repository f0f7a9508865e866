from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path
from typing import Any


def in_own_process(function: Callable[..., Any], *arguments: Any) -> tuple[Any, float]:
    """Calls a function in a fresh process. Returns its result and the peak memory in GB.

    The peak includes what Python and the imported libraries take. Linux only.
    """
    with get_context('spawn').Pool(1) as pool:
        return pool.apply(_with_peak, (function, arguments))


def _with_peak(function: Callable[..., Any], arguments: tuple) -> tuple[Any, float]:
    result = function(*arguments)
    # getrusage's ru_maxrss would include what the parent held when it started this process.
    status = Path('/proc/self/status').read_text(encoding='utf-8').splitlines()
    (kilobytes,) = (line.split()[1] for line in status if line.startswith('VmHWM:'))
    return result, int(kilobytes) * 1024 / 1e9
