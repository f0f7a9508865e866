"""Builds the transforms that a config names for the pictures of a loader."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dbl.datasets.text_files import TEXTS, as_picture
from dbl.errors import InputError
from dbl.limits import check_most
from dbl.registry import TRANSFORMS, build
from dbl.transforms import BatchedTransform, Transform

LISTS = ('pipeline', 'batch_pipeline')
MOST = 100  # transforms in each of them


def transform_parts(config: Mapping[str, Any], loader: str, name: str) -> dict[str, Any]:
    """Gives the parts in one of the two lists of a loader's data set, by key."""
    key, parts = f'{loader}.dataset.{name}', config[loader]['dataset'].get(name, [])
    if len(parts) > MOST:
        raise InputError(f'{key} has {len(parts)} transforms, but at most {MOST} are allowed')
    return {f'{key}.{i}': part for i, part in enumerate(parts)}


def build_pipeline(
    config: Mapping[str, Any], loader: str, channels: int = 3
) -> tuple[list[Transform], list[BatchedTransform]]:
    """Builds the transforms of a loader's pictures: those of each, and those of a whole batch.

    Args:
        config: With the loader and ``image_size``, the size of all that take one.
        loader: ``'train_dataloader'`` or ``'test_dataloader'``.
        channels: Of what its source reads.

    Raises:
        InputError: One cannot be built, cannot run on whole batches, or cannot transform a picture;
            or what they give is no network's input.

    >>> from dbl.config import load_config
    >>> build_pipeline(load_config('demo/db_focal'), 'test_dataloader')[0][0].size
    64
    """
    size = config.get('image_size')
    defaults = {} if size is None else {'size': size}
    first, rest = (
        [build(TRANSFORMS, k, part, defaults=defaults) for k, part in parts.items()]
        for parts in (transform_parts(config, loader, name) for name in LISTS)
    )
    key = f'{loader}.dataset'
    for i, transform in enumerate(rest):
        if not isinstance(transform, BatchedTransform):
            raise InputError(
                f'{key}.batch_pipeline.{i}: {type(transform).__name__} cannot run on whole '
                f'batches; put it at the end of {key}.pipeline'
            )
    check_transforms(key, [*first, *rest], channels)
    return first, rest


def check_transforms(key: str, transforms: Sequence[Transform], channels: int = 3) -> None:
    """Refuses transforms that, when tried, cannot turn a picture into a network's input."""
    # As large as photographs are, since a user's own transform may need that.
    image = as_picture('A text.') if channels == TEXTS else np.zeros((512, 512, 3), np.uint8)
    generator = np.random.default_rng(0)
    for transform in transforms:
        _check_size(key, transform)
        try:
            image = transform.apply(image, transform.draw(generator))
        except Exception as error:  # anyone's transform may raise anything
            name = type(transform).__name__
            raise InputError(f'{key}: {name} cannot transform a picture: {error!r:.200}') from error
    dtype = np.asarray(image).dtype
    if dtype != np.float32:
        raise InputError(
            f'{key}: {" and ".join(LISTS)} must end in images of float32, but give {dtype}; end '
            'them with Normalize'
        )


def _check_size(key: str, transform: Transform) -> None:
    """Refuses a transform that makes pictures which would fill the memory."""
    size = getattr(transform, 'size', None)
    if type(size) is int:
        check_most('DBL_MAX_PIXELS', size**2, f'{key}: the pixels of {type(transform).__name__}')
