"""An experiment: everything that a config names, each part built once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, overload

from mmengine.config import Config

from dbl.check_config import check_config
from dbl.config_values import plain_values
from dbl.sources import build_sources, warn_about

if TYPE_CHECKING:
    import torch
    from torch import nn
    from torch.optim.swa_utils import AveragedModel

    from dbl.datasets.source import Source
    from dbl.evaluation import MultiLabelMetric
    from dbl.models import MultiLabelClassifier
    from dbl.parts import Parts
    from dbl.samplers import EpochSampler
    from dbl.training.loaders import InOrder, Loader
    from dbl.training.rate import Schedule


@dataclass
class Experiment:
    """What a test needs, built by :func:`build_experiment`.

    Attributes:
        config: As it was given.
        resolved: The same, completed with the statistics of the training set, and with the rate
            and warm-up for the batch.
        classes: Names of the classes, C.
        device: Where the model is.
        model: Gives the logits of normalised images; ``model.head.loss`` is the loss.
        metric: Measures logits against targets.
        test_loader: Yields every test image once, in order.
        train_sha256: Digest of the training paths and labels, which decide the metric's groups.
        val_loader: Yields every image for validation once, in order, if there are any.
        averaged: The model with averaged weights, if it will be trained with ``ema``.
    """

    config: Config
    resolved: dict[str, Any]
    classes: list[str]
    device: torch.device
    model: MultiLabelClassifier
    metric: MultiLabelMetric
    test_loader: Loader[InOrder]
    train_sha256: str = ''
    val_loader: Loader[InOrder] | None = None
    averaged: AveragedModel | None = None


@dataclass(kw_only=True)
class TrainingExperiment(Experiment):
    """What a training needs in addition.

    Attributes:
        train_loader: Draws the training images.
        epoch_length: Optimiser steps in an epoch. Batches left over that do not make a whole step
            are dropped.
        network: What a step runs: the model, wrapped if there are several processes.
        optimizer: Updates the model's parameters.
        schedule: Gives the share of the optimiser's rate at each iteration.
        rng_state: State of the random generators when it was built. The training starts from it.
        trained: Whether a training has begun.
    """

    train_loader: Loader[EpochSampler]
    epoch_length: int
    network: nn.Module
    optimizer: torch.optim.Optimizer
    schedule: Schedule
    rng_state: dict[str, Any]
    trained: bool = False

    def rates(self, iteration: int) -> list[float]:
        """The learning rate of each of the optimiser's groups at an iteration, counted from 0."""
        full, groups = self.optimizer.defaults['lr'], self.optimizer.param_groups
        share = self.schedule(iteration)
        return [group.get('initial_lr', full) * share for group in groups]


@overload
def build_experiment(
    config: Config, training: Literal[True] = True, pretrained: bool = True
) -> TrainingExperiment: ...


@overload
def build_experiment(config: Config, training: bool, pretrained: bool = True) -> Experiment: ...


def build_experiment(config: Config, training: bool = True, pretrained: bool = True) -> Experiment:
    """Builds everything that a config names, and so checks it.

    Annotations are read first, before torch is imported, so that errors in them show at once.

    Args:
        config: From :func:`~dbl.config.load_config`.
        training: Also build what trains. Otherwise the training set only gives its statistics.
        pretrained: Load the weights that a training starts with: the backbone's, or those of
            ``init_from``.

    Raises:
        InputError: The data is missing or wrong, or a part cannot be built; the key is named.

    >>> from dbl import build_experiment, load_config
    >>> experiment = build_experiment(load_config('demo/db_focal'))
    >>> len(experiment.classes), experiment.model.head.loss.mu
    (24, 0.2)
    """
    check_config(config)  # a value may have been set since it was loaded
    sources = build_sources(config)
    for source in sources.present if training else (sources.test,):
        source.check_images()
    # torch is imported from here on.
    from dbl.parts import Parts
    from dbl.training.distributed import is_main

    if is_main():
        warn_about(sources)
    train = sources.train
    parts = Parts(config, plain_values(config), train.annotations, train.channels)
    model = parts.model(sources.train.name)
    experiment = Experiment(
        config=config,
        resolved=parts.resolved,
        classes=sources.train.annotations.classes,
        device=parts.device,
        model=model,
        metric=parts.metric(),
        train_sha256=sources.train.annotations.sha256,
        test_loader=parts.test_loader(sources.test),
        val_loader=parts.test_loader(sources.val) if sources.val else None,
    )
    if training:
        return _to_train(experiment, parts, sources.train, pretrained)
    parts.place(model)
    return experiment


def _to_train(
    experiment: Experiment, parts: Parts, source: Source, pretrained: bool
) -> TrainingExperiment:
    """Adds what a training needs to an experiment, for :func:`build_experiment`."""
    from dbl.expected_input import check_normalization
    from dbl.training.initial_weights import init_weights, warn_of_frozen_noise
    from dbl.training.rng_state import rng_state

    config, model = experiment.config, experiment.model
    train_loader = parts.train_loader(source)
    epoch_length = len(train_loader) // config.accumulate
    schedule = parts.schedule(epoch_length)
    if pretrained:
        check_normalization(model.backbone, config)
        init_weights(model, config.init_from, experiment.classes)
        if config.init_from is None:
            warn_of_frozen_noise(model.backbone)
    parts.place(model)
    network = parts.network(model)
    experiment.averaged = parts.averaged(model)
    return TrainingExperiment(
        **vars(experiment),
        train_loader=train_loader,
        epoch_length=epoch_length,
        network=network,
        optimizer=parts.optimizer(model),
        schedule=schedule,
        rng_state=rng_state(),
    )
