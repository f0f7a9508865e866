"""Checkpoints: what is saved, how it is read, and whether it fits."""

import random
from collections.abc import Sequence
from io import BytesIO
from itertools import zip_longest
from logging import getLogger
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeGuard

import numpy as np
import torch
from torch import Tensor, nn

from dbl.config import changed_values, flat_values
from dbl.errors import InputError, shortened
from dbl.files import delete, whole_file
from dbl.safe_load import safe_load, shapes
from dbl.terminal import say
from dbl.training.distributed import is_main
from dbl.training.meta import Meta, annotations_of, check_meta, config_of
from dbl.training.sentences import NONE_IS_WHOLE, TAKES_EARLIER

if TYPE_CHECKING:
    from dbl.experiment import Experiment

# What a checkpoint must hold to be resumed. Those of the released code lack it.
STATE = {'optimizer', 'scaler', 'log', 'statistics'}
META = set(Meta.__struct_fields__)
# What scores depend on, but for what of it matters in training alone.
OF_SCORES = (
    'image_size',
    'model.',
    'test_dataloader.dataset.pipeline',
    'test_dataloader.dataset.batch_pipeline',
)
OF_TRAINING = set('loss weights frozen frozen_stages norm_eval dropout'.split())


def save_checkpoint(path: Path, checkpoint: dict[str, Any]) -> None:
    """Writes a checkpoint of plain data and tensors, whole or not at all."""
    if path.is_dir() and not path.is_symlink():  # not a checkpoint, so it was passed over
        delete(path)
    content = BytesIO()  # torch raises no OSError when the disk is full
    torch.save(checkpoint, content)
    with whole_file(path) as part:
        part.write_bytes(content.getbuffer())


def check_images(
    experiment: 'Experiment', meta: Any, path: str | Path, on: Literal['test', 'val']
) -> None:
    """Compares the images that a checkpoint records, if it does, with an experiment's.

    Args:
        experiment: What is to be tested.
        meta: What the checkpoint says of itself, if it says anything.
        path: Its file, for messages.
        on: What it is to be tested on.

    Raises:
        InputError: It is of other classes, or is to be tested on images for validation, but was
            validated on others.
    """
    if pair := other_class(meta, experiment.classes):
        has, have = map(shortened, pair)
        raise InputError(
            f"'{path}' has the class '{has}' where the data have '{have}'; give data with its "
            'classes, in their order'
        )
    if not isinstance(meta, dict) or 'sha256' not in meta:
        return
    ours = annotations_of(experiment)
    if on == 'val' and meta.get('val') != ours['val']:
        raise InputError(
            f"'{path}' was validated on other images, and may have been trained on these; give "
            f'the values that it was trained with: {_validation(meta)}'
        )
    if meta['sha256'] != ours['sha256'] and is_main():
        getLogger('dbl').warning(
            f"'{path}' was trained on other images than those of the config, which decide the "
            f'groups; its values were {_validation(meta)}'
        )


def other_class(meta: Any, classes: Sequence[str]) -> tuple[str | None, str | None] | None:
    """The first class of a checkpoint that is another in the data, and that one.

    None stands for no class, or for no difference. Some checkpoints do not name their classes.

    >>> other_class({'classes': ['cat', 'dog', 'ox']}, ['cat', 'ox', 'dog'])
    ('dog', 'ox')
    """
    theirs = meta.get('classes') if isinstance(meta, dict) else None
    pairs = zip_longest(map(str, theirs), classes) if isinstance(theirs, list) else ()
    return next((pair for pair in pairs if pair[0] != pair[1]), None)


def check_scores_alike(config: Any, meta: Any, path: str | Path) -> None:
    """Warns where a config would give other scores than the one that a checkpoint was trained with.

    Args:
        config: What it is to be tested with.
        meta: What the checkpoint says of itself, if it says anything.
        path: Its file, for messages.
    """
    changes = changed_scores(config, meta)
    if changes and is_main():
        getLogger('dbl').warning(
            f"'{path}' was trained with other values than it is tested with: "
            f'{shortened("; ".join(changes), 300)}; give its own with --cfg-options'
        )


def changed_scores(config: Any, meta: Any) -> list[str]:
    """Lists the values that scores depend on in which a config differs from a checkpoint's own."""
    trained = config_of(meta) if isinstance(meta, dict) else {}
    return changed_values(*map(_of_scores, (trained, config))) if trained else []


def _of_scores(config: Any) -> dict[str, Any]:
    """The values that a test's scores depend on, besides weights and images, by dotted key."""
    return {
        key: value
        for key, value in flat_values(config).items()
        if key.startswith(OF_SCORES) and OF_TRAINING.isdisjoint(key.split('.'))
    }


def _validation(meta: dict[str, Any]) -> str:
    """The values that decided what a checkpoint was trained and validated on."""
    config = config_of(meta)
    names = 'data_root', 'val_fraction', 'val_seed', 'val_source'
    return ', '.join(f'{name}={shortened(repr(config.get(name)))}' for name in names)


def read_checkpoint(path: str | Path) -> dict[str, Any]:
    """Reads a checkpoint of ours, with ``state_dict`` and ``meta``, or of the released code.

    The weights of the latter are renamed to ours.

    Raises:
        InputError: The file is missing or damaged, or is not a checkpoint.
    """
    if Path(path).is_dir():
        raise InputError(f"checkpoint '{path}' is a folder; name a file in it, such as epoch_8.pth")
    if not Path(path).is_file():
        raise InputError(
            f"checkpoint '{path}' does not exist; `python -m dbl train` writes "
            'work_dirs/<set>/<row>/*.pth'
        )
    checkpoint = safe_load(path)
    state_dict = checkpoint.get('state_dict') if isinstance(checkpoint, dict) else None
    if not _are_weights(state_dict):
        raise InputError(
            f"checkpoint '{path}' is neither from `python -m dbl train` nor from the released code"
        )
    if 'head.fc_cls.weight' in state_dict:
        checkpoint['state_dict'] = _from_released_code(state_dict)
    return checkpoint


def _are_weights(state_dict: Any) -> TypeGuard[dict[str, Tensor]]:
    return isinstance(state_dict, dict) and all(
        isinstance(key, str) and torch.is_tensor(value) for key, value in state_dict.items()
    )


def _from_released_code(state_dict: dict[str, Tensor]) -> dict[str, Tensor]:
    """Renames the weights of a released checkpoint, and drops an unused layer of its neck."""
    return {
        key.replace('head.fc_cls.', 'head.fc.'): value
        for key, value in state_dict.items()
        if not key.startswith('neck.fc_hidden_1.')
    }


def load_weights(
    model: nn.Module, path: str | Path, averaged: bool = False, config: Any = None
) -> dict[str, Any]:
    """Loads all weights of a checkpoint, or all averaged ones, into a model.

    Args:
        model: Gets them.
        path: The checkpoint.
        averaged: Take the averaged ones.
        config: What the model was built by, if an error may say what differs.

    Returns:
        What else the checkpoint holds.

    Raises:
        InputError: The file is not a checkpoint, has no averaged weights, or fits another model.
    """
    checkpoint = read_checkpoint(path)
    state_dict = checkpoint.pop('state_dict')
    if averaged:
        state_dict = averaged_weights(checkpoint, path)
    load_fitting(model, state_dict, path, changed_scores(config, checkpoint.get('meta')))
    return checkpoint


def load_fitting(
    model: nn.Module,
    state_dict: dict[str, Tensor],
    path: str | Path,
    changes: Sequence[str] = (),
) -> None:
    """Loads the weights from the file ``path`` into a model that is not to be trained on.

    A damaged counter of batches, which a test does not use, stays as it is. The error names what
    has changed in the config.

    Raises:
        InputError: They do not fit.
    """
    check_fits(model, state_dict, path, changes)
    own = model.state_dict()
    fitting = {
        key: value
        for key, value in state_dict.items()
        if key in own and _form(value) == _form(own[key])
    }
    model.load_state_dict(fitting, strict=False)


def _form(value: Tensor) -> tuple:
    return value.shape, value.dtype, value.layout, value.is_meta


def averaged_weights(checkpoint: dict[str, Any], path: str | Path) -> dict[str, Tensor]:
    """Takes the averaged weights of a checkpoint.

    Raises:
        InputError: It has none.
    """
    averaged = checkpoint.get('averaged')
    if not isinstance(averaged, dict) or not _are_weights(averaged.get('state_dict')):
        raise InputError(
            f"checkpoint '{path}' has no averaged weights; the epochs' checkpoints of a run with "
            'ema have them, and ema_best.pth, or what `python -m dbl decide --ema` writes, has '
            'nothing else: take it without --ema'
        )
    return averaged['state_dict']


def check_fits(
    model: nn.Module,
    state_dict: dict[str, Tensor],
    path: str | Path,
    changes: Sequence[str] = (),
) -> None:
    """Raises InputError if the weights from the file ``path`` do not fit a model."""
    different = misfits(model, state_dict)
    if different:
        helps = (
            f'give the values that it was trained with: {shortened("; ".join(changes), 300)}'
            if changes
            else 'check the config, its depth and number of classes'
        )
        raise InputError(
            f"checkpoint '{path}' is of another model: {len(different)} weights differ, such as "
            f'{different[0]}; {helps}'
        )


def misfits(model: nn.Module, state_dict: dict[str, Tensor]) -> list[str]:
    """Lists the weights in which a file and a model differ by name, shape, type or layout.

    The model may be on the meta device, where it takes no memory.
    """
    ours, theirs = _described(model.state_dict()), _described(state_dict)
    theirs |= {key: f'{theirs[key]}, meta' for key in theirs if state_dict[key].is_meta}
    return [
        f"'{key}': {theirs.get(key, 'missing')} in the file, {ours.get(key, 'none')} in the config"
        for key in {**ours, **theirs}
        if ours.get(key) != theirs.get(key)
    ]


def _described(state_dict: dict[str, Tensor]) -> dict[str, str]:
    """Describes weights by their shapes and by what is unusual about them.

    ``load_state_dict`` would cast integers, and pass over tensors without values.
    """
    usual = torch.float32, torch.strided
    found = {}
    for key, shape in shapes(state_dict).items():
        value = state_dict[key]
        kind = value.dtype, value.layout
        odd = [str(own) for own, other in zip(kind, usual, strict=True) if own != other]
        found[key] = ', '.join([str(shape), *odd])
    return found


def newest_resumable(paths: Sequence[Path]) -> tuple[Path, dict[str, Any]]:
    """Reads the newest whole checkpoint of a run, and warns of damaged ones.

    Raises:
        InputError: No checkpoint is whole, or a run cannot go on from it.
    """
    for path in reversed(paths):
        try:
            checkpoint = read_checkpoint(path)
            if is_ours(checkpoint):
                check_meta(checkpoint['meta'], path)
        except InputError as error:
            if is_main():
                say(f'warning: {error}; {TAKES_EARLIER}')
            continue
        check_resumable(checkpoint, path)
        return path, checkpoint
    raise InputError(f"'{paths[-1].parent}' holds {NONE_IS_WHOLE} to go on from")


def check_resumable(checkpoint: dict[str, Any], path: Path) -> None:
    """Raises InputError if a checkpoint can be tested, but no run can go on from it."""
    if 'message_hub' in checkpoint:
        raise InputError(
            f"'{path}' is from a run of dbl 0.1.0, which this version can test, but cannot go on "
            'with; go on with dbl 0.1.0, or start anew with --overwrite'
        )
    if not is_ours(checkpoint):
        raise InputError(
            f"'{path}' is not from `python -m dbl train`; it can be tested, but not resumed"
        )


def is_ours(checkpoint: dict[str, Any]) -> bool:
    """Whether a checkpoint has all that a run needs to go on."""
    meta = checkpoint.get('meta')
    return isinstance(meta, dict) and meta.keys() >= META and checkpoint.keys() >= STATE


def rng_state() -> dict[str, Any]:
    """The state of every random generator of this process and its device, as plain data."""
    numpy = np.random.get_state(legacy=False)
    return {
        'python': random.getstate(),
        'numpy': (
            numpy['bit_generator'],
            numpy['state']['key'].tolist(),
            numpy['state']['pos'],
            numpy['has_gauss'],
            numpy['gauss'],
        ),
        'torch': torch.get_rng_state(),
        'cuda': torch.cuda.get_rng_state() if torch.cuda.is_available() else None,
    }


def set_rng_state(state: dict[str, Any]) -> None:
    """Restores the random generators to what :func:`rng_state` gave."""
    random.setstate(state['python'])
    np.random.set_state(state['numpy'])
    torch.set_rng_state(state['torch'].cpu())
    if torch.cuda.is_available() and state['cuda'] is not None:
        torch.cuda.set_rng_state(state['cuda'].cpu())
