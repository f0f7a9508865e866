"""Evaluates an experiment on its test set, or on its images for validation."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import torch
from torch import nn

from dbl.errors import InputError
from dbl.experiment import Experiment
from dbl.files import whole_file
from dbl.freed_memory import keep_freed_memory
from dbl.settings import ADD_VALIDATION
from dbl.training.distributed import gather
from dbl.training.loaders import Loader


class Scores(NamedTuple):
    """The logits that a network gives for images, and their labels.

    Attributes:
        images: (N,), their paths, as in the annotations.
        logits: (N, C).
        targets: (N, C), multi-hot.
    """

    images: np.ndarray
    logits: np.ndarray
    targets: np.ndarray

    def save(self, path: Path, classes: Sequence[str]) -> None:
        """Writes an .npz, with the names of the classes, whole or not at all."""
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(path) as part, part.open('wb') as file:
            np.savez_compressed(file, **self._asdict(), classes=np.array(classes))


def evaluate(
    experiment: Experiment, on: Literal['test', 'val'] = 'test', averaged: bool = False
) -> dict[str, float]:
    """Computes the metrics of an experiment's model.

    From then on, this process keeps the memory of freed arrays.

    Args:
        experiment: What to evaluate.
        on: The ``'test'`` set, or ``'val'``, the images for validation.
        averaged: Use the averaged weights of its training instead of the last ones.

    Returns:
        ``mAP/<group>``, ``F1/micro``, ``F1/macro`` and ``AP/<class>``, each between 0 and 1.

    Raises:
        InputError: There are no images for validation, or no averaged weights.

    >>> from dbl import build_experiment, evaluate, load_config
    >>> config = load_config('demo/db_focal', {'test_dataloader.num_workers': 0})
    >>> metrics = evaluate(build_experiment(config, training=False))
    >>> [*metrics][:4]
    ['mAP/total', 'mAP/head', 'mAP/medium', 'mAP/tail']
    """
    model: nn.Module = experiment.model
    if averaged:
        if experiment.averaged is None:
            raise InputError('the experiment averages no weights; add ema=0.9997, and train it')
        model = experiment.averaged.module
    return metrics_of(experiment, score(experiment, model, loader_of(experiment, on)))


def loader_of(experiment: Experiment, on: Literal['test', 'val']) -> Loader:
    """The loader of ``'test'`` or ``'val'``.

    Raises:
        InputError: There are no images for validation.
    """
    loaders = {'test': experiment.test_loader, 'val': experiment.val_loader}
    if on not in loaders:
        raise ValueError(f"on must be 'test' or 'val', but got {on!r}")
    loader = loaders[on]
    if loader is None:
        raise InputError(f'the config has no images for validation; {ADD_VALIDATION}')
    if on == 'val':
        loader.dataset.source.check_images()  # building has checked those of the test set
    return loader


def metrics_of(experiment: Experiment, scores: Scores) -> dict[str, float]:
    """Computes the metrics of an experiment's scores."""
    return experiment.metric.compute(scores.logits, scores.targets, experiment.classes)


@torch.inference_mode()
def score(
    experiment: Experiment,
    model: nn.Module,
    loader: Loader,
    each: Callable[[int], None] | None = None,
) -> Scores:
    """Runs a model over the images of a loader, each once, however many processes share them.

    Args:
        experiment: Experiment whose device is used.
        model: The experiment's model, or its averaged one.
        loader: Loader of the test set, or of the images for validation.
        each: Called after every batch, with its number.
    """
    keep_freed_memory()
    was_training = model.training
    model.eval()
    shares: list[tuple] = []
    for number, batch in enumerate(loader):
        logits = model(loader.dataset.prepare(batch, experiment.device))
        targets = batch['targets'].numpy().astype(np.uint8)
        shares.append((batch['img_path'], logits.cpu().numpy(), targets))
        if each is not None:
            each(number)
    model.train(was_training)
    columns = [np.concatenate(column) for column in zip(*shares, strict=True)]
    return Scores(*(in_order(column, len(loader.dataset)) for column in columns))


def in_order(share: np.ndarray, count: int) -> np.ndarray:
    """Joins the shares of the processes, each of every world-size-th image, without repetitions."""
    shares = gather(share)
    return np.stack(shares, axis=1).reshape(-1, *share.shape[1:])[:count]
