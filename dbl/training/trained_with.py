"""What a checkpoint was trained with, against what it is to be tested with."""

from collections.abc import Sequence
from itertools import zip_longest
from logging import getLogger
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from dbl.config_values import changed_values, flat_values
from dbl.errors import InputError, shortened
from dbl.training.distributed import is_main
from dbl.training.meta import annotations_of, config_of

if TYPE_CHECKING:
    from dbl.experiment import Experiment

# What scores depend on, but for what of it matters in training alone.
OF_SCORES = (
    'image_size',
    'model.',
    'test_dataloader.dataset.pipeline',
    'test_dataloader.dataset.batch_pipeline',
)
OF_TRAINING = set('loss weights frozen frozen_stages norm_eval dropout'.split())


def check_same_data(
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


def _validation(meta: dict[str, Any]) -> str:
    """The values that decided what a checkpoint was trained and validated on."""
    config = config_of(meta)
    names = 'data_root', 'val_fraction', 'val_seed', 'val_source'
    return ', '.join(f'{name}={shortened(repr(config.get(name)))}' for name in names)


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
