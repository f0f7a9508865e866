"""What commands print: control characters are shown, and a terminal that is gone ends nothing."""

import errno
import io
import os
import subprocess
import sys
from contextlib import redirect_stderr

import cv2
import numpy as np
import pytest
import torch

from dbl.commands.ending import exits_on_bad_input
from dbl.terminal import terminal, visible

COMMAND = """
import sys
from dbl.console import VisibleConsole
from dbl.commands.ending import exits_on_bad_input
from dbl.errors import InputError
from rich.table import Table

@exits_on_bad_input(writes_files={writes_files})
def main():
    name = {name!r}
    for _ in range({lines}):
        print(f'printed {{name}}')
    table = Table(f'header {{name}}.')
    table.add_row(f'cell {{name}}')
    VisibleConsole(markup=False).print(table)
    print(f'said {{name}}', file=sys.stderr)
    if {fails}:
        raise InputError(f'failed {{name}}')

main()
"""


@pytest.fixture
def run():
    def run(name='\x1b[2J', writes_files=False, lines=1, fails=False, env=None, shell=''):
        text = COMMAND.format(name=name, writes_files=writes_files, lines=lines, fails=fails)
        command = ['bash', '-c', f'exec "$@" {shell}', 'bash', sys.executable, '-c', text]
        return subprocess.run(command, env=env, capture_output=True, text=True)

    return run


@pytest.mark.parametrize('name', ['\x1b[2J', '\x9b2J', '\r', '\b', '\x07', '\u202e', '\u2028'])
def test_control_characters_are_shown(run, name):
    process = run(name, fails=True)
    shown = name.encode('unicode_escape').decode()
    assert f'printed {shown}' in process.stdout
    if name not in '\r\b\x07\u2028':  # which rich leaves out of tables, or breaks lines at
        assert f'header {shown}' in process.stdout
        assert f'cell {shown}' in process.stdout
    assert f'said {shown}' in process.stderr
    assert name not in process.stdout + process.stderr
    assert process.stderr.splitlines()[-1].startswith('error: failed')
    assert process.returncode == 1


@pytest.mark.parametrize('name', ['Ærø', '中国', 'नमस्ते', 'a\u200db', '🐈'])
def test_letters_of_any_language_stay(run, name):
    assert visible(name) == name
    process = run(name)
    assert f'printed {name}' in process.stdout
    assert f'cell {name}' in process.stdout


def test_a_command_within_another_may_lead_its_errors_elsewhere(monkeypatch):
    """It raised AttributeError, since it looked for the outer command's stream there."""
    monkeypatch.setattr(sys, 'stdout', io.StringIO())
    with terminal(), redirect_stderr(io.StringIO()) as errors, terminal():
        print('said \x1b[2J', file=sys.stderr)
    assert errors.getvalue() == 'said \\x1b[2J\n'


def test_letters_that_the_terminal_lacks_are_written_out(run):
    process = run('Ærø', env={'PYTHONIOENCODING': 'ascii', 'LC_ALL': 'C'})
    assert process.returncode == 0, process.stderr
    assert r'printed \xc6r\xf8' in process.stdout


@pytest.mark.parametrize('writes_files', [True, False])
def test_a_reader_that_has_enough_is_no_fault(run, writes_files):
    process = run(lines=100_000, writes_files=writes_files, shell='| head -1')
    assert process.stdout.splitlines() == [r'printed \x1b[2J']
    assert process.stderr.splitlines() == [r'said \x1b[2J']


def test_output_that_is_lost_is_said(run):
    process = run(shell='> /dev/full')
    assert process.returncode == 1
    expected = 'error: the output could not be written: No space left on device'
    assert process.stderr.splitlines() == [r'said \x1b[2J', expected]


def test_what_writes_files_has_not_failed_without_its_output(run):
    process = run(writes_files=True, shell='> /dev/full')
    assert process.returncode == 0
    assert process.stderr.splitlines()[-1].startswith('warning: the output could not be written')


@pytest.mark.parametrize('shell', ['>&-', '2>&-', '>&- 2>&-', '> /dev/full 2> /dev/full'])
def test_a_closed_terminal_is_no_fault(run, shell):
    assert run(writes_files=True, lines=10_000, shell=shell).returncode == 0


def test_a_worker_that_was_killed_is_a_sentence(capsys):
    @exits_on_bad_input
    def main():
        raise RuntimeError('DataLoader worker (pid 5) is killed by signal: Killed.')

    with pytest.raises(SystemExit):
        main()
    said = capsys.readouterr().err
    assert said.startswith(
        'error: DataLoader worker (pid 5) is killed by signal: Killed. Something'
    )


def no_gpu_memory():
    raise torch.OutOfMemoryError('CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has')


def no_gpu_memory_with_advice():
    raise RuntimeError('CUDA error: out of memory\nCompile with `TORCH_USE_CUDA_DSA` to enable it.')


def no_process():
    raise OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))


def no_mapping():
    raise OSError(errno.ENOMEM, os.strerror(errno.ENOMEM), 'x.npy')


def a_worker_s():
    raise MemoryError('Caught MemoryError in DataLoader worker process 0.\nTraceback\nMemoryError')


@pytest.mark.parametrize(
    ('taken', 'said'),
    [
        (no_gpu_memory, 'CUDA out of memory. Tried to allocate 2.00 GiB'),
        (no_gpu_memory_with_advice, 'CUDA error: out of memory'),
        (no_process, 'Cannot allocate memory'),
        (no_mapping, 'x.npy'),
        (a_worker_s, 'MemoryError'),
        (lambda: bytearray(2**50), 'out of memory'),
        (lambda: np.empty(2**50), 'Unable to allocate 8.00 PiB'),
        (lambda: torch.empty(2**50), "can't allocate memory"),
        (lambda: cv2.resize(np.zeros((9, 9, 3), np.uint8), (2**20, 2**20)), 'Insufficient memory'),
    ],
    ids=['GPU', 'advice', 'fork', 'mapping', 'worker', 'Python', 'numpy', 'torch', 'OpenCV'],
)
def test_a_lack_of_memory_is_a_sentence_that_names_what_takes_less(taken, said, capsys):
    with pytest.raises(SystemExit):
        exits_on_bad_input(taken)()
    line = capsys.readouterr().err
    assert line.startswith('error: ')
    assert said in line
    assert line.count('\n') == 1
    assert 'Smaller batches take less: train_dataloader.batch_size' in line


def test_another_failure_keeps_its_traceback():
    def main():
        raise RuntimeError('a fault in the program')

    with pytest.raises(RuntimeError, match='a fault'):
        exits_on_bad_input(main)()


def test_help_that_is_lost_is_said(run):
    command = f'{sys.executable} -m dbl table1 show --help > /dev/full'
    process = subprocess.run(['bash', '-c', command], capture_output=True, text=True)
    assert process.returncode == 1
    assert process.stderr.startswith('error: the output could not be written')
