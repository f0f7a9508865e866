import subprocess
import sys

import pytest

COUNT_FAULTS = """
import resource
import numpy as np
from dbl.engine.freed_memory import keep_freed_memory
if {kept}:
    keep_freed_memory()
faults = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_minflt
np.ones(2**23)
before = faults()
for _ in range(20):
    np.ones(2**23)
print(faults() - before)
"""


def faults(kept: bool) -> int:
    command = [sys.executable, '-c', COUNT_FAULTS.format(kept=kept)]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


@pytest.mark.skipif(sys.platform != 'linux', reason="glibc's")
def test_freed_memory_is_used_again():
    otherwise = faults(kept=False)
    if otherwise == 0:
        pytest.skip('page faults are not counted here')
    assert faults(kept=True) < otherwise / 10
