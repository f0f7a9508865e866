"""Signals to a training, and to the workers of a loader, as processes of their own."""

import os
import signal
import subprocess
import sys
import threading
import time
from types import SimpleNamespace

import pytest

import dbl
from dbl.commands.train import main
from dbl.errors import InputError
from dbl.training.stop_signals import SIGNALS, STOPPED, StopSignals

SCRIPT = """
import multiprocessing, os, signal, sys, time
from dbl.training.stop_signals import blocked_signals, leave_signals_to_the_parent

def work():
    time.sleep({delay})
    leave_signals_to_the_parent()
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


@pytest.fixture
def interruptible():
    """Ctrl-C as it is in a terminal: a process in the background begins with it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize('number', SIGNALS)
def test_a_signal_is_noted_for_as_long_as_a_training_lasts(number, interruptible):
    before = [signal.getsignal(each) for each in SIGNALS]
    try:
        with StopSignals() as signals:
            assert signals.received is None
            os.kill(os.getpid(), number)
            time.sleep(0.01)
            assert signals.received == number.name
        assert [signal.getsignal(each) for each in SIGNALS] == before
        with StopSignals() as signals:
            os.kill(os.getpid(), number)
            time.sleep(0.01)
            assert signals.received == number.name, 'in a second training, too'
    finally:
        for each, handler in zip(SIGNALS, before, strict=True):
            signal.signal(each, handler)


def test_without_a_signal_all_is_as_it_was():
    before = [signal.getsignal(each) for each in SIGNALS]
    with StopSignals():
        assert [signal.getsignal(each) for each in SIGNALS] != before
    assert [signal.getsignal(each) for each in SIGNALS] == before


@pytest.mark.parametrize('number', SIGNALS)
def test_a_second_signal_while_the_command_ends_changes_nothing(monkeypatch, number, tmp_path):
    """Its status says that it saved."""

    def stopped(experiment, run):
        raise SystemExit(STOPPED)

    before = [signal.getsignal(each) for each in SIGNALS]
    monkeypatch.setattr(dbl, 'train', stopped)
    monkeypatch.setattr('sys.argv', ['train', 'demo/erm', '--work-dir', str(tmp_path / 'run')])
    built = SimpleNamespace(config=SimpleNamespace(seed=0))
    monkeypatch.setattr(dbl, 'build_experiment', lambda config, pretrained: built)
    try:
        with pytest.raises(SystemExit) as exit_:
            main()
        os.kill(os.getpid(), number)
        time.sleep(0.01)
    finally:
        for each, handler in zip(SIGNALS, before, strict=True):
            signal.signal(each, handler)
    assert exit_.value.code == STOPPED


def test_a_seed_that_is_given_twice_is_refused(monkeypatch):
    options = ['demo/erm', '--seed', '1', '--cfg-options', 'seed=2']
    monkeypatch.setattr('sys.argv', ['train', *options])
    with pytest.raises(InputError, match='got --seed 1 and seed=2; leave one out'):
        main.__wrapped__()


def test_in_another_thread_nothing_is_noted():
    """Python gives signals to the main one alone."""
    found = []

    def run():
        with StopSignals() as signals:
            found.append(signals.received)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert found == [None]
