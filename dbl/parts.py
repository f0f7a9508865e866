"""Builds the parts of an experiment, each by the one function that knows it."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from mmengine.config import Config
from torch import nn
from torch.nn.parallel import DistributedDataParallel
from torch.optim import Optimizer

from dbl.config import check_kind, check_least, check_names
from dbl.datasets import Annotations
from dbl.datasets.multi_label import MultiLabelDataset, Source
from dbl.errors import InputError, unknown
from dbl.evaluation import MultiLabelMetric
from dbl.models import MultiLabelClassifier
from dbl.registry import (
    METRICS,
    MODELS,
    OPTIMIZERS,
    SAMPLERS,
    SCHEDULES,
    TRANSFORMS,
    build,
    parameters,
    registered,
)
from dbl.training.distributed import joined, rank_and_world_size
from dbl.training.loaders import InOrder, Loader, build_loader
from dbl.training.rate import Schedule
from dbl.transforms import BatchedTransform

PRECISIONS = ('float32', 'bfloat16', 'float16')


@dataclass
class Parts:
    """Builds a config's parts, and notes in ``resolved`` what follows from the data.

    Args:
        config: As it was given.
        resolved: Its values, to be completed.
        train: Annotations of the training set.
    """

    config: Config
    resolved: dict[str, Any]
    train: Annotations

    @property
    def device(self) -> torch.device:
        """The GPU of this process, or the CPU."""
        return torch.device('cuda' if torch.cuda.is_available() else 'cpu')

    @property
    def batch(self) -> int:
        """Training images of a batch, of all processes together."""
        return self.config.train_dataloader.batch_size * rank_and_world_size()[1]

    @property
    def batch_factor(self) -> float:
        """The batch over the one that the config's rate is meant for."""
        base = self.config.base_batch_size
        return self.batch / base if base else 1.0

    def model(self, train_name: str) -> MultiLabelClassifier:
        """Builds backbone, neck, head and loss, with weights drawn from the config's seed."""
        part = self.config.model
        check_names('model', part, ('backbone', 'neck', 'head'))
        check_kind('model.head', part.get('head'), dict)
        seed_everything(self.config.seed, self.config.deterministic)
        backbone = build(MODELS, 'model.backbone', part.get('backbone'))
        neck = {'in_features': backbone.out_features}
        neck = build(MODELS, 'model.neck', part.get('neck'), neck)
        head = {key: value for key, value in part.head.items() if key != 'loss'}
        num_classes = len(self.train.classes)
        given = {'in_features': neck.out_features, 'num_classes': num_classes}
        given |= {'loss': self.loss(train_name), 'annotations': self.train}
        defaults = {'data_root': self.config.get('data_root', '')}
        self.resolved['model']['head']['num_classes'] = num_classes
        return MultiLabelClassifier(
            backbone, neck, build(MODELS, 'model.head', head, given, defaults)
        )

    def loss(self, train_name: str) -> nn.Module:
        """Builds the loss, with the class frequencies if it takes them."""
        key, part = 'model.head.loss', self.config.model.head.get('loss')
        known = parameters(registered(MODELS, key, part))
        statistics = {'class_freq': self.train.class_freq, 'num_images': len(self.train)}
        if 'class_freq' in known and 0 in self.train.class_freq:
            odd = self.train.classes[self.train.class_freq.index(0)]
            raise InputError(
                f"'{train_name}': no image shows '{odd}', but {part['type']} weights classes by "
                'their images; leave the class out'
            )
        taken = {name: value for name, value in statistics.items() if name in known}
        self.resolved['model']['head']['loss'] |= taken
        loss = build(MODELS, key, part, statistics)
        if getattr(loss, 'reduction', 'mean') == 'none':
            raise InputError(f"{key}.reduction must be 'mean' or 'sum' to train, but got 'none'")
        return loss

    def metric(self) -> MultiLabelMetric:
        """Builds the metric, whose groups are those of the training set."""
        statistics = {'class_freq': self.train.class_freq}
        self.resolved['metric'] |= {**statistics, 'num_images': len(self.train)}
        return build(METRICS, 'metric', self.config.metric, statistics)

    def train_loader(self, source: Source) -> Loader:
        """Builds the loader of the training set, whose sampler numbers its draws."""
        key, part = 'train_dataloader', self.config.train_dataloader
        neck = self.config.model.neck
        norm = neck.get('norm', 'norm' in parameters(registered(MODELS, 'model.neck', neck)))
        dataset = self.dataset(key, ('batch_size', 'num_workers', 'sampler', 'dataset'), source)
        # BatchNorm cannot normalise a batch of one.
        check_least(f'{key}.batch_size', part.batch_size, 2 if norm else 1)
        given = {'dataset': dataset, 'seed': self.config.seed, 'batch_size': self.batch}
        sampler = build(SAMPLERS, f'{key}.sampler', part.get('sampler'), given)
        if len(sampler) < 2 * part.batch_size:
            processes = rank_and_world_size()[1]
            raise InputError(
                f'an epoch has {len(sampler) * processes} draws, fewer than two batches of '
                f'{part.batch_size} on each of {processes} processes; lower the batch with '
                '`--cfg-options train_dataloader.batch_size=N`'
            )
        return build_loader(dataset, sampler, part, training=True)

    def test_loader(self, source: Source) -> Loader:
        """Builds the loader of the test set."""
        dataset = self.dataset('test_dataloader', ('batch_size', 'num_workers', 'dataset'), source)
        part = self.config.test_dataloader
        return build_loader(dataset, InOrder(dataset), part, training=False)

    def dataset(self, loader: str, known: Sequence[str], source: Source) -> MultiLabelDataset:
        """Builds the data set of a loader, and checks that one's plain values."""
        part, key = self.config[loader], f'{loader}.dataset'
        check_names(loader, part, known)
        for name, least in (('batch_size', 1), ('num_workers', 0)):
            check_kind(f'{loader}.{name}', part.get(name), int)
            check_least(f'{loader}.{name}', part[name], least)
        budget = part.dataset.get('memory_budget', 0)
        check_kind(f'{key}.memory_budget', budget, float)
        check_least(f'{key}.memory_budget', budget, 0)
        first, rest = (self.transforms(key, name) for name in ('pipeline', 'batch_pipeline'))
        for i, transform in enumerate(rest):
            if not isinstance(transform, BatchedTransform):
                raise InputError(
                    f'{key}.batch_pipeline.{i}: {type(transform).__name__} cannot run on whole '
                    f'batches; put it at the end of {key}.pipeline'
                )
        batched = self.device.type == 'cuda'
        return MultiLabelDataset(source, first, rest, budget, batched)

    def transforms(self, dataset: str, name: str) -> list:
        """Builds the transforms of one of a data set's two lists."""
        parts = self.config[dataset.partition('.')[0]].dataset.get(name, [])
        size = {'size': self.config.image_size}
        return [
            build(TRANSFORMS, f'{dataset}.{name}.{i}', part, defaults=size)
            for i, part in enumerate(parts)
        ]

    def schedule(self, epoch_length: int) -> Schedule:
        """Builds the schedule of the rate; a warm-up counted in iterations follows the batch."""
        given = {'epoch_length': epoch_length, 'epochs': self.config.epochs}
        given['batch_factor'] = self.batch_factor
        schedule = build(SCHEDULES, 'schedule', self.config.schedule, given)
        self.resolved['schedule']['warmup_iterations'] = schedule.warmup_length
        self.resolved['iterations_per_epoch'] = epoch_length
        return schedule

    def optimizer(self, model: nn.Module) -> Optimizer:
        """Builds the optimiser, whose rate grows in proportion to the batch (Goyal et al. 2017)."""
        registered(OPTIMIZERS, 'optimizer', self.config.optimizer)
        lr = self.config.optimizer.get('lr')
        if type(lr) not in (int, float) or not lr > 0:
            raise InputError(f'optimizer.lr must be a number above 0, but got {lr!r}')
        part = {**self.config.optimizer, 'lr': lr * self.batch_factor}
        self.resolved['optimizer']['lr'] = part['lr']
        return build(OPTIMIZERS, 'optimizer', part, {'params': list(model.parameters())})

    def placed(self, model: MultiLabelClassifier, training: bool) -> tuple[nn.Module, nn.Module]:
        """Brings the model to the device; returns it, and what a training step runs."""
        config, on_gpu = self.config, self.device.type == 'cuda'
        if config.precision not in PRECISIONS:
            raise unknown('precision', config.precision, PRECISIONS)
        if config.precision == 'float16' and not on_gpu:
            raise InputError('precision float16 needs a GPU; take bfloat16, or float32')
        if joined() and on_gpu and config.sync_bn:
            model = nn.SyncBatchNorm.convert_sync_batchnorm(model)
        model.to(self.device, memory_format=torch.channels_last)  # faster on GPU and CPU
        if config.compile is not False:
            options = config.compile if isinstance(config.compile, Mapping) else {}
            model.compile(**options)
            model.head.loss.compile(**options)
        self.resolved['device'] = self.device.type
        if joined() and training:
            return model, DistributedDataParallel(model, broadcast_buffers=False)
        return model, model


def seed_everything(seed: int, deterministic: bool) -> None:
    """Seeds the global random numbers, and chooses between fast and deterministic algorithms."""
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
    torch.backends.cudnn.benchmark = not deterministic
    if deterministic:
        torch.backends.cudnn.deterministic = True
        torch.use_deterministic_algorithms(True)
