"""Builds the parts of an experiment, each by the one function that knows it."""

from dataclasses import dataclass
from logging import getLogger
from typing import Any

import torch
from mmengine.config import Config
from torch import nn
from torch.nn.parallel import DistributedDataParallel
from torch.optim import Optimizer
from torch.optim.swa_utils import AveragedModel

from dbl.datasets import Annotations
from dbl.datasets.multi_label import MultiLabelDataset
from dbl.datasets.source import Source
from dbl.errors import InputError
from dbl.evaluation import MultiLabelMetric
from dbl.expected_input import check_size, check_tokens
from dbl.kinds import check_least
from dbl.models import MultiLabelClassifier
from dbl.models.norms import synchronise
from dbl.network import build_module, build_network, check_type
from dbl.pipeline import build_pipeline
from dbl.registry import (
    METRICS,
    MODELS,
    SAMPLERS,
    SCHEDULES,
    build,
    parameters,
    registered,
)
from dbl.samplers import EpochSampler
from dbl.settings import evaluation_interval
from dbl.training.averaging import averaged_model
from dbl.training.compiling import compile_modules
from dbl.training.distributed import is_main, joined, rank_and_world_size
from dbl.training.loaders import InOrder, Loader, build_loader
from dbl.training.optimizer import build_optimizer
from dbl.training.rate import Schedule
from dbl.training.rng_state import seed_everything
from dbl.unused_defaults import check_defaults

LEAVE_OUT = (
    'leave the class out of every table: `python -m dbl build_dataset csv --no-subset --classes '
    'NAMES` keeps the classes that it names'
)


@dataclass
class Parts:
    """Builds a config's parts, and notes in ``resolved`` what follows from the data.

    Args:
        config: The config, as it was given.
        resolved: Its values, which are completed here.
        train: Annotations of the training set.
        channels: Of its images; or the width of its features; or 0 for texts.
    """

    config: Config
    resolved: dict[str, Any]
    train: Annotations
    channels: int = 3

    @property
    def device(self) -> torch.device:
        """The GPU of this process, or the CPU."""
        return torch.device('cuda' if torch.cuda.is_available() else 'cpu')

    @property
    def batch(self) -> int:
        """Training images in a step of the optimiser, over all processes."""
        config = self.config
        return config.train_dataloader.batch_size * config.accumulate * rank_and_world_size()[1]

    @property
    def batch_factor(self) -> float:
        """The batch divided by the one that the config's rate is meant for."""
        base = self.config.base_batch_size
        return self.batch / base if base else 1.0

    def model(self, train_name: str) -> MultiLabelClassifier:
        """Builds backbone, neck, head, and loss, with weights drawn from the config's seed.

        This seeds the global random numbers of the process, for the training as well.
        """
        seed_everything(self.config.seed, self.config.deterministic)
        num_classes = len(self.train.classes)
        self.resolved['model']['head']['num_classes'] = num_classes
        model = build_network(
            self.config.model,
            self.loss(train_name),
            num_classes,
            self.channels,
            {'annotations': self.train, 'trained': None},
            {'data_root': self.config.get('data_root') or ''},
        )
        check_size(model.backbone, self.config)
        check_tokens(model.backbone, self.config)
        return model

    def loss(self, train_name: str) -> nn.Module:
        """Builds the loss, with the class frequencies if it takes them."""
        key, part = 'model.head.loss', self.config.model.head.get('loss')
        check_type(key, part)
        known = parameters(registered(MODELS, key, part))
        statistics = {'class_freq': self.train.class_freq, 'num_images': len(self.train)}
        if 'class_freq' in known and 0 in self.train.class_freq:
            odd = self.train.classes[self.train.class_freq.index(0)]
            raise InputError(
                f"'{train_name}': no image shows '{odd}', but {part['type']} weights classes by "
                f'their images; {LEAVE_OUT}'
            )
        taken = {name: value for name, value in statistics.items() if name in known}
        self.resolved['model']['head']['loss'] |= taken
        loss = build_module(key, part, statistics)
        if getattr(loss, 'reduction', 'mean') == 'none':
            raise InputError(f"{key}.reduction must be 'mean' or 'sum' to train, but got 'none'")
        return loss

    def metric(self) -> MultiLabelMetric:
        """Builds the metric, with the groups of the training set."""
        statistics = {'class_freq': self.train.class_freq}
        self.resolved['metric'] |= {**statistics, 'num_images': len(self.train)}
        return build(METRICS, 'metric', self.config.metric, statistics)

    def train_loader(self, source: Source) -> Loader[EpochSampler]:
        """Builds the loader of the training set, whose sampler numbers its draws."""
        key, part = 'train_dataloader', self.config.train_dataloader
        neck = self.config.model.neck
        norm = False
        if neck is not None:
            norm = neck.get('norm', 'norm' in parameters(registered(MODELS, 'model.neck', neck)))
        dataset = self.dataset(key, source)
        # BatchNorm cannot normalise a batch of one.
        check_least(f'{key}.batch_size', part.batch_size, 2 if norm else 1)
        sampler = self.sampler(dataset)
        # The recipe's warm-up, over an epoch, needs two iterations to rise.
        if len(sampler) < 2 * part.batch_size * self.config.accumulate:
            batches, processes = f'batches of {part.batch_size}', rank_and_world_size()[1]
            draws = getattr(sampler, 'draws', len(sampler) * processes)
            if self.config.accumulate > 1:
                batches = f'steps of {self.config.accumulate} {batches}'
            each = f' on each of {processes} processes' if processes > 1 else ''
            takes = parameters(registered(SAMPLERS, f'{key}.sampler', part.sampler))
            more = f', or raise {key}.sampler.draws_per_class' if 'draws_per_class' in takes else ''
            raise InputError(
                f'an epoch has {draws} draws, fewer than two {batches}{each}; lower the batch with '
                f'`--cfg-options train_dataloader.batch_size=N`{more}'
            )
        return build_loader(dataset, sampler, part, training=True)

    def sampler(self, dataset: MultiLabelDataset) -> EpochSampler:
        """Builds the sampler, with what it takes from the data set."""
        key, part = 'train_dataloader.sampler', self.config.train_dataloader.sampler
        known = parameters(registered(SAMPLERS, key, part))
        rank, world_size = rank_and_world_size()
        given = {
            'dataset': dataset,
            'labels': dataset.labels,
            'num_images': len(dataset),
            'seed': self.config.seed,
            'batch_size': self.batch,
            'rank': rank,
            'world_size': world_size,
        }
        if 'wider_than_high' in known:  # it opens every image
            given['wider_than_high'] = dataset.wider_than_high()
        if 'labels' in known and 0 in dataset.class_freq:
            odd = dataset.classes[dataset.class_freq.index(0)]
            raise InputError(f"class '{odd}' has no training image to draw; {LEAVE_OUT}")
        return build(SAMPLERS, key, part, given)

    def test_loader(self, source: Source) -> Loader[InOrder]:
        """Builds the loader of the test set, or of the images for validation."""
        check_defaults(self.config)
        dataset = self.dataset('test_dataloader', source)
        part = self.config.test_dataloader
        return build_loader(dataset, InOrder(dataset), part, training=False)

    def dataset(self, loader: str, source: Source) -> MultiLabelDataset:
        """Builds the data set of a loader."""
        first, rest = build_pipeline(self.config, loader, self.channels)
        batched = self.device.type == 'cuda'
        budget = self.config[loader].dataset.get('memory_budget', 0)
        return MultiLabelDataset(source, first, rest, budget, batched)

    def schedule(self, epoch_length: int) -> Schedule:
        """Builds the learning rate schedule, whose warm-up follows the batch."""
        given = {'epoch_length': epoch_length, 'epochs': self.config.epochs}
        given['batch_factor'] = self.batch_factor
        schedule = build(SCHEDULES, 'schedule', self.config.schedule, given)
        self.resolved['schedule']['warmup_iterations'] = schedule.warmup_length
        milestones = self.config.schedule.get('milestones')
        if milestones and min(milestones) >= self.config.epochs and is_main():
            getLogger('dbl').warning(
                f'schedule.milestones={list(milestones)} lie beyond epochs={self.config.epochs}: '
                'the rate does not fall'
            )
        self.resolved['iterations_per_epoch'] = epoch_length
        self.resolved['evaluate_every'] = evaluation_interval(self.config)
        return schedule

    def optimizer(self, model: MultiLabelClassifier) -> Optimizer:
        """Builds the optimiser, whose rates grow in proportion to the batch."""
        optimizer = build_optimizer(self.config, model, self.batch_factor)
        self.resolved['optimizer']['lr'] = optimizer.defaults['lr']
        if self.config.backbone_lr is not None:
            self.resolved['backbone_lr'] = optimizer.param_groups[0]['initial_lr']
        return optimizer

    def averaged(self, model: nn.Module) -> AveragedModel | None:
        """Makes the model with averaged weights, if the config asks for it."""
        return None if self.config.ema is None else averaged_model(model, self.config.ema)

    def place(self, model: MultiLabelClassifier) -> None:
        """Moves the model to the device, and compiles it if the config asks for that."""
        config, on_gpu = self.config, self.device.type == 'cuda'
        if joined() and on_gpu and config.sync_bn:
            synchronise(model)
        model.to(self.device).to(memory_format=torch.channels_last)  # faster on GPU and CPU
        if config.compile is not False:
            compile_modules(config.compile, [model, model.head.loss])
        self.resolved['device'] = self.device.type

    def network(self, model: MultiLabelClassifier) -> nn.Module:
        """Gives what a training step runs: the model, wrapped if there are several processes."""
        on_gpu = self.device.type == 'cuda'
        if self.config.precision == 'float16' and not on_gpu:
            raise InputError('precision float16 needs a GPU; take bfloat16, or float32')
        if self.config.cuda_graph and (joined() or not on_gpu):
            raise InputError('cuda_graph=True needs a GPU, and no launcher; set it to None')
        return DistributedDataParallel(model, broadcast_buffers=False) if joined() else model
