"""Evaluating an experiment on its test set."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from dbl.experiment import Experiment
from dbl.files import whole_file
from dbl.training.distributed import gather


class Scores(NamedTuple):
    """What a network says of the test images, and what they show.

    Attributes:
        images: (N,), paths as in the annotations.
        logits: (N, C).
        targets: (N, C), multi-hot.
    """

    images: np.ndarray
    logits: np.ndarray
    targets: np.ndarray

    def save(self, path: Path) -> None:
        """Writes an .npz, all or nothing."""
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(path) as part, part.open('wb') as file:
            np.savez_compressed(file, **self._asdict())


def evaluate(experiment: Experiment) -> dict[str, float]:
    """Computes the metrics of an experiment's model on its test set.

    Returns:
        ``mAP/<group>``, ``F1/micro``, ``F1/macro`` and ``AP/<class>``, each between 0 and 1.

    >>> from dbl import build_experiment, evaluate, load_config
    >>> config = load_config('configs/demo/db_focal.py', {'test_dataloader.num_workers': 0})
    >>> metrics = evaluate(build_experiment(config, training=False))
    >>> [*metrics][:4]
    ['mAP/total', 'mAP/head', 'mAP/medium', 'mAP/tail']
    """
    return metrics_of(experiment, score_test_set(experiment))


def metrics_of(experiment: Experiment, scores: Scores) -> dict[str, float]:
    """Computes the metrics of what a network says of the test images."""
    return experiment.metric.compute(scores.logits, scores.targets, experiment.classes)


@torch.inference_mode()
def score_test_set(experiment: Experiment, each: Callable[[int], None] | None = None) -> Scores:
    """Runs the model over the test set, each image once however many processes share it.

    Args:
        experiment: What to evaluate.
        each: Called after every batch, with its number.
    """
    was_training = experiment.model.training
    experiment.model.eval()
    shares: list[tuple] = []
    for number, batch in enumerate(experiment.test_loader):
        logits = experiment.model(experiment.prepare(batch, training=False))
        targets = batch['targets'].numpy().astype(np.uint8)
        shares.append((batch['img_path'], logits.cpu().numpy(), targets))
        if each is not None:
            each(number)
    experiment.model.train(was_training)
    columns = [np.concatenate(column) for column in zip(*shares, strict=True)]
    return Scores(*(in_order(column, experiment) for column in columns))


def in_order(share: np.ndarray, experiment: Experiment) -> np.ndarray:
    """Joins what the processes have, each every world-size-th image, without repetitions."""
    shares = gather(share)
    joined = np.stack(shares, axis=1).reshape(-1, *share.shape[1:])
    return joined[: len(experiment.test_loader.dataset)]
