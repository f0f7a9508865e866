"""Every setting of a config: its meaning, the values that it takes, and what it needs of others."""

from collections.abc import Collection, Mapping
from math import isfinite
from types import NoneType, UnionType
from typing import Any, Literal, NamedTuple, get_args, get_origin

from dbl.errors import InputError, unknown

KINDS = {
    bool: 'True or False',
    int: 'an integer',
    float: 'a number',
    str: 'text',
    dict: 'a dict',
    list: 'a list',
    NoneType: 'None',
}


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


def check_config(config: Mapping[str, Any]) -> None:
    """Raises InputError if a config lacks a setting, or has an unknown or impossible one.

    The inside of a part, a dict with a ``type``, is checked when it is built.

    >>> from dbl.config import load_config
    >>> from dbl.settings import check_config
    >>> config = load_config('demo/db_focal')
    >>> config.clip_norm = -1
    >>> check_config(config)
    Traceback (most recent call last):
        ...
    dbl.errors.InputError: clip_norm must be above 0, but got -1
    """
    for key in config:
        if key in RENAMED:
            raise InputError(f"'{key}' is of dbl 0.1.0; its place takes {RENAMED[key]}")
    _check_below('', config)
    _check_together(config)
    _check_text('', config)


def _check_text(key: str, value: Any) -> None:
    """Refuses a path that is not in UTF-8, which no record of a run could hold."""
    if isinstance(value, Mapping):
        for name, own in value.items():
            _check_text(f'{key}.{name}' if key else name, own)
    elif isinstance(value, list | tuple):
        for number, own in enumerate(value):
            _check_text(f'{key}.{number}', own)
    elif isinstance(value, str) and value.encode(errors='replace').decode() != value:
        raise InputError(f'{key} must be in UTF-8, but got {value!r}; rename the file or folder')


def _check_below(place: str, values: Mapping[str, Any]) -> None:
    """Checks the settings of one place, such as ``'checkpoint.'``, and those below them."""
    here = {
        key.removeprefix(place): setting
        for key, setting in SETTINGS.items()
        if key.startswith(place) and '.' not in key.removeprefix(place)
    }
    if not here:  # a part, whose arguments are its own
        return
    for name in values:
        if name not in here:
            raise unknown(f'{place[:-1]}: argument' if place else 'top-level key', name, here)
    for name, setting in here.items():
        if name in values:
            check_value(place + name, values[name], setting)
        elif setting.required:
            raise InputError(f'the config must have {place}{name}; configs/_base_/ has it')
        if isinstance(values.get(name), Mapping):
            _check_below(f'{place}{name}.', values[name])


def check_value(key: str, value: Any, setting: Setting) -> None:
    """Raises InputError if a setting cannot have a value."""
    check_kind(key, value, setting.kind)
    if setting.choices and value not in setting.choices:
        raise unknown(key, value, setting.choices)
    if type(value) not in (int, float):
        return
    if not isfinite(value):
        raise InputError(f'{key} must be finite, but got {value}')
    if setting.above is not None and not value > setting.above:
        raise InputError(f'{key} must be above {setting.above}, but got {value}')
    if setting.least is not None:
        check_least(key, value, setting.least)
    if setting.below is not None and not value < setting.below:
        raise InputError(f'{key} must be below {setting.below}, but got {value}')


def check_kind(key: str, value: Any, annotation: Any) -> None:
    """Raises InputError if a value is not of an annotation's kinds, where those are plain types.

    >>> from dbl.settings import check_kind
    >>> check_kind('clip_norm', 35, float | None)
    """
    kinds = kinds_of(annotation)
    if not set(kinds) <= KINDS.keys():
        return
    if not any(_is_of_kind(value, kind) for kind in kinds):
        expected = ' or '.join(KINDS[kind] for kind in kinds)
        raise InputError(f'{key} must be {expected}, but got {value!r}')


def kinds_of(annotation: Any) -> tuple[Any, ...]:
    """Gives the kinds that an annotation allows. For the words of a ``Literal`` it is text.

    >>> kinds_of(float | None), kinds_of(Literal['mean', 'sum'])
    ((<class 'float'>, <class 'NoneType'>), (<class 'str'>,))
    """
    if get_origin(annotation) is Literal:
        return tuple(dict.fromkeys(map(type, get_args(annotation))))
    return get_args(annotation) if isinstance(annotation, UnionType) else (annotation,)


def _is_of_kind(value: Any, kind: type) -> bool:
    if kind is dict:  # a subclass will do, and so will a tuple for a list
        return isinstance(value, Mapping)
    if kind is list:
        return isinstance(value, (list, tuple))
    return type(value) is kind or (kind is float and type(value) is int)


def check_least(key: str, value: float, least: float) -> None:
    """Raises InputError if a number is less than it must be.

    >>> from dbl.settings import check_least
    >>> check_least('epochs', 8, least=1)
    """
    if not value >= least:
        raise InputError(f'{key} must be at least {least}, but got {value}')


def check_names(key: str, part: Any, known: Collection[str]) -> None:
    """Raises InputError if a part is not a dict, or has an unknown name.

    >>> from dbl.settings import check_names
    >>> check_names('compile', {'mode': 'default'}, known=['mode', 'backend'])
    """
    check_kind(key, part, dict)
    for name in part:
        if name not in known:
            raise unknown(f'{key}: argument', name, known)


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


def _check_together(config: Mapping[str, Any]) -> None:
    """Refuses settings that have no effect together with the others."""
    if config['val_fraction'] is not None and config['val_source'] is not None:
        raise InputError('val_fraction and val_source exclude each other; set one of them to None')
    if config['val_fraction'] is None and config['val_seed'] != 0:
        raise InputError('val_seed has no effect without val_fraction; leave it at 0')
    if selects(config) and not validates(config):
        raise InputError(
            f"select='best' and patience need images apart from the test set; {ADD_VALIDATION}"
        )
    if config['cuda_graph'] and not has_one_gradient(config):
        raise InputError(
            'cuda_graph=True takes accumulate=1, compile=False, and float32 or bfloat16; set it to '
            'None'
        )
    if config['select_by'] != 'mAP/total' and not selects(config):
        raise InputError("select_by has no effect without select='best' or patience; add one")
