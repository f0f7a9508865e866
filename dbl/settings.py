"""Every setting of a config: its meaning, the values that it takes, and what some say together."""

from collections.abc import Mapping
from types import UnionType
from typing import Any, NamedTuple


class Setting(NamedTuple):
    """A setting that is not an argument of a part.

    Attributes:
        kind: The type of its value. A dict may be a part, with a ``type``.
        meaning: What it is for.
        least: The least value that it takes.
        above: What its value must be above. ``below`` works likewise.
        choices: The texts that it takes.
        required: Whether a config must have it. configs/_base_/ has what most share.
    """

    kind: type | UnionType
    meaning: str
    least: float | None = None
    above: float | None = None
    below: float | None = None
    choices: tuple[str, ...] = ()
    required: bool = True


_SOURCE = Setting(dict, 'pictures and labels')
_BATCH_SIZE = Setting(int, 'images in a batch of one process', least=1)
_NUM_WORKERS = Setting(int, 'processes that load images; with 0 the training process does', least=0)
_PIPELINE = Setting(list, 'transforms of each image', required=False)
_BATCH_PIPELINE = Setting(
    list, 'transforms after these, which a GPU applies to whole batches', required=False
)
SETTINGS = {
    'data_root': Setting(
        str | None, 'folder of the annotation files, and of word vectors', required=False
    ),
    'image_size': Setting(
        int | None, 'height and width in pixels, for every transform that takes a size', 1
    ),
    'seed': Setting(
        int, 'seed of everything random, except the split by val_fraction', 0, below=2**31
    ),
    'deterministic': Setting(bool, 'use deterministic algorithms on a GPU, which are slower'),
    'model': Setting(dict, 'the network'),
    'model.backbone': Setting(dict, 'makes a map of features of each image, or a vector'),
    'model.neck': Setting(
        dict | None, 'pools the map to one vector an image; None averages it, and no more'
    ),
    'model.head': Setting(dict, 'turns the vector into logits, and holds the loss'),
    'init_from': Setting(
        str | None, 'checkpoint whose weights a training starts from, for fine-tuning'
    ),
    'train_dataloader': Setting(dict, 'the training images'),
    'train_dataloader.batch_size': _BATCH_SIZE,
    'train_dataloader.num_workers': _NUM_WORKERS,
    'train_dataloader.sampler': Setting(dict, 'which images an epoch draws, and in which order'),
    'train_dataloader.dataset': Setting(
        dict, 'the images, and the transforms that they go through'
    ),
    'train_dataloader.dataset.source': _SOURCE,
    'train_dataloader.dataset.memory_budget': Setting(
        float, 'largest memory for decoded pictures, in GB', least=0, required=False
    ),
    'train_dataloader.dataset.pipeline': _PIPELINE,
    'train_dataloader.dataset.batch_pipeline': _BATCH_PIPELINE,
    # No sampler and no memory_budget: each image is used once, in order.
    'test_dataloader': Setting(dict, 'the test images, and how those for validation are loaded'),
    'test_dataloader.batch_size': _BATCH_SIZE,
    'test_dataloader.num_workers': _NUM_WORKERS,
    'test_dataloader.dataset': Setting(dict, 'the images, and the transforms that they go through'),
    'test_dataloader.dataset.source': _SOURCE,
    'test_dataloader.dataset.pipeline': _PIPELINE,
    'test_dataloader.dataset.batch_pipeline': _BATCH_PIPELINE,
    'val_fraction': Setting(
        float | None, 'share of the training images to validate on', above=0, below=1
    ),
    'val_seed': Setting(int, 'seed of the split by val_fraction', least=0),
    'val_source': Setting(
        dict | None, "images to validate on: what these arguments make of the training's source"
    ),
    'accumulate': Setting(int, 'batches whose gradients make one step', least=1),
    'optimizer': Setting(dict, 'the optimiser; its lr is the rate for a batch of base_batch_size'),
    'backbone_lr': Setting(
        float | None,
        'learning rate of the backbone, where it is another; for the same batch',
        above=0,
    ),
    'base_batch_size': Setting(
        int | None,
        'batch that the rates and the warm-up are meant for; None leaves them as they are',
        least=1,
    ),
    'clip_norm': Setting(
        float | None, 'largest L2 norm of the gradient; None does not clip', above=0
    ),
    'ema': Setting(
        float | None, 'decay of averaged weights, which are evaluated as well', least=0, below=1
    ),
    'precision': Setting(
        str,
        'number format of the forward pass in training',
        choices=('float32', 'bfloat16', 'float16'),
    ),
    'compile': Setting(
        bool | dict, 'compile the network, by torch.compile; a dict has its options'
    ),
    'cuda_graph': Setting(
        bool | None,
        'record the gradient of a batch once, and replay it, which is faster on a GPU; None: where '
        'every part is known to allow it',
    ),
    'sync_bn': Setting(bool, 'share the statistics of BatchNorm among GPUs'),
    'epochs': Setting(int, 'passes through the sampler', least=1),
    'schedule': Setting(dict, 'share of the learning rate that each iteration takes'),
    'evaluate_every': Setting(
        int | None,
        'epochs between evaluations; None: the last alone, or all where one is selected',
        least=1,
    ),
    'select': Setting(
        str,
        'also test the epoch that was best on validation, or the last one alone',
        choices=('last', 'best'),
    ),
    'select_by': Setting(
        str,
        'what an epoch is best by on validation',
        choices=('mAP/total', 'F1/micro', 'F1/macro'),
    ),
    'patience': Setting(
        int | None, 'evaluations without improvement after which a training stops', least=1
    ),
    'log_every': Setting(int, 'iterations between lines of the log', least=1),
    'checkpoint': Setting(dict, 'when to save, and what to keep'),
    'checkpoint.minutes': Setting(float | None, 'minutes between saves within an epoch', above=0),
    'checkpoint.iterations': Setting(
        int | None, 'iterations between saves within an epoch', least=1
    ),
    'checkpoint.spacing': Setting(
        float | None,
        'seconds after a checkpoint in which the end of an epoch is not saved, unless it is the '
        'last, is evaluated, or is to be kept',
        above=0,
    ),
    'checkpoint.keep': Setting(
        int | None,
        'checkpoints to keep: the newest, and ends of epochs before it; None: all of these',
        least=1,
    ),
    'metric': Setting(dict, 'what is measured, and the groups of classes'),
}
# Keys of version 0.1.0, and what takes their place now.
RENAMED = {
    'param_scheduler': 'schedule, as schedule.milestones=[5,7]',
    'optim_wrapper': 'optimizer, accumulate, clip_norm and precision',
    'default_hooks': 'log_every, checkpoint and select',
    'custom_hooks': 'ema, patience, and after_step and after_epoch of dbl.train',
    'custom_imports': 'an import statement in the config',
    'train_cfg': 'epochs and evaluate_every',
    'randomness': 'seed and deterministic',
    'auto_scale_lr': 'base_batch_size; None leaves rate and warm-up as they are',
    'test_evaluator': 'metric',
    'val_dataloader': 'val_fraction or val_source, for images apart from the test set',
    'val_evaluator': 'metric',
    'env_cfg': 'nothing: a training sets it',
    'visualizer': 'nothing: scalars go to the run folder',
    'default_scope': 'nothing: names are found without it',
    'work_dir': '--work-dir',
    'launcher': '--launcher',
    'resume': '--resume',
    'load_from': 'init_from to start with its weights, or --resume to go on with its run',
}
ADD_VALIDATION = (
    'add val_fraction=0.1, or val_source for images of their own, as val_source.ann_file=val for a '
    'file val.csv, .json or .jsonl (of the demo val_source.split=val)'
)
TOP_LEVEL = [key for key in SETTINGS if '.' not in key]


def validates(config: Mapping[str, Any]) -> bool:
    """Whether a config has images for validation, apart from the test set."""
    return config['val_fraction'] is not None or config['val_source'] is not None


def selects(config: Mapping[str, Any]) -> bool:
    """Whether a config selects an epoch on validation, to test it or to stop."""
    return config['select'] == 'best' or config['patience'] is not None


def evaluation_interval(config: Mapping[str, Any]) -> int | None:
    """Gives the epochs between evaluations, or None if only the last epoch is evaluated."""
    return config['evaluate_every'] or (1 if selects(config) else None)


def has_one_gradient(config: Mapping[str, Any]) -> bool:
    """Whether a step's gradient is that of one batch, neither scaled nor compiled."""
    plain = config['precision'] != 'float16' and config['compile'] is False
    return config['accumulate'] == 1 and plain
