"""The weights that the demo starts with, made from the code: ``python -m dbl.pretraining PATH``."""

import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch

import dbl
from dbl.files import whole_file


def pretrain(path: Path, options: Mapping[str, Any] | None = None) -> float:
    """Trains the demo's network on :class:`~dbl.datasets.OtherShapes`, and keeps its backbone.

    Args:
        path: Of the state dict, whose numbers are float16: half the size.
        options: Values of ``configs/_base_/pretraining.py`` to change, by dotted keys.

    Returns:
        The mAP on scenes kept apart, between 0 and 1.
    """
    experiment = dbl.build_experiment(dbl.load_config('_base_/pretraining', options))
    with TemporaryDirectory() as folder:
        metrics = dbl.train(experiment, Path(folder) / 'run')
    state_dict = experiment.model.backbone.state_dict()
    kept = {k: v.half() for k, v in state_dict.items() if v.is_floating_point()}
    with whole_file(path) as part:
        torch.save(kept, part)
    return metrics['mAP/total']


if __name__ == '__main__':
    print(f'mAP on scenes kept apart: {100 * pretrain(Path(sys.argv[1])):.2f}')
