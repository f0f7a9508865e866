"""Several processes on the CPU, started by torchrun, or with the environment that it gives them."""

import json
import os
import signal
import subprocess
import sys
import time
from importlib import import_module

import pytest
import torch
from small_runs import SMALL, fails_with
from torch.distributed.elastic.utils.distributed import get_free_port
from warm_start import WarmProcess

from dbl.results.comparison import differences
from dbl.training.run_files import checkpoints

pytestmark = pytest.mark.slow

LAUNCH = [sys.executable, '-m', 'torch.distributed.run', '--nproc_per_node=2', '--standalone']
# What depends on the other half of a batch is off; the backbone's BatchNorm is frozen as always.
# A rate of 0.1 makes so small a network jump: roundings then grow to 1e-3 within six iterations.
ALONE = ['model.neck.norm=False', 'model.neck.dropout=0.0', 'model.backbone.norm_eval=True']
ALONE += ['model.backbone.depth=18', 'model.backbone.weights=None', 'optimizer.lr=0.01']


@pytest.fixture
def command(root, photo_folder):
    def make(name, *arguments, row='erm', batch=4, launch=(), options=()):
        config = root / f'configs/custom/{row}.py'
        small = SMALL[2:] if ALONE[0] in options else SMALL
        options = [*small, f'train_dataloader.batch_size={batch}', *options]
        launcher = ['--launcher', 'pytorch'] if launch else []
        command = [*launch, root / f'tools/{name}.py', config, *arguments, *launcher]
        return list(map(str, [*command, '--cfg-options', f'data_root={photo_folder}', *options]))

    return make


@pytest.fixture
def two(command, tmp_path):
    """Starts two processes, with what torchrun puts into their environment; returns them."""

    def start(*words, **settings) -> list[WarmProcess]:
        both = {'MASTER_ADDR': '127.0.0.1', 'MASTER_PORT': str(get_free_port()), 'WORLD_SIZE': '2'}
        words = [*command(*words, **settings), '--launcher', 'pytorch']
        return [
            WarmProcess(words, tmp_path, {**both, 'RANK': rank, 'LOCAL_RANK': rank})
            for rank in ('0', '1')
        ]

    return start


@pytest.fixture
def run(command, two, run_here):
    """Runs two processes, or this one."""

    def run(name, *arguments, processes=2, **settings) -> None:
        if processes == 1:
            words = command(name, *arguments, **settings)
            ended = [run_here(import_module(f'dbl.commands.{name}').main, *words[1:])]
        else:
            ended = [process.completed() for process in two(name, *arguments, **settings)]
        assert [process.returncode for process in ended] == [0] * len(ended), ended[0].stderr

    return run


def trained(folder) -> list[torch.Tensor]:
    """Weights and momentum, which sums the gradients up."""
    checkpoint = torch.load(checkpoints(folder)[-1], weights_only=True)
    momentum = [state['momentum_buffer'] for state in checkpoint['optimizer']['state'].values()]
    averaged = checkpoint.get('averaged', {}).get('state_dict', {})
    return [*averaged.values(), *checkpoint['state_dict'].values(), *momentum]


@pytest.mark.parametrize('row', ['erm', 'db_focal'])
def test_two_processes_give_the_weights_of_one(run, tmp_path, row):
    run('train', '--work-dir', 'two', row=row, options=ALONE)
    run('train', '--work-dir', 'one', row=row, batch=8, processes=1, options=ALONE)
    two, one = trained(tmp_path / 'two'), trained(tmp_path / 'one')
    assert max(value.abs().max() for value in one[-2:]) > 1e-3
    for ours, theirs in zip(two, one, strict=True):
        assert (ours - theirs).abs().max() < 1e-5
    apart = max((a - b).abs().max().item() for a, b in zip(two, one, strict=True))
    print(f'{row}: at most {apart:.1e} apart, of at most {max(x.abs().max() for x in one):.2f}')


@pytest.mark.parametrize('processes', [1, 2])
def test_batches_that_are_accumulated_give_the_weights_of_one(run, tmp_path, processes):
    """So do averaged weights, whichever process they come from."""
    options = [*ALONE, 'ema=0.9', 'val_fraction=0.2', 'select=best']
    run('train', '--work-dir', 'whole', batch=8, processes=1, options=options)
    options = [*options, 'accumulate=2']
    batch = 4 // processes
    run('train', '--work-dir', 'parts', batch=batch, processes=processes, options=options)
    whole, parts = (trained(tmp_path / name) for name in ('whole', 'parts'))
    assert max(value.abs().max() for value in whole[-2:]) > 1e-3
    for ours, theirs in zip(parts, whole, strict=True):
        assert (ours - theirs).abs().max() < 1e-5
    metrics = [
        json.loads((tmp_path / f'{name}/metrics.json').read_text()) for name in ('whole', 'parts')
    ]
    assert metrics[0].keys() == metrics[1].keys()
    assert 'ema/selected/val/mAP/total' in metrics[0]


def test_an_image_counts_once_however_many_processes_evaluate(run, tmp_path, photo_folder):
    """Seven images on two processes, of which one gets a repetition."""
    lines = (photo_folder / 'test.csv').read_text().splitlines()
    (photo_folder / 'test.csv').write_text('\n'.join(lines[:8]))
    run('train', '--work-dir', 'run')
    found = [path.name for path in (tmp_path / 'run').iterdir()]
    assert sum(name.endswith('.pth') for name in found) == 1
    run('test', 'run/epoch_2.pth', '--out', 'two.json')
    run('test', 'run/epoch_2.pth', '--out', 'one.json', processes=1)
    trained, two, one = (
        json.loads((tmp_path / name).read_text())
        for name in ('run/metrics.json', 'two.json', 'one.json')
    )
    assert trained == two == one


def children(process: int) -> list[int]:
    found = subprocess.run(['pgrep', '-P', str(process)], capture_output=True, text=True)
    return list(map(int, found.stdout.split()))


@pytest.fixture
def start(command, tmp_path):
    """Starts a long training on two processes; returns it once it has saved a checkpoint."""

    def start(pattern: str, iterations: int) -> subprocess.Popen:
        # Seven iterations an epoch: the tenth, where processes ask one another, is within one.
        options = ['epochs=40', f'checkpoint.iterations={iterations}', 'checkpoint.spacing=None']
        process = subprocess.Popen(
            command('train', '--work-dir', 'run', batch=3, launch=LAUNCH, options=options),
            cwd=tmp_path,
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
        )
        deadline = time.monotonic() + 100
        while not list((tmp_path / 'run').glob(pattern)) and time.monotonic() < deadline:
            time.sleep(0.05)
        return process

    return start


def test_a_rank_that_dies_brings_the_others_down(start):
    process = start('*.pth', iterations=1)
    os.kill(children(process.pid)[1], signal.SIGKILL)
    begin = time.monotonic()
    _, errors = process.communicate(timeout=100)
    assert time.monotonic() - begin < 60
    assert process.returncode != 0
    assert 'Signal 9 (SIGKILL)' in errors


def test_a_signal_to_several_processes_saves(start, tmp_path):
    process = start('epoch_*.pth', iterations=1000)
    process.terminate()
    _, errors = process.communicate(timeout=60)
    assert 'stopped by SIGTERM; --resume goes on from here' in errors
    (saved,) = checkpoints(tmp_path / 'run')
    assert saved.name.startswith('iter_')
    states = torch.load(saved, weights_only=True)['meta']['rng_states']
    assert len(states) == 2


def test_two_processes_go_on_within_an_epoch_as_if_never_stopped(run, two, tmp_path):
    """Their running statistics differ there, and are kept of both."""
    options = ['epochs=2', 'checkpoint.iterations=1', 'log_every=2', 'model.backbone.channels=[8]']
    run('train', '--work-dir', 'whole', options=options)
    processes = two('train', '--work-dir', 'killed', options=options)
    while not list((tmp_path / 'killed').glob('iter_[1-9]*.pth')):
        assert processes[0].poll() is None, processes[0].communicate()
        time.sleep(0.02)
    for process in processes:
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
    saved = checkpoints(tmp_path / 'killed')[-1]
    first, second = torch.load(saved, weights_only=True)['statistics']
    differ = any(not torch.equal(a, b) for a, b in zip(first[''], second[''], strict=True))
    assert differ == saved.stem.startswith('iter'), 'they are evened out at the end of an epoch'
    run('train', '--work-dir', 'killed', '--resume', options=options)
    assert differences(tmp_path / 'whole', tmp_path / 'killed') == []


@pytest.fixture
def srun(command, tmp_path):
    """Starts a training on two processes as srun would; returns them."""
    scontrol = tmp_path / 'bin' / 'scontrol'
    scontrol.parent.mkdir()
    scontrol.write_text('#!/bin/sh\n[ "$*" = "show hostnames node[1-2]" ] && echo localhost\n')
    scontrol.chmod(0o755)
    job = {'SLURM_NTASKS': '2', 'SLURM_JOB_NODELIST': 'node[1-2]', 'SLURM_JOB_ID': str(os.getpid())}
    job['PATH'] = f'{scontrol.parent}:{os.environ["PATH"]}'

    words = [*command('train', '--work-dir', 'run'), '--launcher', 'slurm']

    def start(rank: str) -> WarmProcess:
        return WarmProcess(words, tmp_path, {**job, 'SLURM_PROCID': rank, 'SLURM_LOCALID': rank})

    return lambda: [start(rank) for rank in ('0', '1')]


def test_processes_that_slurm_started_train_together(srun, tmp_path):
    for process in srun():
        _, errors = process.communicate(timeout=200)
        assert process.returncode == 0, errors
    meta = torch.load(checkpoints(tmp_path / 'run')[-1], weights_only=True)['meta']
    assert (meta['batch'], len(meta['rng_states'])) == (8, 2)


def test_slurm_needs_srun(command):
    words = [*command('train'), '--launcher', 'slurm']
    process = WarmProcess(words).completed()
    fails_with(process, "'SLURM_PROCID' is not set; start with `srun python -m dbl train")


def test_a_start_again_by_torchrun_resumes(command, tmp_path):
    """The second start has other arguments, but is the same launch, restarted."""
    again = {'TORCHELASTIC_RUN_ID': 'run', 'TORCHELASTIC_RESTART_COUNT': '1'}
    first = {**again, 'TORCHELASTIC_RESTART_COUNT': '0'}
    for environment, epochs, said in ((first, 2, ''), (again, 3, 'epochs 2 -> 3')):
        words = [*command('train'), f'epochs={epochs}']
        process = WarmProcess(words, tmp_path, environment).completed()
        assert process.returncode == 0, process.stderr
        assert said in process.stdout
    other = {**again, 'TORCHELASTIC_RUN_ID': 'another launch'}
    process = WarmProcess(command('train'), tmp_path, other).completed()
    fails_with(process, 'holds a finished run; add --resume')
