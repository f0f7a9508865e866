"""Trainings that are struck: the parts on trainings of twenty lines, the command on real ones."""

import json
import os
import signal
import subprocess
import sys
import time
from itertools import count
from pathlib import Path
from random import Random
from types import SimpleNamespace

import pytest
import torch

from dbl.chaos import campaign, damage, full_disk, moments, second_training, signals
from dbl.chaos.campaign import Campaign, Result, struck
from dbl.chaos.kinds import KINDS, Kind
from dbl.chaos.run import Reference, Run, left_alone
from dbl.chaos.strike import Strike, problems_of_ending
from dbl.chaos.training import Hangs, Training, children, group

pytestmark = pytest.mark.slow

# Writes what a training does, a checkpoint every 0.1 s, and takes an option for its faults.
FAKE = """
import json, os, pathlib, signal, subprocess, sys, time
folder, options = pathlib.Path(sys.argv[3]), sys.argv[4:]
if 'child=1' in options:
    subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])
def stop(number, frame):
    print(f'stopped by {signal.Signals(number).name}; --resume goes on from here')
    sys.exit(75)
if 'deaf=1' not in options:
    signal.signal(signal.SIGTERM, stop)
found = [int(path.stem[5:]) for path in folder.glob('iter_*.pth')]
print('starts here')
(folder / 'run.json').write_text('{"resolved": {"iterations_per_epoch": 100}, "seconds": 1.5}')
for number in range(max(found, default=-1) + 1, 9):
    part = folder / f'iter_{number}.pth.part'
    part.write_text('whole')
    time.sleep(0.06)
    part.rename(folder / f'iter_{number}.pth')
    time.sleep(0.04)
    if 'fails=1' in options and number == 4:
        sys.exit('error: out of luck')
"""


@pytest.fixture
def fake(tmp_path, monkeypatch):
    """Has runs train what only looks like a training, and be equal; returns a reference."""
    (tmp_path / 'fake.py').write_text(FAKE)
    monkeypatch.setattr('dbl.chaos.run.TRAIN', [sys.executable, str(tmp_path / 'fake.py')])
    monkeypatch.setattr(campaign, 'differences', lambda one, other: [])
    monkeypatch.setattr(damage, 'is_whole', lambda path: path.is_file() and path.stat().st_size > 0)
    return left_alone(tmp_path / 'reference', 'config', [])


@pytest.fixture
def run(fake, tmp_path):
    """Makes a run of what looks like a training."""
    numbers = count()

    def make(*options: str) -> Run:
        return Run(tmp_path / f'run_{next(numbers)}', 'config', options, fake)

    return make


@pytest.fixture
def python(tmp_path):
    """Starts some code as a training of the folder; it is ended in any case."""
    started = []

    def start(code: str, patience: float = 20) -> Training:
        command = [sys.executable, '-c', code]
        started.append(Training(command, tmp_path, tmp_path / 'output.txt', patience))
        return started[-1]

    yield start
    for training in started:
        training.kill()


SLEEP = 'import time; time.sleep(60)'


@pytest.mark.parametrize('seed', range(12))
def test_a_cut_file_is_a_shorter_beginning(tmp_path, seed):
    path, content = tmp_path / 'epoch_1.pth', os.urandom(200_000)
    path.write_bytes(content)
    said = damage.cut(path, Random(seed))
    left = path.read_bytes()
    assert len(left) < len(content)
    assert content.startswith(left)
    assert f'cut to {len(left)} of 200000 bytes' in said


def test_cuts_leave_nothing_little_and_much(tmp_path):
    path, sizes = tmp_path / 'epoch_1.pth', []
    for seed in range(40):
        path.write_bytes(bytes(10**6))
        damage.cut(path, Random(seed))
        sizes.append(path.stat().st_size)
    assert 0 in sizes
    assert any(0 < size < damage.SMALL for size in sizes)
    assert any(size > 500_000 for size in sizes)


@pytest.mark.parametrize('size', [1, 100, 50_000])
def test_one_bit_is_flipped(tmp_path, size):
    path, content = tmp_path / 'epoch_1.pth', os.urandom(size)
    for seed in range(10):
        path.write_bytes(content)
        damage.flip(path, Random(seed))
        one, other = (int.from_bytes(b, 'big') for b in (content, path.read_bytes()))
        assert (one ^ other).bit_count() == 1
        assert path.stat().st_size == size


def test_a_replaced_file_is_a_folder_or_a_link_to_nothing(tmp_path):
    found = set()
    for seed in range(10):
        path = tmp_path / f'{seed}.pth'
        path.write_bytes(b'content')
        damage.replace(path, Random(seed))
        assert not path.is_file()
        found.add('folder' if path.is_dir() else 'link' if path.is_symlink() else 'nothing')
        damage._put_back(path, b'content')
        assert path.read_bytes() == b'content'
        assert not path.is_symlink()
    assert found == {'folder', 'link'}


def test_a_checkpoint_that_is_cut_is_not_whole(tmp_path):
    path = tmp_path / 'epoch_1.pth'
    torch.save({'state_dict': {'weight': torch.zeros(1000)}}, path)
    assert damage.is_whole(path)
    path.write_bytes(path.read_bytes()[:2000])
    assert not damage.is_whole(path)


def test_waiting_ends_with_the_condition_or_the_training(python):
    begin = time.monotonic()
    assert moments.until(python(SLEEP), lambda: time.monotonic() > begin + 0.2)
    assert time.monotonic() >= begin + 0.2
    assert not moments.until(python('pass'), lambda: False)


def test_a_training_that_does_not_go_on_is_killed(python):
    training = python(SLEEP, patience=0.3)
    with pytest.raises(Hangs, match='does not go on'):
        moments.until(training, lambda: False)
    assert training.status == -signal.SIGKILL
    with pytest.raises(Hangs, match='does not end'):
        python(SLEEP, patience=0.3).wait()


def test_a_process_that_a_training_leaves_behind_is_noticed(python):
    code = f'import subprocess, sys; subprocess.Popen([sys.executable, "-c", {SLEEP!r}])'
    training = python(code, patience=1)
    with pytest.raises(Hangs, match='leaves processes behind'):
        training.wait()
    time.sleep(0.1)
    assert group(training.pid) == []


def test_a_random_moment_is_after_the_start(fake, run):
    """But for one in ten."""
    assert fake.start_up > 0
    assert fake.seconds > 0.8, 'nine checkpoints'
    for chance, has_begun in ((0.05, False), (0.5, True)):
        rng = SimpleNamespace(random=lambda own=chance: own, uniform=lambda low, high: 0.0)
        with run() as own:
            training = own.training
            assert moments.at_random(training, fake, rng)
            assert training.has_begun == has_begun


def test_a_signal_that_is_ignored_here_is_heeded_there(python):
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        training = python(SLEEP)
    finally:
        signal.signal(signal.SIGINT, before)
    time.sleep(0.5)
    training.send(signal.SIGINT)
    assert training.wait() in (-signal.SIGINT, 1)


def test_the_children_of_a_training_are_found(run):
    with run('child=1') as own:
        training = own.training
        assert moments.until(training, lambda: children(training.pid))
        (child,) = children(training.pid)
        assert sorted(group(training.pid)) == sorted([training.pid, child])
        training.kill()
        time.sleep(0.1)
        assert group(training.pid) == []


@pytest.mark.parametrize(
    ('code', 'problems'),
    [
        ('import sys; print("a line"); sys.exit("error: no room")', 0),
        ('1 / 0', 2),
        ('import sys; print("error: no room"); sys.exit(3)', 1),
        ('import sys; sys.exit(1)', 1),
    ],
)
def test_a_sentence_is_told_from_a_traceback(python, code, problems):
    training = python(code)
    training.wait()
    assert len(problems_of_ending(training)) == problems


def evaluated(folder: Path, steps: list[int], newest: str) -> None:
    """Writes what a run of three iterations an epoch has, after some evaluations."""
    (folder / 'vis_data').mkdir(parents=True, exist_ok=True)
    rows = [row for step in steps for row in ({'lr': 1, 'step': step}, {'mAP': 0.5, 'step': step})]
    text = ''.join(json.dumps(row) + '\n' for row in rows)
    (folder / 'vis_data' / 'scalars.json').write_text(text)
    (folder / 'run.json').write_text(json.dumps({'resolved': {'iterations_per_epoch': 3}}))
    (folder / newest).touch()


def test_an_evaluation_is_seen_by_what_is_there_and_what_is_not(tmp_path):
    reference, folder = tmp_path / 'reference', tmp_path / 'run'
    evaluated(reference, [3, 9], 'epoch_3.pth')
    run = SimpleNamespace(folder=folder, reference=SimpleNamespace(folder=reference))
    begun = SimpleNamespace(has_begun=True)
    for steps, newest, expected in (
        ([], 'iter_1.pth', False),
        ([], 'epoch_1.pth', True),
        ([3], 'epoch_1.pth', False),
        ([3], 'epoch_2.pth', False),  # which the reference does not evaluate
        ([3], 'epoch_3.pth', True),
        ([3, 9], 'epoch_3.pth', False),
    ):
        evaluated(folder, steps, newest)
        assert moments.is_evaluating(run, begun) == expected, (steps, newest)
    evaluated(folder, [3], 'epoch_3.pth')
    assert not moments.is_evaluating(run, SimpleNamespace(has_begun=False))


def test_a_kill_while_saving_leaves_a_part(run):
    with run() as own:
        strike = signals.kill_saving(own, Random(1))
        assert strike.hit
        assert strike.problems == ()
        assert '.pth.part' in strike.what


def test_a_signal_has_to_save_and_be_named(run):
    with run() as own:
        moments.until(own.training, lambda: own.training.has_saved)
        rng = Random(0)
        strike = signals.send(signal.SIGTERM)(own, rng)
        assert strike.hit
        assert strike.problems == ()
    with run('deaf=1') as own:
        moments.until(own.training, lambda: own.training.has_saved)
        strike = signals.send(signal.SIGTERM)(own, rng)
        assert strike.problems == ('status -15 after SIGTERM',)


def test_a_run_that_has_nothing_left_is_not_struck(run):
    with run() as own:
        own.training.wait()
        assert own.over
        assert list(struck(KINDS['kill'], own, 3, Random(0))) == []
    with run('fails=1') as own:
        own.training.wait()
        assert own.failed
        assert campaign.ending(own) == ['ends by itself with status 1: error: out of luck']


def test_two_that_train_in_one_folder_are_a_failure(run):
    """What looks like a training holds no lock."""
    with run() as own:
        strike = second_training.start_second(own, Random(2))
        assert strike.problems == ('both train',)


def test_strikes_are_counted_by_the_end_of_their_run():
    good, bad = Strike('a cut'), Strike('a kill', hit=False, problems=('a traceback',))
    result = Result()
    result.add(Path('a'), [good, good], [])
    result.add(Path('b'), [good], ['3 values differ'])
    result.add(Path('c'), [good, bad], [])
    assert (result.tried, result.survived, result.hits) == (5, 3, 4)
    assert result.failures == ['b: 3 values differ', 'c: a traceback (a kill)']


def test_a_campaign_strikes_as_often_as_it_is_told(fake, tmp_path, monkeypatch):
    said = []
    own = Campaign(tmp_path, 'config', [], fake, say=said.append)
    result = own.try_kind('kill', 3)
    assert (result.tried, result.survived, result.failures) == (3, 3, [])
    assert len(said) == 3
    monkeypatch.setattr(campaign, 'differences', lambda one, other: ['state_dict.weight'])
    result = own.try_kind('kill_main', 1)
    assert (result.tried, result.survived) == (1, 0)
    assert 'kill_main_' in result.failures[0]
    assert '1 values differ, such as state_dict.weight' in result.failures[0]


def test_a_run_that_was_faster_than_the_reference_sets_the_pace(fake, tmp_path, monkeypatch):
    monkeypatch.setattr(campaign, 'SPARE', 0)
    slow = fake._replace(seconds=100.0)
    monkeypatch.setitem(KINDS, 'never', Kind(lambda run, rng: run.training.wait() or None, ''))
    own = Campaign(tmp_path, 'config', [], slow)
    own.try_kind('never', 1)
    assert own.reference.seconds == 1.5


def test_a_kind_that_cannot_be_aimed_is_a_failure(fake, tmp_path, monkeypatch):
    monkeypatch.setattr(campaign, 'SPARE', 0)
    monkeypatch.setitem(KINDS, 'never', Kind(lambda run, rng: run.training.wait() or None, ''))
    result = Campaign(tmp_path, 'config', [], fake).try_kind('never', 1)
    assert result.failures == ['never: only 0 of 1 tries came to a strike']
    result = Campaign(tmp_path, 'config', [], fake).try_kind('kill_worker', 1)
    assert 'train_dataloader.num_workers=1' in result.unable
    assert result.tried == 0
    assert result.failures == []


def test_a_small_disk_fills_up_and_leaves_its_files(tmp_path):
    if not full_disk.may_mount():
        pytest.skip('this user may not mount a disk')
    folder = tmp_path / 'disk'
    with full_disk.small_disk(folder, 2**20):
        full_disk.fill(folder / 'filler', 100_000)
        (folder / 'small').write_bytes(bytes(80_000))
        with pytest.raises(OSError, match='No space left'):
            (folder / 'large').write_bytes(bytes(120_000))
        (folder / 'filler').unlink()
    assert not folder.is_mount()
    assert (folder / 'small').stat().st_size == 80_000


def test_what_differs_of_a_run_is_named(tmp_path, write_run):
    (problem,) = campaign.differences_from(write_run(tmp_path / 'a'), write_run(tmp_path / 'b'))
    assert problem.startswith('cannot be compared: ')


def test_another_system_is_refused_before_anything_of_linux_is_imported():
    code = """
import sys
from dbl.commands.chaos import main
assert not any(name.startswith('dbl.chaos') for name in sys.modules)
sys.modules['dbl.chaos'], sys.platform = None, 'win32'
main()
"""
    process = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True)
    assert process.returncode == 1
    assert process.stderr.startswith('error: chaos finds the processes of a training in /proc')
    assert 'Traceback' not in process.stderr


def test_a_reference_waits_longer_than_a_run_takes():
    reference = Reference(Path('reference'), 5, 20, True, 1000)
    assert reference.patience > 60 + reference.start_up + reference.seconds


def test_real_trainings_end_as_one_left_alone(tool, tmp_path):
    every = ['checkpoint.iterations=1', 'checkpoint.keep=3', 'epochs=8', 'evaluate_every=1']
    kinds = 'kill_saving', 'cut'
    arguments = ['--kinds', *kinds, '--tries', '1', '--work-dir', 'chaos']
    process = tool('chaos', *arguments, options=[*every, 'train_dataloader.num_workers=1'])
    assert process.returncode == 0, process.stdout + process.stderr
    rows = [line.split('│') for line in process.stdout.splitlines() if line.startswith('│')]
    assert [(name.split(':')[0].strip(), *map(int, found)) for _, name, *found, _, _ in rows] == [
        (name, 1, 1) for name in kinds
    ]
    process = tool('chaos', *arguments)
    assert process.returncode == 1
    assert "'chaos' exists; delete it, or choose another --work-dir" in process.stderr
