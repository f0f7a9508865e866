"""The random generators: their seed, and their state, which a checkpoint keeps."""

import os
import random
from typing import Any

import numpy as np
import torch


def seed_everything(seed: int, deterministic: bool) -> None:
    """Seeds the global random numbers, and chooses between fast and deterministic algorithms."""
    if deterministic:  # cuBLAS asks for it
        os.environ.setdefault('CUBLAS_WORKSPACE_CONFIG', ':4096:8')
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
    torch.backends.cudnn.benchmark = not deterministic
    torch.backends.cudnn.deterministic = deterministic
    torch.use_deterministic_algorithms(deterministic)


def rng_state() -> dict[str, Any]:
    """The state of every random generator of this process and its device, as plain data."""
    numpy = np.random.get_state(legacy=False)
    return {
        'python': random.getstate(),
        'numpy': (
            numpy['bit_generator'],
            numpy['state']['key'].tolist(),
            numpy['state']['pos'],
            numpy['has_gauss'],
            numpy['gauss'],
        ),
        'torch': torch.get_rng_state(),
        'cuda': torch.cuda.get_rng_state() if torch.cuda.is_available() else None,
    }


def set_rng_state(state: dict[str, Any]) -> None:
    """Restores the random generators to what :func:`rng_state` gave."""
    random.setstate(state['python'])
    np.random.set_state(state['numpy'])
    torch.set_rng_state(state['torch'].cpu())
    if torch.cuda.is_available() and state['cuda'] is not None:
        torch.cuda.set_rng_state(state['cuda'].cpu())
