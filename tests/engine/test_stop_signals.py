"""Workers of a loader, as processes of their own."""

import subprocess
import sys
import time

import pytest

SCRIPT = """
import multiprocessing, os, signal, sys, time
from dbl.engine.stop_signals import blocked_signals, start_worker

def work():
    time.sleep({delay})
    start_worker(None, 0)
    print('started', flush=True)
    time.sleep(100)

if __name__ == '__main__':
    worker = multiprocessing.get_context('{method}').Process(target=work)
    with blocked_signals():
        worker.start()
    print(worker.pid, flush=True)
    sys.stdin.readline()
    worker.terminate()
    worker.join()
    sys.exit(worker.exitcode)
"""


@pytest.fixture
def parent(tmp_path):
    """Starts a process that starts a worker, and ends it once it reads a line; returns both."""
    started = []

    def start(method: str, delay: float) -> tuple[subprocess.Popen, int]:
        (tmp_path / 'script.py').write_text(SCRIPT.format(method=method, delay=delay))
        command = [sys.executable, tmp_path / 'script.py']
        pipe = subprocess.PIPE
        process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)
        started.append(process)
        return process, int(process.stdout.readline())

    yield start
    for process in started:
        process.kill()


@pytest.mark.parametrize('method', ['fork', 'forkserver'])
def test_a_worker_whose_parent_died_before_it_began_ends(parent, method):
    process, _ = parent(method, delay=1)
    process.kill()
    # The worker holds the output open, which ends with the last who does.
    output, _ = process.communicate(timeout=30)
    assert output.strip() in ('', 'started')


@pytest.mark.parametrize('method', ['fork'])  # a fork server lets signals through before
def test_a_worker_ends_on_sigterm_of_its_parent_alone(parent, method):
    process, worker = parent(method, delay=0)
    assert process.stdout.readline() == 'started\n'
    subprocess.run(['kill', '-TERM', str(worker)], check=True)
    time.sleep(1)
    assert process.poll() is None
    begin = time.monotonic()
    process.communicate('end it\n', timeout=30)
    assert process.returncode == 0
    assert time.monotonic() - begin < 20, 'not after its sleep'
