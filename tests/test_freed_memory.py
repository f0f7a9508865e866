"""The memory of freed arrays, counted by the pages that the system has to give."""

import subprocess
import sys

import pytest

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


@pytest.mark.skipif(sys.platform != 'linux', reason="glibc's")
@pytest.mark.slow
@pytest.mark.parametrize('first', [KEEP, EVALUATE], ids=['when told to', 'where one evaluates'])
def test_freed_memory_is_used_again(first):
    otherwise = faults('')
    if otherwise == 0:
        pytest.skip('page faults are not counted here')
    assert faults(first) < otherwise / 10
