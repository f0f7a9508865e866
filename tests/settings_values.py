"""Small configs for tests/test_settings.py, their leaves, and another value for each of them.

A key of a table is a leaf's path, or ``Class.argument``, or ``*.argument`` for what several classes
or loaders have.
"""

from collections.abc import Iterator
from functools import cache
from inspect import Parameter
from pathlib import Path
from typing import Any, NamedTuple

from mmengine.registry import Registry

from dbl.config import load_config, merge
from dbl.config_values import flat_values
from dbl.registry import (
    DATASETS,
    METRICS,
    MODELS,
    OPTIMIZERS,
    SAMPLERS,
    SCHEDULES,
    TRANSFORMS,
    parameters,
    registered,
)

ROOT = Path(__file__).parent.parent
REGISTRIES = {
    'source': DATASETS,
    'sampler': SAMPLERS,
    'pipeline': TRANSFORMS,
    'batch_pipeline': TRANSFORMS,
    'model': MODELS,
    'metric': METRICS,
    'optimizer': OPTIMIZERS,
    'schedule': SCHEDULES,
}
# Arguments that the config's own data_root and image_size give, unless a part has its own.
INHERITED = ('data_root', 'size')

TINY = {
    'data_root': '{folder}',
    'image_size': 16,
    'epochs': 2,
    'log_every': 2,
    'model.backbone': {'type': 'ConvNet', 'channels': [4, 8], 'weights': None, 'norm_eval': False},
    'schedule.milestones': [1],
    'schedule.warmup_share': 0.5,
    'train_dataloader.batch_size': 4,
    'train_dataloader.num_workers': 0,
    'test_dataloader.num_workers': 0,
    'metric.head': 10,
    'metric.tail': 6,
}
_NO_NECK = {'type': 'GlobalMaxPool'}
_GRAPH = {'word_vectors': 'vectors.npy', 'data_root': '{folder}', 'hidden_features': 8}
_OWN_SIZE = {'type': 'ReferenceTransform', 'size': 16}
_RESNET = {'type': 'ResNet', 'depth': 18, 'weights': None}
_COSINE = {'type': 'CosineDecay'}
_SMALL = 'mobilenet_v3_small'
# By name: the config that each begins with, and what it changes beside TINY. What is off in one is
# on in another, and each registered class is in one.
PROFILES: dict[str, tuple[str, dict[str, Any]]] = {
    'db_focal': (
        'custom/db_focal',
        {
            'val_fraction': 0.3,
            'val_seed': 1,
            'select': 'best',
            'select_by': 'F1/macro',
            'evaluate_every': 1,
            'ema': 0.3,
            'accumulate': 2,
            'backbone_lr': 0.01,
            'checkpoint.iterations': 2,
            'checkpoint.spacing': None,
            'train_dataloader.sampler.draws_per_class': 8.0,
        },
    ),
    'erm': (
        'custom/erm',
        {
            'model.backbone': _RESNET,
            'val_source': {'ann_file': 'val'},
            'optimizer': {'type': 'AdamW', 'lr': 0.01},
            'schedule': {**_COSINE, 'warmup_iterations': 4},
            'base_batch_size': None,
        },
    ),
    'focal': (
        'custom/focal',
        {
            'init_from': '{folder}/begin.pth',
            'train_dataloader.sampler': {'type': 'ShuffleSampler'},
            'optimizer': {'type': 'Adam', 'lr': 0.01},
            'schedule': {**_COSINE, 'warmup_share': 0.5},
        },
    ),
    'rw': (
        'custom/rw',
        {'schedule.warmup_share': None, 'schedule.warmup_iterations': 4, 'cuda_graph': False},
    ),
    'cb_focal': ('custom/cb_focal', {}),
    'ldam': ('custom/ldam', {}),
    'asymmetric': ('custom/rs', {'model.head.loss': {'type': 'AsymmetricLoss'}}),
    'ml_gcn': ('custom/ml_gcn', {f'model.head.{k}': v for k, v in _GRAPH.items()}),
    'patience': (
        'custom/erm',
        {'epochs': 3, 'val_source': {'ann_file': 'all'}, 'patience': 1},
    ),
    'compile': ('custom/erm', {'compile': {'backend': 'eager', 'fullgraph': False}}),
    'own_places': (
        'custom/erm',
        {
            'data_root': None,
            'image_size': None,
            'train_dataloader.dataset.source.data_root': '{folder}',
            'test_dataloader.dataset.source.data_root': '{folder}',
            'train_dataloader.dataset.pipeline': [_OWN_SIZE],
            'train_dataloader.dataset.batch_pipeline': [],
            'test_dataloader.dataset.pipeline.0.size': 16,
        },
    ),
    'timm': (
        'custom/erm',
        {'model.backbone': {'type': 'TimmBackbone', 'name': 'test_resnet', 'weights': None}},
    ),
    'timm_vit': (
        'custom/erm',
        {
            'model.backbone': {
                'type': 'TimmBackbone',
                'name': 'test_vit',
                'weights': None,
                'image_size': 16,
            },
            'model.neck': None,
        },
    ),
    'torchvision': (
        'custom/erm',
        {'model.backbone': {'type': 'TorchvisionBackbone', 'name': _SMALL, 'weights': None}},
    ),
    'class_balanced_ntr': (
        'custom/cb_focal',
        {'model.head.loss': {'type': 'ClassBalancedNTRLoss'}},
    ),
    'features': (
        'features/erm',
        {
            'data_root': None,
            'image_size': None,
            'model.backbone': {'type': 'Features'},
            'train_dataloader.dataset.source.data_root': '{folder}',
            'test_dataloader.dataset.source.data_root': '{folder}',
        },
    ),
    'texts': (
        'custom/erm',
        {
            'data_root': None,
            'image_size': None,
            'model.backbone': {'type': 'TextEncoder', 'name': '{folder}/encoder'},
            'model.neck.dropout': 0.0,
            **{
                f'{split}_dataloader.dataset': {
                    'source': {
                        'type': 'TextFiles',
                        'ann_file': split,
                        'data_root': '{folder}/texts',
                    },
                    'pipeline': [{'type': 'Tokenize', 'encoder': '{folder}/encoder'}],
                    'batch_pipeline': [],
                }
                for split in ('train', 'test')
            },
        },
    ),
    'shapes': ('demo/erm', {}),
    'other_shapes': (
        'demo/erm',
        {
            f'{split}_dataloader.dataset.source': {'type': 'OtherShapes', 'split': split}
            for split in ('train', 'test')
        },
    ),
}


class Refused:
    """A second value that is refused, and what the error says."""

    def __init__(self, value: Any, message: str) -> None:
        self.value, self.message = value, message


# Of a `type`: the whole part that takes the place. Text in braces is filled in.
OTHER: dict[str, Any] = {
    'data_root': '{folder}/other',
    'image_size': 24,
    'seed': 1,
    'deterministic': True,
    'init_from': None,
    'val_fraction': 0.5,
    'val_seed': 2,
    'val_source': Refused({'ann_file': 'val'}, 'val_fraction and val_source exclude each other'),
    'val_source.ann_file': 'all',
    'accumulate': 1,
    'backbone_lr': None,
    'base_batch_size': 8,
    'clip_norm': 0.01,
    'ema': 0.1,
    'precision': 'bfloat16',
    'compile': True,
    'compile.backend': 'aot_eager',
    'compile.fullgraph': True,
    'epochs': 4,
    'evaluate_every': 2,
    'select': Refused('last', 'select_by has no effect without'),
    'select_by': 'mAP/total',
    'patience': 2,
    'log_every': 1,
    'checkpoint.minutes': 1e-9,
    'checkpoint.iterations': 1,
    'checkpoint.spacing': 1e-9,
    'checkpoint.keep': 2,
    '*.batch_size': 3,
    '*.num_workers': 1,
    '*.memory_budget': 0,
    # Data
    'source.type': Refused({'type': 'ShapesMLT', 'split': 'train'}, 'must have the same classes'),
    'train_dataloader.dataset.source.ann_file': 'all',
    'test_dataloader.dataset.source.ann_file': 'val',
    'AnnotatedFiles.data_root': '{folder}/other',
    'FeatureMatrix.data_root': '{folder}/other',
    'TextFiles.data_root': '{folder}/other/texts',
    'ShapesMLT.split': 'val',
    'ShapesMLT.scene_seed': 1,
    'OtherShapes.split': 'val',
    # Samplers
    'train_dataloader.sampler.type': {'type': 'ShuffleSampler'},
    'ClassAwareSampler.draws_per_class': 6.0,
    'ClassAwareSampler.draws_per_visit': 1,
    # Transforms
    'RandomCrop.type': {'type': 'RandomFlip'},
    'RandomCrop.min_size': 0.3,
    'RandomCrop.tries': 1,
    'Resize.type': {'type': 'RandomFlip', 'probability': 1.0},
    'Resize.size': 24,
    'RandomFlip.type': {'type': 'PhotometricDistortion'},
    'RandomFlip.probability': 0.0,
    'PhotometricDistortion.type': {'type': 'RandomFlip'},
    'PhotometricDistortion.brightness': 4,
    'PhotometricDistortion.contrast': (0.1, 0.2),
    'PhotometricDistortion.saturation': (0.1, 0.2),
    'PhotometricDistortion.hue': 90,
    'Normalize.type': {'type': 'PhotometricDistortion'},
    'Normalize.mean': (1.0, 2.0, 3.0),
    'Normalize.std': (1.0, 2.0, 3.0),
    'ReferenceTransform.size': 24,
    'Tokenize.encoder': Refused('{folder}/other_encoder', 'whose vocabulary is not that of'),
    'Tokenize.max_length': 4,
    # The network
    'model.backbone.type': {'type': 'ResNet', 'depth': 18},
    'ConvNet.channels': [4, 6],
    'ConvNet.weights': '{folder}/conv_net.pth',
    'ConvNet.norm_eval': True,
    'ResNet.depth': 34,
    'ResNet.weights': '{folder}/resnet18.pth',
    'ResNet.frozen_stages': 0,
    'ResNet.norm_eval': False,
    'TimmBackbone.name': 'resnet10t',
    'TimmBackbone.weights': '{folder}/test_resnet.pth',
    'TimmBackbone.frozen_stages': 0,
    'TimmBackbone.norm_eval': False,
    'TimmBackbone.image_size': 32,
    'TextEncoder.name': '{folder}/third_encoder',
    'TextEncoder.weights': False,
    'TextEncoder.frozen': True,
    'TorchvisionBackbone.name': 'shufflenet_v2_x0_5',
    'TorchvisionBackbone.weights': '{folder}/mobilenet.pth',
    'TorchvisionBackbone.frozen': ['features.0'],
    'TorchvisionBackbone.norm_eval': False,
    'TorchvisionBackbone.image_size': Refused(32, 'is not made for a size of choice'),
    'model.neck': {'type': 'PooledLinear', 'out_features': 6},
    'model.neck.type': _NO_NECK,
    'PooledLinear.out_features': 6,
    'PooledLinear.norm': False,
    'PooledLinear.dropout': 0.1,
    'PooledLinear.relu': True,
    'model.head.type': {
        'type': 'MLGCNHead',
        'word_vectors': 'one_hot',
        'loss': {'type': 'BCELoss'},
    },
    'MLGCNHead.word_vectors': 'one_hot',
    'MLGCNHead.data_root': '{folder}/other',
    'MLGCNHead.threshold': 0.9,
    'MLGCNHead.p': 0.5,
    'MLGCNHead.hidden_features': 6,
    # Losses
    'model.head.loss.type': {'type': 'BCELoss'},
    'DistributionBalancedLoss.alpha': 0.2,
    'DistributionBalancedLoss.mu': 0.4,
    'DistributionBalancedLoss.lam': 3.0,
    'DistributionBalancedLoss.kappa': 0.1,
    'DistributionBalancedLoss.nu_over_lam': False,
    'DistributionBalancedLoss.rebalance': False,
    'DistributionBalancedLoss.tolerate': 'both',
    'DistributionBalancedLoss.divided': False,
    'ClassBalancedNTRLoss.lam': 3.0,
    'ClassBalancedNTRLoss.kappa': 0.1,
    'ClassBalancedLoss.per': 'class',
    'InverseFrequencyLoss.power': 1.0,
    'LDAMLoss.max_margin': 0.8,
    'LDAMLoss.s': 2.0,
    'AsymmetricLoss.gamma_pos': 0.0,
    'AsymmetricLoss.gamma_neg': 1.0,
    'AsymmetricLoss.m': 0.0,
    '*.beta': 0.5,
    '*.gamma': 0.7,
    '*.scale': 3.0,
    '*.reduction': 'sum',
    # Metric
    'metric.type': Refused({'type': 'AveragePrecision'}, 'choose from MultiLabelMetric'),
    'MultiLabelMetric.head': 1000,
    'MultiLabelMetric.tail': 0,
    # Optimisers: arguments are torch's
    'optimizer.type': {'type': 'Adam', 'lr': 0.02},
    '*.lr': 0.03,
    'SGD.momentum': 0.5,
    'SGD.dampening': 0.5,
    'SGD.nesterov': True,
    '*.weight_decay': 0.2,
    '*.betas': (0.5, 0.9),
    '*.eps': 1e-3,
    '*.amsgrad': True,
    '*.maximize': True,
    '*.foreach': False,
    '*.fused': False,
    '*.decoupled_weight_decay': True,
    '*.capturable': Refused(True, 'optimizer cannot take a step: .*capturable'),
    '*.differentiable': Refused(True, 'optimizer cannot take a step'),
    # Schedules
    'schedule.type': {'type': 'CosineDecay'},
    'StepDecay.milestones': [],
    'StepDecay.gamma': 0.3,
    'CosineDecay.final_factor': 0.5,
    '*.warmup_iterations': 2,
    '*.warmup_share': 0.25,
    '*.warmup_factor': 0.9,
}
# What cannot be shown here, and why.
EXEMPT = {
    'sync_bn': 'needs several processes, each with a GPU',
    'cuda_graph': 'changes no number, bit for bit (tests/gpu)',
}
# By name, what follows from the data or from other settings: another value.
FOLLOWS: dict[str, Any] = {
    'annotations': 'x',
    'batch_factor': 7.0,
    'batch_size': 7,
    'class_freq': [1, 2, 3],
    'dataset': 'x',
    'device': 'tpu',
    'epoch_length': 7,
    'epochs': 7,
    'in_features': 7,
    'labels': 'x',
    'iterations_per_epoch': 7,
    'num_classes': 7,
    'num_images': 7,
    'params': 'x',
    'rank': 1,
    'seed': 7,
    'trained': {},
    'wider_than_high': 'x',
    'width': 7,
    'world_size': 7,
}


def filled(value: Any, folder: str) -> Any:
    """Puts the folder of the data in the place of ``{folder}``, in whatever holds it."""
    if isinstance(value, dict):
        return {key: filled(own, folder) for key, own in value.items()}
    if isinstance(value, list):
        return [filled(own, folder) for own in value]
    return value.replace('{folder}', folder) if isinstance(value, str) else value


def load(profile: str, folder: str) -> dict[str, Any]:
    """The values of a profile, as it is written."""
    row, options = PROFILES[profile]
    values = load_config(ROOT / f'configs/{row}.py').to_dict()
    tiny = {key: own for key, own in TINY.items() if key != 'data_root' or key in values}
    for path, value in [*tiny.items(), *options.items()]:
        for name in reversed(path.split('.')):
            value = {name: value}
        values = merge(values, value)
    return filled(values, folder)


def registry_of(place: str) -> Registry:
    """Where the type of a place, as ``'model.backbone'``, is looked up, if it takes one."""
    return next((REGISTRIES[name] for name in place.split('.') if name in REGISTRIES), None)


def parts_of(values: Any, place: str = '') -> Iterator[tuple[str, dict[str, Any]]]:
    """The parts of a config, each dict with a type, with their places."""
    if isinstance(values, list):
        values = {str(i): value for i, value in enumerate(values)}
    if not isinstance(values, dict):
        return
    if 'type' in values:
        yield place, values
    for name, value in values.items():
        yield from parts_of(value, f'{place}.{name}' if place else name)


def arguments_of(place: str, part: dict[str, Any]) -> dict[str, Parameter]:
    """The parameters of what a part's type names, but other parts."""
    found = parameters(registered(registry_of(place), place, part))
    return {name: own for name, own in found.items() if name != 'loss'}


def completed(values: dict[str, Any]) -> dict[str, Any]:
    """Adds each argument that a part could be given, with its default."""
    for place, part in parts_of(values):
        for name, argument in arguments_of(place, part).items():
            if name not in (*FOLLOWS, *INHERITED) and argument.default is not argument.empty:
                part.setdefault(name, argument.default)
    return values


class Leaf(NamedTuple):
    """A leaf of a profile: its path, and the class whose argument it is, if it is one."""

    profile: str
    path: str
    owner: str

    @property
    def name(self) -> str:
        return self.path.rpartition('.')[2]

    @property
    def same(self) -> str:
        """What it shares with the leaves of other profiles that need no test of their own."""
        return self.path if self.name == 'type' else f'{self.path} of {self.owner}'

    def in_table(self, table: dict[str, Any]) -> str | None:
        """The key of a table that is the leaf's."""
        last_two = '.'.join(self.path.split('.')[-2:])
        keys = (self.path, f'{self.owner}.{self.name}', last_two, f'*.{self.name}')
        return next((key for key in keys if key in table), None)


@cache
def leaves_of(profile: str) -> dict[Leaf, Any]:
    values = completed(load(profile, 'FOLDER'))
    owners = {place: part['type'] for place, part in parts_of(values)}
    flat = {path: own for path, own in flat_values(values).items() if own != []}
    return {
        Leaf(profile, path, owners.get(path.rpartition('.')[0], '')): own
        for path, own in flat.items()
    }


def every_leaf() -> list[Leaf]:
    """Each leaf once, in a profile where it is on, if there is one."""
    found: dict[str, Leaf] = {}
    for on in (True, False):
        for profile in PROFILES:
            for leaf, value in leaves_of(profile).items():
                if (value is not None) == on:
                    found.setdefault(leaf.same, leaf)
    return sorted(found.values(), key=lambda leaf: list(PROFILES).index(leaf.profile))


# What building adds to a config.
ADDED = ['device', 'iterations_per_epoch', 'metric.num_images']


def every_follower() -> dict[str, tuple[str, str]]:
    """The arguments that follow from others, each once: by class and name, profile and path."""
    found = {f'config.{path}': ('rw', path) for path in ADDED}
    for profile in PROFILES:
        for place, part in parts_of(load(profile, 'FOLDER')):
            for name in arguments_of(place, part).keys() & FOLLOWS.keys():
                found.setdefault(f'{part["type"]}.{name}', (profile, f'{place}.{name}'))
    return dict(sorted(found.items()))
