"""The tables of tests/test_settings.py: small configs, and another value for each of their leaves.

A key of a table is a leaf's path, or ``Class.argument``, or ``*.argument`` for what several classes
or loaders have.
"""

from typing import Any

TINY = {
    'data_root': '{folder}',
    'image_size': 16,
    'epochs': 2,
    'log_every': 2,
    'model.backbone': {'type': 'ConvNet', 'channels': [4, 8]},
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
# By name: the config that each begins with, and what it changes beside TINY. What is off in one is
# on in another, and each registered class is in one.
PROFILES: dict[str, tuple[str, dict[str, Any]]] = {
    'db_focal': (
        'custom/db_focal',
        {
            'val_fraction': 0.3,
            'val_seed': 1,
            'select': 'best',
            'evaluate_every': 1,
            'ema': 0.3,
            'accumulate': 2,
            'backbone_lr': 0.01,
            'checkpoint.iterations': 2,
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
        {'schedule.warmup_share': None, 'schedule.warmup_iterations': 4},
    ),
    'cb_focal': ('custom/cb_focal', {}),
    'ldam': ('custom/ldam', {}),
    'ml_gcn': ('custom/ml_gcn', {f'model.head.{k}': v for k, v in _GRAPH.items()}),
    'patience': (
        'custom/erm',
        {'epochs': 3, 'val_source': {'ann_file': 'all'}, 'patience': 1},
    ),
    'compile': ('custom/erm', {'compile': {'backend': 'eager', 'fullgraph': False}}),
    'own_places': (
        'custom/erm',
        {
            'train_dataloader.dataset.source.data_root': '{folder}',
            'test_dataloader.dataset.source.data_root': '{folder}',
            'train_dataloader.dataset.pipeline': [_OWN_SIZE],
            'train_dataloader.dataset.batch_pipeline': [],
            'test_dataloader.dataset.pipeline.0.size': 16,
        },
    ),
    'shapes': ('demo/erm', {}),
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
    'select': 'last',
    'patience': 2,
    'log_every': 1,
    'checkpoint.minutes': 1e-9,
    'checkpoint.iterations': 1,
    'checkpoint.keep': 2,
    '*.batch_size': 3,
    '*.num_workers': 1,
    '*.memory_budget': 0,
    # Data
    'source.type': Refused({'type': 'ShapesMLT', 'split': 'train'}, 'data_root has no effect'),
    'train_dataloader.dataset.source.ann_file': 'all',
    'test_dataloader.dataset.source.ann_file': 'val',
    'AnnotatedFiles.data_root': '{folder}/other',
    'ShapesMLT.split': 'val',
    'ShapesMLT.scene_seed': 1,
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
    # The network
    'model.backbone.type': {'type': 'ResNet', 'depth': 18},
    'ConvNet.channels': [4, 6],
    'ResNet.depth': 34,
    'ResNet.weights': '{folder}/resnet18.pth',
    'ResNet.frozen_stages': 0,
    'ResNet.norm_eval': False,
    'model.neck.type': _NO_NECK,
    'PooledLinear.out_features': 6,
    'PooledLinear.norm': False,
    'PooledLinear.dropout': 0.1,
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
    'ClassBalancedLoss.per': 'class',
    'InverseFrequencyLoss.power': 1.0,
    'LDAMLoss.max_margin': 0.8,
    'LDAMLoss.s': 2.0,
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
    'iterations_per_epoch': 7,
    'num_classes': 7,
    'num_images': 7,
    'params': 'x',
    'seed': 7,
}
