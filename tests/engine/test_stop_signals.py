"""Workers of a loader, as processes of their own."""

import os
import signal
import subprocess
import sys

import pytest

# Blocked from the start, as blocked_signals() has it: also in threads of the imported libraries.
WORKER = """
import signal, time
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
from dbl.engine.stop_signals import start_worker
start_worker({parent}, None, 0)
print('started', flush=True)
time.sleep(100)
"""


def started_worker(parent: int) -> subprocess.Popen:
    command = [sys.executable, '-c', WORKER.format(parent=parent)]
    worker = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert worker.stdout.readline() in ('started\n', '')
    return worker


def test_a_worker_whose_parent_died_before_it_began_ends():
    gone = subprocess.Popen(['true'])
    gone.wait()
    assert started_worker(gone.pid).wait(timeout=20) == 0


def test_a_worker_ends_on_sigterm_of_its_parent_alone():
    worker = started_worker(os.getpid())
    subprocess.run(['kill', '-TERM', str(worker.pid)], check=True)
    with pytest.raises(subprocess.TimeoutExpired):
        worker.wait(timeout=2)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(timeout=20) == 0
