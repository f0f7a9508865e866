"""Makes the weights that the demo starts with: ``python -m dbl.pretraining PATH``."""

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
        path: Where to write the state dict. Its numbers are float16, which halves its size.
        options: Values of ``configs/_base_/pretraining.py`` to change, by dotted key.

    Returns:
        The mAP on held-out scenes, between 0 and 1.
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
    print(f'mAP on held-out scenes: {100 * pretrain(Path(sys.argv[1])):.2f}')
