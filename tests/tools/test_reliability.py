"""Runs that are killed, signalled, torn or attacked, as a user meets them."""

import json
import os
import pickle
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from small_runs import SMALL, fails_with
from warm_start import WarmProcess

from dbl.commands.train import main
from dbl.results.comparison import differences
from dbl.training.run_files import checkpoints

pytestmark = pytest.mark.slow

# A checkpoint at every iteration, of three an epoch, and an evaluation after each of three epochs.
EVERY = ['checkpoint.iterations=1', 'log_every=2', 'epochs=3', 'evaluate_every=1']


@pytest.fixture(scope='module')
def words(root, photos):
    """What a training is started with that goes on where it was stopped."""

    def make(work_dir: Path, *options: str) -> list[str]:
        config = root / 'configs/custom/db_focal.py'
        words = [config, '--work-dir', work_dir, '--resume', '--cfg-options']
        return list(map(str, [*words, f'data_root={photos}', *SMALL, *EVERY, *options]))

    return make


@pytest.fixture(scope='module')
def start(root, words):
    """Starts it; returns the process."""

    def run(*arguments) -> WarmProcess:
        return WarmProcess([root / 'tools/train.py', *words(*arguments)], alone=True)

    return run


@pytest.fixture
def finish(words, run_here):
    """Trains to the end, in this process; returns what it printed."""

    def run(*arguments) -> str:
        process = run_here(main, *words(*arguments))
        assert process.returncode == 0, process.stderr
        assert 'arning' not in process.stderr
        return process.stdout

    return run


@pytest.fixture(scope='module')
def reference(start, tmp_path_factory):
    """A run that is left alone."""
    work_dir = tmp_path_factory.mktemp('runs') / 'reference'
    process = start(work_dir)
    _, errors = process.communicate(timeout=200)
    assert process.returncode == 0, errors
    return work_dir


def wait_for(process, work_dir, iteration: int) -> None:
    """Until a run has saved so many iterations."""
    deadline = time.monotonic() + 100
    while time.monotonic() < deadline:
        names = [path.stem for path in checkpoints(work_dir)] if work_dir.is_dir() else []
        done = [int(n.split('_')[1]) * (3 if n.startswith('epoch') else 1) for n in names]
        if max(done, default=0) >= iteration:
            return
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    raise AssertionError(f'no checkpoint of iteration {iteration} in {work_dir}')


def test_a_killed_run_ends_as_one_left_alone(start, finish, reference, tmp_path):
    work_dir = tmp_path / 'killed'
    for iteration in (1, 5, 6):
        process = start(work_dir)
        wait_for(process, work_dir, iteration)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    finish(work_dir)
    assert differences(reference, work_dir) == []
    (work_dir / 'metrics.json').unlink()
    output = finish(work_dir)  # stopped in its last evaluation
    assert 'loss' not in output, 'nothing is trained'
    assert 'arning' not in output
    assert differences(reference, work_dir) == []


@pytest.mark.parametrize('number', [signal.SIGTERM, signal.SIGUSR1, signal.SIGINT, signal.SIGHUP])
@pytest.mark.parametrize('send', [os.kill, os.killpg], ids=['process', 'group'])
def test_a_signal_saves_and_exits_with_a_status_of_its_own(
    start, finish, reference, tmp_path, number, send
):
    """A terminal signals its whole group, and a cluster one process, or all."""
    work_dir = tmp_path / 'stopped'
    process = start(work_dir, 'checkpoint.iterations=100')
    wait_for(process, work_dir, 3)
    send(process.pid, number)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 75, errors
    assert f'stopped by {number.name}; --resume goes on from here' in errors
    assert 'Traceback' not in errors
    finish(work_dir)
    assert differences(reference, work_dir) == []


def test_runs_that_differ_are_told_apart(finish, reference, tmp_path):
    finish(tmp_path / 'other', 'model.head.loss.mu=0.4')
    found = differences(reference, tmp_path / 'other')
    assert {name.split('.')[0] for name in found} == {
        'state_dict',
        'optimizer',
        'scalars',
        'metrics',
    }


def test_a_finished_run_that_trains_on_keeps_to_the_schedule(tool_here, tmp_path):
    """Three epochs, and two that became three, with a step after the second one."""
    options = ['schedule.milestones=[2]', 'schedule.warmup_share=None']
    for name, epochs in (('whole', [3]), ('extended', [2, 3])):
        for number in epochs:
            changes = [*options, f'epochs={number}']
            process = tool_here('train', '--work-dir', name, '--resume', options=changes)
            assert process.returncode == 0, process.stderr
    found = {key.split('.')[0] for key in differences(tmp_path / 'whole', tmp_path / 'extended')}
    assert found <= {'scalars'}, 'the evaluation of the second epoch'


def test_a_full_disk_leaves_the_checkpoint_before(tool, tool_here, tmp_path):
    assert tool_here('train').returncode == 0
    work_dir = tmp_path / 'work_dirs/custom/db_focal'
    size = checkpoints(work_dir)[-1].stat().st_size

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (size // 2, size // 2))

    # Batches of workers are files, too, and so are the pictures that these share.
    options = ['epochs=3', 'train_dataloader.num_workers=0']
    options += ['train_dataloader.dataset.memory_budget=0']
    process = tool('train', '--resume', options=options, preexec_fn=limit)
    fails_with(process, 'epoch_3.pth')
    assert 'File too large; what was saved before is intact' in process.stderr
    assert [path.name for path in checkpoints(work_dir)] == ['epoch_2.pth']
    resumed = tool_here('train', '--resume', options=['epochs=3'])
    assert resumed.returncode == 0, resumed.stderr
    assert 'goes on with other values: epochs 2 -> 3' in resumed.stdout


def test_other_training_data_or_another_length_of_the_epochs_is_refused(
    tool_here, tmp_path, photo_folder
):
    assert tool_here('train').returncode == 0
    longer = ['epochs=3']
    process = tool_here(
        'train', '--resume', options=[*longer, 'train_dataloader.sampler.draws_per_class=20']
    )
    fails_with(process, 'has epochs of 3 iterations, but the config and the training images give 7')
    table = photo_folder / 'train.csv'
    lines = table.read_text().splitlines()
    table.write_text('\n'.join([lines[0], *reversed(lines[1:])]))
    fails_with(
        tool_here('train', '--resume', options=longer), 'had other training images, or labels'
    )
    table.write_text('\n'.join(lines))
    assert (tmp_path / 'work_dirs/custom/db_focal/metrics.json').exists()
    process = tool_here('train', '--resume', options=longer)
    assert process.returncode == 0, process.stderr


def test_a_state_that_does_not_fit_is_named(tool_here, tmp_path):
    work_dir = tmp_path / 'work_dirs/custom/db_focal'
    assert tool_here('train', options=['epochs=1']).returncode == 0
    path = checkpoints(work_dir)[-1]
    checkpoint = torch.load(path, weights_only=True)
    meta = checkpoint['meta']
    for change in (
        {'optimizer': {}},
        {'log': []},
        {'meta': {**meta, 'rng_states': [{'python': 1}]}},
    ):
        torch.save({**checkpoint, **change}, path)
        fails_with(tool_here('train', '--resume'), 'does not fit the config')


class Payload:
    """What a malicious pickle holds: loaded, it makes a file."""

    def __init__(self, path) -> None:
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def test_nothing_in_a_file_is_executed(tool_here, tmp_path, photo_folder):
    executed = tmp_path / 'executed'
    pickle.loads(pickle.dumps(Payload(executed)))
    assert executed.is_dir(), 'the payload works'
    executed.rmdir()
    assert tool_here('train').returncode == 0
    path = checkpoints(tmp_path / 'work_dirs/custom/db_focal')[-1]
    checkpoint = torch.load(path, weights_only=True)
    for place in ('state_dict', 'meta', 'optimizer', 'log'):
        evil = {**checkpoint, place: {**checkpoint[place], 'evil': Payload(executed)}}
        torch.save(evil, path)
        fails_with(
            tool_here('test', path), 'is damaged, or is not a file of tensors and plain data'
        )
        resumed = tool_here('train', '--resume')
        fails_with(resumed, 'holds no whole checkpoint to go on from')
        assert 'is damaged, or is not a file of tensors' in resumed.stdout
    torch.save({'conv.weight': Payload(executed)}, tmp_path / 'evil.pth')
    weights = ['model.backbone.weights=evil.pth', *SMALL[2:]]
    fails_with(tool_here('train', '--work-dir', 'b', small=weights), 'is damaged')
    (photo_folder / 'evil.npz').write_bytes(pickle.dumps(Payload(executed)))
    vectors = ['model.head.word_vectors=evil.npz']
    assert tool_here('train', '--work-dir', 'c', row='ml_gcn', options=vectors).returncode == 1
    assert not executed.exists()


def test_text_in_a_checkpoint_is_not_run_as_a_config(tool_here, tmp_path):
    """mmengine ran it as Python where it resumed."""
    assert tool_here('train').returncode == 0
    path = checkpoints(tmp_path / 'work_dirs/custom/db_focal')[-1]
    checkpoint = torch.load(path, weights_only=True)
    checkpoint['meta']['config'] = f"import os\nos.mkdir('{tmp_path}/executed')"
    torch.save(checkpoint, path)
    resumed = tool_here('train', '--resume', options=['epochs=3'])
    fails_with(resumed, 'holds no whole checkpoint to go on from')
    assert "epoch_2.pth' is damaged: its config is not a JSON object" in resumed.stdout
    assert not (tmp_path / 'executed').exists()


def test_a_config_is_a_python_file(root, tmp_path):
    """mmengine would load a .yaml with a loader that executes what it says."""
    text = f'a: !!python/object/apply:os.mkdir ["{tmp_path}/executed"]'
    (tmp_path / 'evil.yaml').write_text(text)
    command = [sys.executable, str(root / 'tools/train.py'), str(tmp_path / 'evil.yaml')]
    process = subprocess.run(command, capture_output=True, text=True)
    fails_with(process, "evil.yaml' must be a Python file")
    assert not (tmp_path / 'executed').exists()


def test_a_loss_that_is_not_finite_ends_the_run_and_keeps_what_is_good(tool_here, tmp_path):
    options = [*EVERY, 'optimizer.lr=1e30', 'model.neck.norm=False']
    process = tool_here('train', options=options)
    fails_with(process, 'is kept; a training that has diverged needs a lower')
    good = checkpoints(tmp_path / 'work_dirs/custom/db_focal')[-1]
    assert f"checkpoint, '{good.relative_to(tmp_path)}', is kept" in process.stderr
    state_dict = torch.load(good, weights_only=True)['state_dict']
    assert all(value.isfinite().all() for value in state_dict.values() if value.is_floating_point())


def test_weights_that_are_not_finite_are_not_saved(tool_here, tmp_path):
    """Without the norm of the gradient, which is taken where it is clipped."""
    options = [*EVERY, 'optimizer.lr=1e38', 'clip_norm=None']
    fails_with(
        tool_here('train', options=options), 'is kept; a training that has diverged needs a lower'
    )
    good = checkpoints(tmp_path / 'work_dirs/custom/db_focal')[-1]
    state_dict = torch.load(good, weights_only=True)['state_dict']
    assert all(value.isfinite().all() for value in state_dict.values() if value.is_floating_point())


def test_deterministic_algorithms_give_one_result_twice(tool, tmp_path):
    for name in ('a', 'b'):
        process = tool('train', '--work-dir', name, options=['deterministic=True', *EVERY])
        assert process.returncode == 0, process.stderr
    assert differences(tmp_path / 'a', tmp_path / 'b') == []


def test_scalars_are_those_of_one_run(reference):
    lines = (reference / 'vis_data' / 'scalars.json').read_text().splitlines()
    steps = [(row['step'], 'lr' in row) for row in map(json.loads, lines)]
    assert steps == sorted(steps, key=lambda step: (step[0], not step[1]))
    assert len(steps) == len(set(steps))
    assert len(list((reference / 'vis_data').glob('events.out.*'))) == 1


@pytest.mark.parametrize('lost', ['> /dev/full', '| head -1', '>&- 2>&-'])
def test_a_training_outlives_its_terminal(root, photo_folder, tmp_path, lost):
    config, options = root / 'configs/custom/rs.py', [f'data_root={photo_folder}', *SMALL]
    command = [sys.executable, '-m', 'dbl', 'train', config, '--work-dir', 'run', '--cfg-options']
    shell = f'set -o pipefail; "$@" {lost}'
    process = subprocess.run(
        ['bash', '-c', shell, 'bash', *map(str, [*command, *options])],
        cwd=tmp_path, capture_output=True, text=True,
    )  # fmt: skip
    assert process.returncode == 0, process.stderr
    assert 'Traceback' not in process.stderr
    assert (tmp_path / 'run/metrics.json').exists()
    said = 'warning: the output could not be written: No space left on device; the files are whole'
    assert (said in process.stderr) == (lost == '> /dev/full')
