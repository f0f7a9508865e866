"""Many runs, as a user starts them: runs of seconds on a folder of pictures."""

import os
import signal
import subprocess
import sys
import time

import pytest
from small_runs import SMALL, fails_with

from dbl.commands.table1 import main
from dbl.training.run_folder import RunFolder

pytestmark = pytest.mark.slow


@pytest.fixture
def start(root, photo_folder, tmp_path):
    """Starts ``tools/table1.py run`` on the config of one's own data."""

    def start(*arguments: str, options=()) -> subprocess.Popen:
        words = [sys.executable, root / 'tools/table1.py', 'run', '--dataset', 'custom', *arguments]
        words += ['--cfg-options', f'data_root={photo_folder}', *SMALL, *options]
        return subprocess.Popen(
            list(map(str, words)), cwd=tmp_path, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip

    return start


@pytest.fixture
def table1(run_here, photo_folder, monkeypatch):
    """Runs it here to its end; its trainings are processes all the same."""
    monkeypatch.setenv('COLUMNS', '150')

    def run(command: str, *arguments: str, options=()) -> subprocess.CompletedProcess:
        options = ['--cfg-options', f'data_root={photo_folder}', *SMALL, *options]
        options = options if command == 'run' else []
        return run_here(main, command, '--dataset', 'custom', *arguments, *options)

    return run


def test_trains_what_is_not_finished_and_lists_what_failed(table1, tmp_path):
    rows = ('--rows', 'rs', 'db_focal')
    fails_with(table1('show', *rows), 'holds no finished run; `python -m dbl table1 run')
    folder = tmp_path / 'work_dirs' / 'table1' / 'custom'
    with RunFolder(folder / 'rs' / 'seed_1'):  # as if another training went on there
        first = table1('run', *rows, '--seeds', '0', '1', '--jobs', '2')
    assert first.returncode == 1
    assert '0 of 4 runs are finished, 4 to train' in first.stdout
    assert 'error: 1 of the runs failed' in first.stderr
    assert 'custom rs seed 1 (' in first.stderr
    assert f"a training is in '{folder.relative_to(tmp_path)}/rs/seed_1'" in first.stderr
    assert '│ RS       │ 1 │' in first.stdout, 'the table of the others'
    trained = {path.parent: path.stat().st_mtime_ns for path in folder.rglob('metrics.json')}
    assert len(trained) == 3, 'the others went on'

    (folder / 'db_focal' / 'seed_0' / 'metrics.json').write_text('{"mAP/total": 0.')
    shown = table1('show', *rows)
    damaged = f"'{folder.relative_to(tmp_path)}/db_focal/seed_0/metrics.json' is damaged: "
    assert shown.stderr.startswith(damaged)
    assert shown.stderr.endswith('; the run is left out\n')
    assert 'missing, by seed: rs (1)' in shown.stdout
    second = table1('run', *rows, '--seeds', '0', '1')
    assert second.stderr.startswith(damaged)
    assert second.stderr.count('; custom db_focal seed 0 is trained again\n') == 1
    assert second.returncode == 0, second.stderr
    assert '2 of 4 runs are finished, 2 to train' in second.stdout
    again = {path.parent: path.stat().st_mtime_ns for path in folder.rglob('metrics.json')}
    assert len(again) == 4
    kept = [path for path, made in trained.items() if again[path] == made]
    assert len(kept) == 2, 'and are not trained again'
    assert '│ DB-Focal │ 2 │' in second.stdout

    options = ['model.neck.dropout=0.1']
    other = table1('run', *rows, '--seeds', '0', '2', options=options)
    fails_with(other, 'holds a run with other values: model.neck.dropout 0.5 -> 0.1')
    assert not (folder / 'rs' / 'seed_2').exists(), 'nothing is trained'


def test_goes_on_where_it_was_stopped(start, table1, tmp_path):
    folder = tmp_path / 'work_dirs' / 'table1' / 'custom' / 'rs' / 'seed_0'
    options = ['epochs=80', 'checkpoint.spacing=None']
    process = start('--rows', 'rs', '--seeds', '0', options=options)
    deadline = time.monotonic() + 100
    while not list(folder.glob('epoch_*.pth')):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.2)
    os.killpg(process.pid, signal.SIGINT)  # as ^C in a terminal does
    process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGINT
    log = (folder / 'log.txt').read_text()
    assert 'stopped by SIGTERM' in log, 'the training saved, and is gone'
    assert not (folder / 'metrics.json').exists()
    finished = table1('run', '--rows', 'rs', '--seeds', '0', options=options)
    assert finished.returncode == 0, finished.stderr
    log = (folder / 'log.txt').read_text()
    assert 'goes on with' in log
    assert log.count('epoch 1/80 ') == 1, 'and is not made again'
    assert (folder / 'metrics.json').exists()


@pytest.mark.parametrize('arguments', [
    ('--seeds', '-1'), ('--seeds', '1099511627776'), ('--jobs', '0'), ('--jobs', '-1'),
])  # fmt: skip
def test_numbers_are_checked_at_the_start(table1, arguments):
    process = table1('run', *arguments)
    assert process.returncode == 2
    assert process.stderr.split('but got ')[1].strip("'\n") == arguments[1]


@pytest.mark.parametrize(('arguments', 'sentence'), [
    (('--dataset', 'pascal'), "--dataset 'pascal' is unknown; choose from"),
    (('--dataset', '/tmp'), "--dataset '/tmp' is unknown; choose from"),
    (('--rows', 'db_focl'), "--rows 'db_focl' is unknown; choose from db_focal"),
])  # fmt: skip
def test_says_what_it_does_not_know(table1, arguments, sentence):
    fails_with(table1('show', *arguments), sentence)
