"""How long whole rows take, from the command to the table of mAPs."""

import resource
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import torch
from mmengine.config import Config
from torch.utils.flop_counter import FlopCounterMode

from dbl.benchmarks.alternating import alternate
from dbl.config import load_config, parse_options
from dbl.errors import InputError
from dbl.experiment import build_experiment
from dbl.training.run_numbers import read_log

TRAIN = [sys.executable, '-m', 'dbl', 'train']


def measure_rows(configs: Sequence[str], work_dir: Path, options: Sequence[str]) -> list[dict]:
    """Trains and tests each config with ``python -m dbl train``, and says where the time went.

    Args:
        configs: Paths of the configs.
        work_dir: Where each config gets a run folder.
        options: ``KEY=VALUE`` texts, as for ``--cfg-options``.

    Returns:
        For each config: ``seconds`` in all; ``images/s`` while training; ``waiting``, the share of
        the training time spent waiting for data; ``peak GB`` of memory, the GPU's or else that of
        the largest process so far; and ``of floor``, the share of the training time that the
        arithmetic alone would take at the speed of a large matrix product.
    """
    device = 'cuda' if torch.cuda.is_available() else 'cpu'
    peak = matmul_speed(device, parse_options(options).get('precision') == 'bfloat16')
    return [_measure_row(config, work_dir, options, peak) for config in configs]


def _measure_row(path: str, work_dir: Path, options: Sequence[str], peak: float) -> dict:
    folder = work_dir / Path(path).stem
    command = [*TRAIN, path, '--work-dir', folder, '--overwrite']
    command += ['--cfg-options', *options] if options else []
    begin = perf_counter()
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    seconds = perf_counter() - begin
    if done.returncode != 0:
        raise InputError(f"'{path}' failed: {done.stderr.strip().splitlines()[-1]}")
    scalars = read_log(folder / 'vis_data' / 'scalars.json')
    iterations, training, waiting = training_time(scalars)
    # The arithmetic is counted as it is written, not as it is compiled.
    config = load_config(path, {**parse_options(options), 'compile': False})
    images = iterations * config.train_dataloader.batch_size
    return {
        'row': Path(path).stem,
        'seconds': seconds,
        'images/s': images / training,
        'waiting': waiting / training,
        'peak GB': _peak_memory(scalars),
        'of floor': images * flops_per_image(config) / peak / training,
    }


def training_time(scalars: Sequence[Mapping[str, Any]]) -> tuple[int, float, float]:
    """Sums up a run's log: iterations, their seconds, and the seconds spent waiting for data.

    Each line holds the means over the iterations since the line before.

    >>> lines = [{'step': 50, 'time': 0.5, 'data_time': 0.25}, {'step': 50, 'mAP/total': 0.1}]
    >>> training_time([*lines, {'step': 60, 'time': 1.0, 'data_time': 0.0}])
    (60, 35.0, 12.5)
    """
    rows = [row for row in scalars if 'time' in row]
    steps = [row['step'] for row in rows]
    counts = np.diff(steps, prepend=0)
    seconds, waiting = (float(counts @ [row[key] for row in rows]) for key in ('time', 'data_time'))
    return steps[-1], seconds, waiting


def _peak_memory(scalars: Sequence[Mapping[str, Any]]) -> float:
    """Peak memory in GB: the GPU's, logged in MB, or else that of the largest ended process."""
    logged = [row['memory'] for row in scalars if 'memory' in row]
    processes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6
    return max(logged) / 1000 if logged else processes


def flops_per_image(config: Config) -> float:
    """Floating point operations per image of a training step, forward and backward."""
    experiment = build_experiment(config, pretrained=False)
    size, device = config.image_size, experiment.device
    images = torch.randn(2, 3, size, size, device=device)
    targets = torch.ones(2, len(experiment.classes), device=device)
    experiment.model.train()
    with FlopCounterMode(display=False) as counter:
        experiment.model.head.loss(experiment.model(images), targets).backward()
    return counter.get_total_flops() / 2


def matmul_speed(device: str, half: bool) -> float:
    """Floating point operations per second of a large matrix product on this machine."""
    side = 8192 if device == 'cuda' else 2048
    matrix = torch.randn(side, side, device=device, dtype=torch.bfloat16 if half else torch.float32)
    seconds = alternate({'product': lambda: matrix @ matrix}, 5, device)['product']
    return 2 * side**3 / float(seconds.min())
