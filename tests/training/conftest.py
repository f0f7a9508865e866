from collections.abc import Callable

import pytest

from dbl.config import load_config
from dbl.experiment import Experiment, build_experiment

SMALL = {
    'model.backbone': {'type': 'ConvNet', 'channels': [4, 8]},
    'train_dataloader.batch_size': 8,
    'train_dataloader.num_workers': 0,
    'test_dataloader.num_workers': 0,
    'image_size': 32,
    'epochs': 1,
}


@pytest.fixture
def make(root, photo_folder) -> Callable[..., Experiment]:
    """Builds a small experiment on a folder of pictures, five iterations an epoch for row ERM."""

    def make(row: str = 'erm', **options) -> Experiment:
        options = {'data_root': str(photo_folder), **SMALL, **options}
        return build_experiment(load_config(root / f'configs/custom/{row}.py', options))

    return make
