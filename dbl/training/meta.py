"""What a checkpoint says about itself and about the images that it was made with."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import torch

import dbl
from dbl.config_values import plain_values
from dbl.datasets.source import Source
from dbl.errors import InputError
from dbl.whole_numbers import Count, Positive

if TYPE_CHECKING:
    from dbl.experiment import Experiment, TrainingExperiment


class Meta(msgspec.Struct):
    """The ``meta`` of a checkpoint that a run goes on from."""

    dbl: str
    iter: Count
    epoch: Count
    config: str
    rng_states: list[dict[str, Any]]
    seed: Count
    batch: Positive
    epoch_length: Positive
    sha256: str
    val: str | None
    test: str
    pictures: dict[str, Any]
    optimizer: str
    init_from: str | None
    weights: str | None


def what_it_is_of(experiment: 'Experiment') -> dict[str, Any]:
    """What every checkpoint says: versions, classes, config, and the images with their labels."""
    trained_on = experiment.resolved['metric']
    return {
        'dbl': dbl.__version__,
        'torch': str(torch.__version__),  # its own kind of text would be no plain data
        'classes': experiment.classes,
        'class_freq': list(trained_on['class_freq']),
        'num_images': trained_on['num_images'],
        'channels': experiment.test_loader.dataset.source.channels,
        'config': json.dumps(plain_values(experiment.config)),
        **annotations_of(experiment),
    }


def annotations_of(experiment: 'Experiment') -> dict[str, str | None]:
    """Digests of the paths and labels for training (``sha256``), validation and test."""
    val = experiment.val_loader
    return {
        'sha256': experiment.train_sha256,
        'val': None if val is None else val.dataset.source.annotations.sha256,
        'test': experiment.test_loader.dataset.source.annotations.sha256,
    }


def sources_of(experiment: 'TrainingExperiment') -> dict[str, Source]:
    """The sources that a training trains, validates and tests on, by that purpose."""
    loaders = {
        'training': experiment.train_loader,
        'validation': experiment.val_loader,
        'test': experiment.test_loader,
    }
    return {name: loader.dataset.source for name, loader in loaders.items() if loader is not None}


def pictures_of(experiment: 'TrainingExperiment') -> dict[str, torch.Tensor]:
    """Fingerprints of the pictures of each of :func:`sources_of`, (N,)."""
    sources = sources_of(experiment)
    return {name: torch.from_numpy(own.fingerprints()) for name, own in sources.items()}


def config_of(meta: dict[str, Any]) -> dict[str, Any]:
    """The config that a checkpoint was trained with, which is empty if it does not say."""
    try:
        config = json.loads(meta['config'])
    except (KeyError, TypeError, ValueError, RecursionError):
        return {}
    return config if isinstance(config, dict) else {}


def check_meta(meta: dict[str, Any], path: Path) -> None:
    """Raises InputError if what a checkpoint says is impossible."""
    try:
        found = msgspec.convert(meta, Meta)
    except msgspec.ValidationError as error:
        raise InputError(f"'{path}' is damaged: its meta: {error}") from error
    if not config_of(meta):
        raise InputError(f"'{path}' is damaged: its config is not a JSON object")
    expected = checkpoint_name(found.iter, found.epoch_length)
    if (path.name, found.epoch) != (expected, found.iter // found.epoch_length):
        raise InputError(
            f"'{path}' is damaged: it says iteration {found.iter} and epoch {found.epoch}, with "
            f'{found.epoch_length} iterations per epoch, which would make it {expected}'
        )


def checkpoint_name(iteration: int, epoch_length: int) -> str:
    """Names the checkpoint after so many iterations.

    >>> checkpoint_name(0, 100), checkpoint_name(150, 100), checkpoint_name(200, 100)
    ('iter_0.pth', 'iter_150.pth', 'epoch_2.pth')
    """
    epoch, rest = divmod(iteration, epoch_length)
    return f'iter_{iteration}.pth' if rest or not iteration else f'epoch_{epoch}.pth'


def changed_pictures(then: torch.Tensor, now: torch.Tensor, names: list[str]) -> str | None:
    """Says which pictures have changed, if any have.

    Raises:
        ValueError: The fingerprints are not of the same form and number.

    >>> changed_pictures(torch.tensor([1, 2, 3]), torch.tensor([1, 5, 3]), ['a', 'b', 'c'])
    "1 of 3 differ, the first is 'b'"
    """
    if (then.dtype, then.shape, then.layout) != (now.dtype, now.shape, now.layout):
        raise ValueError('the fingerprints of the pictures are damaged')
    changed = np.flatnonzero((then != now).numpy())
    if not len(changed):
        return None
    return f"{len(changed)} of {len(names)} differ, the first is '{names[changed[0]]}'"
