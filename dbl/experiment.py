"""An experiment: everything that a config names, each part built once."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mmengine.config import Config

from dbl.config import check_config, check_names, plain_values
from dbl.errors import InputError
from dbl.registry import DATASETS, build, parameters, registered

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

    from dbl.datasets.multi_label import Source
    from dbl.evaluation import MultiLabelMetric
    from dbl.models import MultiLabelClassifier
    from dbl.training.loaders import Loader
    from dbl.training.rate import Schedule

DATASET = ('source', 'memory_budget', 'pipeline', 'batch_pipeline')


@dataclass
class Experiment:
    """What a training or a test needs, built by :func:`build_experiment`.

    Attributes:
        config: As it was given.
        resolved: The same, completed: with the statistics of the training set, and the rate and
            warm-up of the batch.
        classes: Names of the classes, C.
        device: Where the model is.
        model: Gives the logits of normalised images; ``model.head.loss`` is the loss.
        metric: Of logits and targets of the test set.
        test_loader: Every test image once, in order.
        train_loader: Draws the training images. None, as what follows, where only a test is wanted.
        network: What a step runs: the model, wrapped where there are several processes.
        optimizer: Of the model's parameters.
        schedule: The share of the optimiser's rate, by iteration.
        rng_state: Of the random numbers when it was built, which a training starts with.
        trained: A training has begun.
    """

    config: Config
    resolved: dict[str, Any]
    classes: list[str]
    device: torch.device
    model: MultiLabelClassifier
    metric: MultiLabelMetric
    test_loader: Loader
    train_loader: Loader | None = None
    network: nn.Module | None = None
    optimizer: torch.optim.Optimizer | None = None
    schedule: Schedule | None = None
    rng_state: dict[str, Any] | None = None
    trained: bool = False

    def rate(self, iteration: int) -> float:
        """The learning rate of an iteration, from 0 on."""
        return self.optimizer.defaults['lr'] * self.schedule(iteration)

    def prepare(self, batch: Mapping[str, Any], training: bool) -> Tensor:
        """Brings the images of a batch to the device, and finishes there what the loader left."""
        loader = self.train_loader if training else self.test_loader
        return loader.dataset.prepare(batch, self.device)


def build_experiment(config: Config, training: bool = True, pretrained: bool = True) -> Experiment:
    """Builds everything that a config names, and so checks it.

    Annotations are read first, before torch is imported: what is wrong with them shows at once.

    Args:
        config: Of :func:`~dbl.config.load_config`.
        training: Build what trains, too; without it the training set is read for its statistics.
        pretrained: Load the backbone's ``weights``, which a training starts with.

    Raises:
        InputError: The data is missing or wrong, or a part cannot be built; it names the key.

    >>> from dbl import build_experiment, load_config
    >>> experiment = build_experiment(load_config('configs/demo/db_focal.py'))
    >>> len(experiment.classes), experiment.model.head.loss.mu
    (24, 0.2)
    """
    check_config(config)  # a value may have been set since it was loaded
    train, test = _build_source(config, 'train'), _build_source(config, 'test')
    _check_classes(train, test)
    for source in (train, test) if training else (test,):
        source.check_images()
    # torch is imported from here on.
    from dbl.parts import Parts
    from dbl.training.checkpoint import rng_state
    from dbl.training.distributed import is_main

    if is_main():
        _name_missing(train, test)
    parts = Parts(config, plain_values(config), train.annotations)
    model = parts.model(train.name)
    experiment = Experiment(
        config=config,
        resolved=parts.resolved,
        classes=train.annotations.classes,
        device=parts.device,
        model=model,
        metric=parts.metric(),
        test_loader=parts.test_loader(test),
    )
    if training:
        experiment.train_loader = parts.train_loader(train)
        experiment.schedule = parts.schedule(len(experiment.train_loader))
        if pretrained and hasattr(model.backbone, 'init_weights'):
            model.backbone.init_weights()
    experiment.model, experiment.network = parts.placed(model, training)
    if training:
        experiment.optimizer = parts.optimizer(experiment.model)
        experiment.rng_state = rng_state()
    return experiment


def _build_source(config: Config, split: str) -> Source:
    loader = f'{split}_dataloader'
    check_names(f'{loader}.dataset', config[loader].get('dataset'), DATASET)
    key, part = f'{loader}.dataset.source', config[loader].dataset.get('source')
    if 'data_root' in config and 'data_root' not in parameters(registered(DATASETS, key, part)):
        raise InputError(f'data_root has no effect: {part["type"]} reads no files; leave it out')
    return build(DATASETS, key, part, defaults={'data_root': config.get('data_root', '')})


def _check_classes(train: Source, test: Source) -> None:
    ours, theirs = train.annotations.classes, test.annotations.classes
    if ours != theirs:
        raise InputError(
            f"'{train.name}' and '{test.name}' must have the same classes in the same order; they "
            f'differ in {sorted(set(ours) ^ set(theirs)) or "their order"}'
        )
    if not any(test.annotations.class_freq):
        raise InputError(f"'{test.name}': no image shows a class, so that nothing can be measured")


def _name_missing(*sources: Source) -> None:
    """Says which classes the means leave out: those without training or without test images."""
    for source in sources:
        pairs = zip(source.annotations.classes, source.annotations.class_freq, strict=True)
        missing = [name for name, count in pairs if count == 0]
        if missing:
            text = f"'{source.name}': no image shows {', '.join(missing)}; left out of the means"
            logging.getLogger('dbl').warning(text)
