"""How long whole rows take, from the command to the table of mAPs."""

import json
import resource
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import perf_counter

import torch
from mmengine.config import Config
from mmengine.device import get_device
from torch.utils.flop_counter import FlopCounterMode

from dbl.benchmarks.alternating import alternate
from dbl.engine import checkpoints, load_config
from dbl.engine.weights import read_checkpoint
from dbl.errors import InputError
from dbl.registry import MODELS

TRAIN = Path(__file__).parents[2] / 'tools' / 'train.py'


def measure_rows(
    configs: Sequence[str], work_dir: Path, options: Mapping[str, object]
) -> list[dict]:
    """Trains and tests each config with ``tools/train.py``, and says where the time went.

    Returns:
        For each: ``seconds`` in all, ``images/s`` while training, ``waiting``, the share of the
        training time that was spent on waiting for data, ``peak GB`` of memory (a GPU's own, else
        that of the largest process so far), and ``of floor``, the share of the training time that
        the arithmetic alone would take at the speed of a large matrix product.
    """
    device = get_device()
    peak = matmul_speed(device, options.get('optim_wrapper.precision') == 'bfloat16')
    return [_measure_row(config, work_dir, options, device, peak) for config in configs]


def _measure_row(
    path: str, work_dir: Path, options: Mapping[str, object], device: str, peak: float
) -> dict:
    folder = work_dir / Path(path).stem
    command = [sys.executable, TRAIN, path, '--work-dir', folder, '--overwrite']
    pairs = [f'{key}={value}' for key, value in options.items()]
    command += ['--cfg-options', *pairs] if pairs else []
    begin = perf_counter()
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    seconds = perf_counter() - begin
    if done.returncode != 0:
        raise InputError(f"'{path}' failed: {done.stderr.strip().splitlines()[-1]}")
    checkpoint = read_checkpoint(checkpoints(folder)[-1])
    history = checkpoint['message_hub']['log_scalars']
    training, waiting = (history[f'train/{key}'][0].sum() for key in ('time', 'data_time'))
    images = checkpoint['meta']['iter'] * checkpoint['meta']['batch']
    arithmetic = images * flops_per_image(load_config(path, dict(options)), device) / peak
    return {
        'row': Path(path).stem,
        'seconds': seconds,
        'images/s': float(images / training),
        'waiting': float(waiting / training),
        'peak GB': _peak_memory(folder / 'vis_data' / 'scalars.json'),
        'of floor': float(arithmetic / training),
    }


def _peak_memory(scalars: Path) -> float:
    """A GPU's, which is logged in MB, else that of the largest process that has ended."""
    rows = map(json.loads, scalars.read_text(encoding='utf-8').splitlines())
    logged = [row['memory'] for row in rows if 'memory' in row]
    processes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6
    return max(logged) / 1000 if logged else processes


def flops_per_image(config: Config, device: str) -> float:
    """Floating point operations of a training step, forward and backward, for an image."""
    model = MODELS.build(config.model).to(device).train()
    pipeline = config.train_dataloader.dataset.pipeline
    size = next(part.size for part in pipeline if part.type in ('Resize', 'ReferenceTransform'))
    images = torch.randn(2, 3, size, size, device=device)
    targets = torch.ones(2, config.model.head.num_classes, device=device)
    with FlopCounterMode(display=False) as counter:
        model(images, targets, mode='loss')['loss'].backward()
    return counter.get_total_flops() / 2


def matmul_speed(device: str, half: bool) -> float:
    """Floating point operations a second of a large matrix product on this machine."""
    side = 8192 if device == 'cuda' else 2048
    matrix = torch.randn(side, side, device=device, dtype=torch.bfloat16 if half else torch.float32)
    seconds = alternate({'product': lambda: matrix @ matrix}, 5, device)['product']
    return 2 * side**3 / float(seconds.min())
