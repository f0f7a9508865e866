import random
from typing import Any

import numpy as np
import torch


def rng_state() -> dict[str, Any]:
    """The state of every random generator of this process, on its device, as plain data."""
    name, keys, *position = np.random.get_state()
    return {
        'python': random.getstate(),
        'numpy': (name, keys.tolist(), *position),
        'torch': torch.get_rng_state(),
        'cuda': torch.cuda.get_rng_state() if torch.cuda.is_available() else None,
    }


def set_rng_state(state: dict[str, Any]) -> None:
    """Puts the random generators back to what :func:`rng_state` gave."""
    random.setstate(state['python'])
    np.random.set_state(state['numpy'])
    torch.set_rng_state(state['torch'].cpu())
    if torch.cuda.is_available() and state['cuda'] is not None:
        torch.cuda.set_rng_state(state['cuda'].cpu())
