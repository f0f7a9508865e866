import json
import os
import pickle
import signal
import sys
import time
from argparse import ArgumentParser
from concurrent.futures import Future
from contextlib import closing, nullcontext
from pathlib import Path

import pytest
import torch

import dbl
from dbl.commands.sweep_options import add_sweep_arguments, executor_of
from dbl.config import load_config, parse_options
from dbl.config_values import plain_values
from dbl.errors import InputError
from dbl.sweeps import (
    Cluster,
    Processes,
    TrainingJob,
    run_jobs,
)
from dbl.sweeps.sweep import build_parts, check_begun, check_trainable, unfinished
from dbl.training.run_folder import RunFolder


class Steps:
    """An executor whose jobs end in the order of their seeds, one a look."""

    def __init__(self, at_once: int, fails: int) -> None:
        self.at_once, self.fails = at_once, fails
        self.begun, self.most, self.stopped = [], 0, False

    def submit(self, job: TrainingJob) -> Future:
        self.begun.append((job, Future()))
        open_jobs = [pair for pair in self.begun if not pair[1].done()]
        self.most = max(self.most, len(open_jobs))
        if len(open_jobs) == self.at_once or job.seed == 4:
            for done, future in open_jobs:
                error = RuntimeError('no luck') if done.seed == self.fails else None
                future.set_exception(error) if error else future.set_result(None)
        return self.begun[-1][1]

    def stop(self) -> None:
        self.stopped = True


def jobs(folder: Path) -> list[TrainingJob]:
    return [TrainingJob(Path('c.py'), seed, folder / f'seed_{seed}') for seed in range(5)]


def test_runs_so_many_at_once_and_goes_on_after_a_failure(tmp_path):
    executor = Steps(at_once=2, fails=1)
    ended = {job.seed: str(error) for job, error in run_jobs(jobs(tmp_path), executor)}
    assert ended == {0: 'None', 1: 'no luck', 2: 'None', 3: 'None', 4: 'None'}
    assert executor.most == 2
    assert executor.stopped


def test_an_interrupt_stops_what_runs(tmp_path):
    executor = Steps(at_once=2, fails=9)
    ended = run_jobs(jobs(tmp_path), executor)
    next(ended)
    with pytest.raises(KeyboardInterrupt):
        ended.throw(KeyboardInterrupt)
    assert len(executor.begun) < 5
    assert executor.stopped


@pytest.mark.parametrize(('devices', 'at_once', 'shares'), [
    (['0', '1'], None, [{'CUDA_VISIBLE_DEVICES': '0'}, {'CUDA_VISIBLE_DEVICES': '1'}]),
    (['3'], 2, [{'CUDA_VISIBLE_DEVICES': '3'}] * 2),
    ([], 4, [{'OMP_NUM_THREADS': '2'}] * 4),
    ([], 16, [{'OMP_NUM_THREADS': '1'}] * 16),
])  # fmt: skip
def test_gpus_and_threads_are_shared_out(monkeypatch, devices, at_once, shares):
    monkeypatch.setattr(torch.cuda, 'is_available', lambda: bool(devices))
    monkeypatch.setenv('CUDA_VISIBLE_DEVICES', ','.join(devices))
    monkeypatch.setattr(torch, 'get_num_threads', lambda: 8)
    executor = Processes(at_once)
    assert executor.at_once == len(shares)
    assert [executor._slots.get() for _ in shares] == shares


def wait_for_a_checkpoint(job: TrainingJob) -> None:
    deadline = time.monotonic() + 100
    while not list(job.work_dir.glob('epoch_*.pth')):
        assert time.monotonic() < deadline
        time.sleep(0.2)


def tiny(photo_folder: Path, root: Path, folder: Path, epochs: int = 2) -> TrainingJob:
    options = (
        f'data_root={photo_folder} model.backbone.type=ConvNet model.backbone.channels=[4,8] '
        'train_dataloader.batch_size=8 train_dataloader.num_workers=0 '
        f'test_dataloader.num_workers=0 image_size=32 epochs={epochs} checkpoint.spacing=None'
    )
    return TrainingJob(root / 'configs' / 'custom' / 'rs.py', 3, folder, options.split())


@pytest.mark.slow
def test_submitit_s_local_engine_trains_and_says_what_failed(tmp_path, photo_folder, root):
    pytest.importorskip('submitit')
    good = tiny(photo_folder, root, tmp_path / 'good')
    bad = tiny(tmp_path / 'nowhere', root, tmp_path / 'bad')
    executor = Cluster('local', tmp_path / 'submitit', at_once=2, timeout_min=5)
    errors = {job.work_dir.name: error for job, error in run_jobs([good, bad], executor)}
    assert errors['good'] is None
    assert good.finished
    assert 'nowhere' in str(errors['bad'])
    assert not bad.finished


@pytest.mark.slow
def test_a_job_that_the_cluster_takes_back_saves_and_goes_on(tmp_path, photo_folder, root):
    """submitit's warning signal, which SLURM sends before its limit."""
    pytest.importorskip('submitit')
    if not Path('/proc/self/task').is_dir():
        pytest.skip('needs /proc')
    job = tiny(photo_folder, root, tmp_path / 'run', epochs=60)
    executor = Cluster('local', tmp_path / 'submitit', timeout_min=5)
    submitted = executor.submit(job)
    wait_for_a_checkpoint(job)
    controller = submitted._process.pid
    (task,) = Path(f'/proc/{controller}/task/{controller}/children').read_text().split()
    os.kill(int(task), signal.SIGUSR2)
    assert submitted.exception() is None
    log = job.log.read_text()
    assert 'stopped by SIGTERM' in log
    assert 'goes on with' in log
    assert job.finished


@pytest.mark.slow
def test_a_cancelled_job_leaves_no_training_behind(tmp_path, photo_folder, root):
    pytest.importorskip('submitit')
    job = tiny(photo_folder, root, tmp_path / 'run', epochs=10_000)
    executor = Cluster('local', tmp_path / 'submitit', timeout_min=5)
    executor.submit(job)
    wait_for_a_checkpoint(job)
    executor.stop()
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        try:
            with RunFolder(job.work_dir, resume=True):
                return
        except InputError:
            time.sleep(0.2)
    raise AssertionError('it still trains')


def test_a_second_job_in_a_folder_fails_and_says_who_trains(tmp_path, photo_folder, root):
    job = tiny(photo_folder, root, tmp_path / 'run')
    who = f"error: .*'{job.work_dir}'.*process {os.getpid()}"
    with RunFolder(job.work_dir), pytest.raises(RuntimeError, match=who):
        job()
    assert not job.finished


def test_what_another_training_writes_is_not_taken_for_the_error(script):
    job = script('print("error: it is taken"); print("epoch 7 of the other"); raise SystemExit(1)')
    with pytest.raises(RuntimeError, match='error: it is taken'):
        job()


def test_a_job_is_sent_without_its_process(tmp_path):
    job = TrainingJob(Path('c.py'), 0, tmp_path)
    job._process = object()
    assert pickle.loads(pickle.dumps(job)) == job


def test_says_how_to_get_submitit(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, 'submitit', None)
    with pytest.raises(InputError, match='`pip install submitit` installs it'):
        Cluster('slurm', tmp_path)


def test_says_that_there_is_no_slurm(monkeypatch, tmp_path):
    pytest.importorskip('submitit')
    monkeypatch.setenv('PATH', str(tmp_path))
    with pytest.raises(InputError, match='--executor slurm: '):
        Cluster('slurm', tmp_path)


@pytest.fixture
def script(monkeypatch, tmp_path):
    """Has jobs run a script of Python instead of a training."""

    def write(text: str) -> TrainingJob:
        path = tmp_path / 'train.py'
        path.write_text(text)
        monkeypatch.setattr('dbl.sweeps.training_job.TRAIN', [sys.executable, str(path)])
        return TrainingJob(Path('c.py'), 0, tmp_path / 'run')

    return write


def test_a_training_that_was_about_to_begin_does_not(script, monkeypatch, tmp_path):
    def slowly(job):
        time.sleep(0.5)
        return False

    monkeypatch.setattr(TrainingJob, 'finished', property(slowly))
    executor = Processes(1)
    begun = executor.submit(script(f'open("{tmp_path}/begun", "w"); import time; time.sleep(60)'))
    executor.stop()
    begun.result(timeout=10)
    assert not (tmp_path / 'begun').exists()


SLOW_TO_SAVE = """
import pathlib, signal, sys, time
def save(number, frame):
    time.sleep(2)
    sys.exit(75)
signal.signal(signal.SIGTERM, save)
pathlib.Path(sys.argv[sys.argv.index('--work-dir') + 1], 'epoch_1.pth').touch()
time.sleep(60)
"""


def test_trainings_save_side_by_side(script, tmp_path):
    script(SLOW_TO_SAVE)
    executor = Processes(3)
    begun = jobs(tmp_path)[:3]
    for job in begun:
        executor.submit(job)
    for job in begun:
        wait_for_a_checkpoint(job)
    before = time.monotonic()
    executor.stop()
    assert 1.9 < time.monotonic() - before < 5.5, 'of 6 seconds, one after another'


@pytest.mark.parametrize('number', [signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1])
def test_what_stops_a_training_stops_a_sweep(tmp_path, number, capsys):
    executor = Steps(at_once=2, fails=9)
    before = signal.getsignal(number)

    def sweep():
        with closing(run_jobs(jobs(tmp_path), executor)) as ended:
            next(ended)
            os.kill(os.getpid(), number)
            time.sleep(5)

    with pytest.raises(SystemExit) as exit_:
        sweep()
    assert exit_.value.code == 128 + number
    assert executor.stopped
    assert 'stopped; the same command goes on' in capsys.readouterr().err
    assert signal.getsignal(number) == before


def test_a_signal_that_is_ignored_stops_no_sweep(tmp_path):
    """As under nohup."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        ended = run_jobs(jobs(tmp_path), Steps(at_once=2, fails=9))
        next(ended)
        os.kill(os.getpid(), signal.SIGHUP)
        assert len(list(ended)) == 4
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_seed_beside_seeds_is_refused(tmp_path, photo_folder, root):
    job = tiny(photo_folder, root, tmp_path / 'run')
    job.options.append('seed=7')
    with pytest.raises(InputError, match='got seed=7, but --seeds sets it'):
        check_begun([job])


@pytest.mark.parametrize('given', [['--partition', 'gpu'], ['--minutes', '60']])
def test_what_is_for_a_cluster_is_refused_without_one(tmp_path, given):
    parser = ArgumentParser()
    add_sweep_arguments(parser)
    with pytest.raises(InputError, match='have no effect without --executor slurm'):
        executor_of(parser.parse_args(given), tmp_path)


def test_says_what_ended_a_training(script):
    job = script('import os; print("so far so good", flush=True); os.kill(os.getpid(), 9)')
    with pytest.raises(RuntimeError, match='ended by SIGKILL'):
        job()
    with pytest.raises(RuntimeError, match='exit status 3'):
        script('raise SystemExit(3)')()  # nothing of the attempt before
    with pytest.raises(RuntimeError, match='no such thing'):
        script('raise SystemExit("no such thing")')()


def test_a_job_that_another_process_has_finished_is_not_begun(script, write_run):
    job = script('raise SystemExit("begun")')
    write_run(job.work_dir)
    job()


def test_a_damaged_run_without_a_checkpoint_starts_anew(tmp_path, caplog):
    job = TrainingJob(Path('c.py'), 0, tmp_path, name='rs seed 0')
    (tmp_path / 'run.json').write_text('{"starts": [3]}')
    (tmp_path / 'metrics.json').write_text('{')
    assert not job.finished
    assert unfinished([job]) == [job]
    (said,) = caplog.messages
    assert said.startswith(f"'{tmp_path}/run.json' is damaged: ")
    assert said.endswith('; rs seed 0 is trained again')
    assert '--overwrite' in job.command
    (tmp_path / 'epoch_1.pth').touch()
    assert '--resume' in job.command


def test_a_folder_with_another_run_is_refused_before_anything_is_trained(
    tmp_path, photo_folder, root, write_run
):
    job = tiny(photo_folder, root, tmp_path / 'run')
    check_begun([job])
    config = plain_values(load_config(job.config, parse_options(job.options)))
    begun = json.loads((write_run(job.work_dir, **config) / 'run.json').read_text())
    for changed, version, said in (
        ({'seed': 7, 'log_every': 3}, dbl.__version__, None),
        ({'epochs': 3}, dbl.__version__, 'other values: epochs 3 -> 2;'),
        ({}, '0.1.9', 'other values: dbl'),
    ):
        begun |= {'given': {**config, **changed}, 'starts': [{'at': 'now', 'dbl': version}]}
        (job.work_dir / 'run.json').write_text(json.dumps(begun))
        with pytest.raises(InputError, match=said) if said else nullcontext():
            check_begun([job])
    (job.work_dir / 'run.json').write_text('{"config": {"train_cfg": {"max_epochs": 2}}}')
    with pytest.raises(InputError, match=r"'.*run' holds a run of dbl 0\.1\.0"):
        check_begun([job])


@pytest.mark.parametrize(('option', 'sentence'), [
    ('model.neck.dropout=7', 'model.neck cannot be built'),
    ('train_dataloader.batch_size=30', 'fewer than two batches'),
    ('param_scheduler=3', "'param_scheduler' is of dbl 0.1.0"),
])  # fmt: skip
def test_what_cannot_be_trained_is_not_built(tmp_path, photo_folder, root, option, sentence):
    job = tiny(photo_folder, root, tmp_path / 'run')
    job.options.append(option)
    with pytest.raises(InputError, match=sentence):
        build_parts(job)


def test_which_job_cannot_be_trained_is_said_before(tmp_path, photo_folder, root):
    job = tiny(photo_folder, root, tmp_path / 'run')
    job.name = 'rs seed 3'
    job.options.append('model.neck.dropout=7')
    with pytest.raises(InputError, match=r'rs seed 3: .*model.neck cannot be built'):
        check_trainable([job])
    assert not job.work_dir.exists()


def test_a_killed_process_is_said(tmp_path, photo_folder, root):
    """As by a system that is short of memory."""
    config = tmp_path / 'rs.py'
    config.write_text(
        f"_base_ = '{root}/configs/custom/rs.py'\n"
        'import os\n'
        'import dbl.registry\n'
        '@dbl.registry.MODELS.register_module()\n'
        'class _Deadly:\n'
        '    def __init__(self):\n'
        '        os.kill(os.getpid(), 9)\n'
        "model = dict(backbone=dict(type='_Deadly'))\n"
    )
    options = [f'data_root={photo_folder}', 'train_dataloader.batch_size=8']
    job = TrainingJob(config, 0, tmp_path / 'run', options, name='rs seed 0')
    with pytest.raises(InputError, match='rs seed 0: something has killed the process'):
        check_trainable([job])


def test_what_is_odd_in_the_data_is_said_once_for_all_rows(tmp_path, photo_folder, root, capfd):
    table = photo_folder / 'test.csv'
    first, *lines = table.read_text().splitlines()
    table.write_text('\n'.join([first, *(f'{line[:-1]}0' for line in lines)]))
    jobs = [tiny(photo_folder, root, tmp_path / name) for name in ('one', 'two')]
    jobs[1].options.append('model.neck.dropout=0.2')
    check_trainable(jobs)
    assert capfd.readouterr().err.count('no image to test on shows') == 1


def test_each_row_is_built_once_for_all_its_seeds(tmp_path, photo_folder, root):
    """A row whose parts say so in a file."""
    config, built = tmp_path / 'rs.py', tmp_path / 'built'
    config.write_text(
        f"_base_ = '{root}/configs/custom/rs.py'\n"
        'import dbl.registry\n'
        'from dbl.models import ConvNet\n'
        '@dbl.registry.MODELS.register_module()\n'
        'class _Noted(ConvNet):\n'
        '    def __init__(self):\n'
        f"        open('{built}', 'a').write('x')\n"
        '        super().__init__([4, 8])\n'
        "model = dict(backbone=dict(type='_Noted'))\n"
    )
    options = [f'data_root={photo_folder}', 'train_dataloader.batch_size=8']
    check_trainable([TrainingJob(config, k, tmp_path / f'{k}', options) for k in range(3)])
    assert built.read_text() == 'x'


def test_a_job_that_the_cluster_refuses_fails_alone(tmp_path):
    class Refuses(Steps):
        def submit(self, job: TrainingJob) -> Future:
            if job.seed == 2:
                raise RuntimeError('sbatch: invalid partition')
            return super().submit(job)

    ended = {job.seed: str(error) for job, error in run_jobs(jobs(tmp_path), Refuses(1, fails=9))}
    assert ended == {0: 'None', 1: 'None', 2: 'sbatch: invalid partition', 3: 'None', 4: 'None'}
