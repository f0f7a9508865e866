"""Checkpoints: how they are written and read, and whether a run can go on from them."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, TypeGuard

import torch
from torch import Tensor

from dbl.errors import InputError
from dbl.files import delete, whole_file
from dbl.safe_load import safe_load
from dbl.terminal import say
from dbl.training.distributed import is_main
from dbl.training.meta import Meta, check_meta
from dbl.training.sentences import NONE_IS_WHOLE, TAKES_EARLIER

# What a checkpoint must hold to be resumed. Those of the released code lack it.
STATE = {'optimizer', 'scaler', 'log', 'statistics'}
META = set(Meta.__struct_fields__)


def save_checkpoint(path: Path, checkpoint: dict[str, Any]) -> None:
    """Writes a checkpoint of plain data and tensors, whole or not at all."""
    if path.is_dir() and not path.is_symlink():  # not a checkpoint, so it was passed over
        delete(path)
    content = BytesIO()  # torch raises no OSError when the disk is full
    torch.save(checkpoint, content)
    with whole_file(path) as part:
        part.write_bytes(content.getbuffer())


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
