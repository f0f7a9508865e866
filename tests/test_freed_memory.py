"""The memory of freed arrays, counted by the pages that the system has to give."""

import subprocess
import sys
from types import SimpleNamespace

import pytest

from dbl.freed_memory import ALLOWED, MMAP_THRESHOLD, TRIM_THRESHOLD, keep_freed_memory

COUNT_FAULTS = """
import resource
import numpy as np
{first}
faults = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_minflt
np.ones(2**26)
before = faults()
for _ in range(5):
    np.ones(2**26)  # half a GB, as the map of a batch of 128 images
print(faults() - before)
"""
KEEP = 'from dbl.freed_memory import keep_freed_memory; keep_freed_memory()'
EVALUATE = """
from dbl import build_experiment, evaluate, load_config
config = load_config('demo/db_focal', {'test_dataloader.num_workers': 0})
evaluate(build_experiment(config, training=False))
"""


def faults(first: str) -> int:
    command = [sys.executable, '-c', COUNT_FAULTS.format(first=first)]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


@pytest.fixture(scope='module')
def otherwise() -> int:
    found = faults('')
    if found == 0:
        pytest.skip('page faults are not counted here')
    return found


@pytest.mark.skipif(sys.platform != 'linux', reason="glibc's")
@pytest.mark.slow
@pytest.mark.parametrize('first', [KEEP, EVALUATE], ids=['when told to', 'where one evaluates'])
def test_freed_memory_is_used_again(first, otherwise):
    assert faults(first) < otherwise / 10


def test_an_older_glibc_is_asked_for_what_it_takes(monkeypatch):
    """It refuses more, and without a threshold each array above 128 KB would go back."""
    asked = []

    def mallopt(parameter, value):
        asked.append((parameter, value))
        return parameter == TRIM_THRESHOLD or value <= ALLOWED

    monkeypatch.setattr('ctypes.CDLL', lambda name: SimpleNamespace(mallopt=mallopt))
    keep_freed_memory()
    assert asked[-1] == (MMAP_THRESHOLD, ALLOWED)
