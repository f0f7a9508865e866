"""The pictures or tokens that a borrowed backbone expects, against those that a config makes."""

from collections.abc import Iterator, Mapping
from logging import getLogger
from typing import Any

import numpy as np
from torch import nn

from dbl.encoders import tokenizer_of
from dbl.errors import InputError, shortened
from dbl.models import TextEncoder
from dbl.models.borrowed import BorrowedBackbone, Normalization, output_shape
from dbl.out_of_memory import is_out_of_memory
from dbl.pipeline import LISTS, transform_parts
from dbl.registry import TRANSFORMS, parameters, registered
from dbl.training.distributed import is_main

LOADERS = ('train_dataloader', 'test_dataloader')
CLOSE = 1  # grey level


def check_size(backbone: nn.Module, config: Mapping[str, Any]) -> None:
    """Refuses pictures of a size that a borrowed backbone, when tried, cannot take.

    Raises:
        InputError: It cannot take them. The option that helps is named.
    """
    if not isinstance(backbone, BorrowedBackbone):
        return
    for size in dict.fromkeys(sizes(config)):
        try:
            output_shape(backbone, size)
        except Exception as error:  # each network refuses in its own way
            if is_out_of_memory(error):
                raise
            other = f', or model.backbone.image_size={size}' if backbone.resizable else ''
            raise InputError(
                f"model.backbone: '{backbone.name}' cannot take pictures of {size} x {size}: "
                f'{shortened(error, 200)}; add `--cfg-options image_size={backbone.size}`{other}'
            ) from error


def check_tokens(backbone: nn.Module, config: Mapping[str, Any]) -> None:
    """Refuses tokens of another vocabulary than that of the encoder that takes them.

    Raises:
        InputError: A transform numbers words in another way. Its key is named.
    """
    if not isinstance(backbone, TextEncoder):
        return
    own = tokenizer_of(backbone.name).get_vocab()
    for key, part in (item for loader in LOADERS for item in _transforms(config, loader).items()):
        other = part.get('encoder') if part['type'] == 'Tokenize' else None
        if isinstance(other, str) and tokenizer_of(other).get_vocab() != own:
            raise InputError(
                f"{key}.encoder is '{other}', whose vocabulary is not that of "
                f"model.backbone.name, '{backbone.name}'; set both to the same encoder"
            )


def sizes(config: Mapping[str, Any]) -> Iterator[int]:
    """Gives the height and width of the pictures that the loaders make, where a transform sets it.

    >>> from dbl.config import load_config
    >>> list(sizes(load_config('demo/db_focal')))
    [64, 64]
    """
    for loader in LOADERS:
        parts = _transforms(config, loader)
        found = [
            part.get('size', config['image_size'])
            for key, part in parts.items()
            if 'size' in parameters(registered(TRANSFORMS, key, part))
        ]
        yield from (size for size in found[-1:] if type(size) is int)


def _transforms(config: Mapping[str, Any], loader: str) -> dict[str, Any]:
    first, rest = (transform_parts(config, loader, name) for name in LISTS)
    return {**first, **rest}


def check_normalization(backbone: nn.Module, config: Mapping[str, Any]) -> None:
    """Warns if pictures are not normalised like those that a backbone's weights were trained on.

    It is a warning, since training goes on from there, at some cost. A checkpoint, which
    ``init_from`` names, says nothing of its pictures.
    """
    expects = getattr(backbone, 'expects', None)
    if expects is None or config['init_from'] is not None:
        return
    options = corrections(expects, config)
    if options and is_main():
        getLogger('dbl').warning(
            f"the weights of '{backbone.name}' are for pictures that are normalised in another "
            f'way; for that, add `--cfg-options {" ".join(options)}`'
        )


def corrections(expects: Normalization, config: Mapping[str, Any]) -> list[str]:
    """The options that make a config normalise its pictures as expected.

    >>> from dbl.config import load_config
    >>> expects = Normalization(mean=(123.675, 116.28, 103.53), std=(57.0, 57.0, 57.0))
    >>> corrections(expects, load_config('demo/db_focal'))[0]
    'train_dataloader.dataset.batch_pipeline.2.std=[57.0,57.0,57.0]'
    """
    options = []
    for key, part in (item for loader in LOADERS for item in _transforms(config, loader).items()):
        if part['type'] != 'Normalize':
            continue
        known = parameters(registered(TRANSFORMS, key, part))
        for name, values in expects._asdict().items():
            if not np.allclose(part.get(name, known[name].default), values, rtol=0, atol=CLOSE):
                options.append(f'{key}.{name}=[{",".join(map(str, values))}]')
    return options
