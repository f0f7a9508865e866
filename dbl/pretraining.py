"""The weights that the demo starts with, made from the code: ``python -m dbl.pretraining``."""

from pathlib import Path
from tempfile import TemporaryDirectory

import torch

import dbl
from dbl.files import whole_file
from dbl.models.conv_net import SHAPES


def pretrain(path: Path = SHAPES, **options) -> None:
    """Trains the demo's network on :class:`~dbl.datasets.SingleShapes`, and keeps its backbone.

    Args:
        path: Of the state dict, whose numbers are float16: half the size.
        options: Values of ``configs/_base_/pretraining.py`` to change.
    """
    experiment = dbl.build_experiment(dbl.load_config('_base_/pretraining', options))
    with TemporaryDirectory() as folder:
        metrics = dbl.train(experiment, Path(folder) / 'run')
    state_dict = experiment.model.backbone.state_dict()
    kept = {k: v.half() for k, v in state_dict.items() if v.is_floating_point()}
    with whole_file(path) as part:
        torch.save(kept, part)
    print(f'written to {path}; mAP on scenes kept apart: {100 * metrics["mAP/total"]:.2f}')


if __name__ == '__main__':
    pretrain()
