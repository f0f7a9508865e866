from collections.abc import Callable
from pathlib import Path

import pytest

from dbl.training.loop import train


@pytest.fixture
def trained(make, tmp_path) -> Callable[..., Path]:
    """Trains a row for an epoch, and gives the folder of the run."""

    def trained(row: str = 'erm', name: str = 'run', **options) -> Path:
        train(make(row, **options), tmp_path / name)
        return tmp_path / name

    return trained
