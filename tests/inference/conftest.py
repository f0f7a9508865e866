from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from dbl.config import load_config
from dbl.experiment import build_experiment
from dbl.training.loop import train


@pytest.fixture
def trained(make, tmp_path) -> Callable[..., Path]:
    """Trains a row for an epoch, and gives the folder of the run."""

    def trained(row: str = 'erm', name: str = 'run', **options) -> Path:
        train(make(row, **options), tmp_path / name)
        return tmp_path / name

    return trained


@pytest.fixture
def of_features(root, tmp_path) -> Path:
    """A checkpoint that was trained on features of width 5."""
    rng = np.random.default_rng(0)
    for split, count in (('train', 20), ('test', 6)):
        targets = np.eye(3)[np.arange(count) % 3]
        rows = dict(features=rng.normal(size=(count, 5)), targets=targets, classes=['a', 'b', 'c'])
        np.savez(tmp_path / f'{split}.npz', **rows)
    options = {'data_root': str(tmp_path), 'train_dataloader.batch_size': 4, 'epochs': 1}
    train(build_experiment(load_config(root / 'configs/features/erm.py', options)), tmp_path / 'f')
    return tmp_path / 'f/epoch_1.pth'
