"""Two trainings in one folder: the second one is refused, whatever became of the first."""

import json
import os
import signal
import subprocess
import sys

import pytest

from dbl.errors import InputError
from dbl.training.run_folder import RunFolder

# Holds a folder, forks a worker as a loader does, says so, and waits.
HOLD = """
import os, sys, time
from dbl.training.run_folder import RunFolder
with RunFolder(sys.argv[1], resume=True):
    if os.fork() == 0:
        print('held', flush=True)
        os.close(1)
        time.sleep(30)
        os._exit(0)
    sys.stdin.readline()
"""


@pytest.fixture
def holder(tmp_path):
    """Starts a process that holds a folder, and returns it."""
    pipe = subprocess.PIPE
    command = [sys.executable, '-c', HOLD, str(tmp_path / 'run')]
    process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, start_new_session=True)
    assert process.stdout.readline() == 'held\n'
    yield process
    os.killpg(process.pid, signal.SIGKILL)


@pytest.mark.parametrize('how', [{}, {'resume': True}, {'overwrite': True}], ids=str)
def test_a_second_training_is_refused_and_touches_nothing(holder, tmp_path, how):
    (tmp_path / 'run' / 'iter_3.pth').write_bytes(b'its checkpoint')
    with pytest.raises(InputError) as error, RunFolder(tmp_path / 'run', **how):
        pass
    for part in (f"in '{tmp_path}/run': host ", f"process {holder.pid}, since '20", 'wait for it'):
        assert part in str(error.value)
    assert (tmp_path / 'run' / 'iter_3.pth').read_bytes() == b'its checkpoint'
    assert not (tmp_path / 'run' / 'replaced').exists()


def test_the_lock_falls_with_the_main_process_alone(holder, tmp_path):
    """Its forked worker lives on for a while, and does not keep it."""
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    os.killpg(holder.pid, 0)  # the worker is there
    with RunFolder(tmp_path / 'run', resume=True):
        pass


def test_it_is_gone_at_the_end(holder, tmp_path):
    holder.communicate('end\n', timeout=10)
    assert not (tmp_path / 'run').exists(), 'nothing was trained'
    with RunFolder(tmp_path / 'run') as run:
        assert json.loads((run.path / 'running.json').read_text())['pid'] == os.getpid()
        (run.path / 'epoch_1.pth').touch()
    assert [path.name for path in (tmp_path / 'run').iterdir()] == ['epoch_1.pth']


def test_a_training_of_another_host_is_named_with_the_way_to_break_it(tmp_path):
    record = tmp_path / 'running.json'
    (tmp_path / 'lock').touch()
    record.write_text(json.dumps({'host': 'elsewhere', 'pid': 7, 'since': 'yesterday'}))
    with pytest.raises(InputError, match="host 'elsewhere', process 7, since 'yesterday'") as error:
        RunFolder(tmp_path, resume=True).__enter__()
    assert f"delete '{record}'" in str(error.value)
    assert (tmp_path / 'lock').exists(), "it is the other training's"
    record.unlink()
    with RunFolder(tmp_path, resume=True):
        pass


def test_what_another_training_wrote_is_printed_escaped(tmp_path):
    said = {'host': 'a\x1b[2J', 'pid': 'b\n', 'since': {'c': '\u202e'}}
    (tmp_path / 'running.json').write_text(json.dumps(said))
    with pytest.raises(InputError) as error:
        RunFolder(tmp_path).__enter__()
    assert r"host 'a\x1b[2J', process 'b\n', since {'c': '\u202e'}" in str(error.value)


def test_the_end_is_clean_wherever_the_process_is(tmp_path, monkeypatch):
    (tmp_path / 'other').mkdir()
    monkeypatch.chdir(tmp_path)
    with RunFolder('runs/run') as run:
        assert str(run.path) == 'runs/run'
        monkeypatch.chdir(tmp_path / 'other')
    assert [path.name for path in tmp_path.rglob('*')] == ['other']


@pytest.mark.parametrize('record', ['{', '[]', '{"host": 3}'])
def test_a_damaged_record_of_this_host_is_no_matter(tmp_path, record):
    (tmp_path / 'running.json').write_text(record)
    if '3' in record:
        with pytest.raises(InputError, match='host 3'):
            RunFolder(tmp_path).__enter__()
        return
    with RunFolder(tmp_path):
        pass
