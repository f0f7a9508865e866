import os
import zipfile
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from dbl.errors import InputError
from dbl.out_of_memory import is_out_of_memory
from dbl.pickle_check import check_pickle

PICKLES = 5  # in the older format: a number, a version, the system, the data, the tensors' keys


def safe_load(path: str | Path) -> Any:
    """Loads a ``torch.save`` file of tensors and plain data, and executes nothing in it.

    Raises:
        InputError: The file is damaged, is of another kind, or holds more than plain data.
    """
    with open(path, 'rb'):  # if it cannot be opened, the OSError names it
        pass
    try:
        _check(path)
        return torch.load(path, map_location='cpu', weights_only=True)
    except Exception as error:  # torch may raise anything on a damaged file
        if is_out_of_memory(error):
            raise
        raise InputError(
            f"'{path}' is damaged, or is not a file of tensors and plain data alone"
        ) from error


def _check(path: str | Path) -> None:
    """Raises ValueError, or anything else, if a file should not be loaded."""
    try:
        if zipfile.is_zipfile(path):
            _check_archive(path)
        else:
            _check_pickles(path)
    except MemoryError as error:  # no memory has this, since lengths are read before they are there
        raise ValueError('it claims a length beyond all memory') from error


def _check_archive(path: str | Path) -> None:
    """Raises ValueError if an archive is not as ``torch.save`` writes it.

    ``torch.save`` compresses nothing, so the contents cannot be larger than the file. torch itself
    reads an archive without comparing its checksums.
    """
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        packed = [own.filename for own in members if own.compress_type != zipfile.ZIP_STORED]
        if packed or sum(own.file_size for own in members) > os.path.getsize(path):
            raise ValueError(f'{packed or path} is packed')
        if hole := archive.testzip():
            raise ValueError(f'{hole} is not what was written')
        for name in archive.namelist():
            if name.endswith('.pkl'):
                with archive.open(name) as file:
                    check_pickle(file)


def _check_pickles(path: str | Path) -> None:
    """Raises ValueError if a file in the older format, a row of pickles, should not be loaded."""
    with open(path, 'rb') as file:
        for _ in range(PICKLES):
            check_pickle(file)


def shapes(state_dict: dict[str, Tensor]) -> dict[str, tuple[int, ...]]:
    """The shapes of a state dict's weights.

    BatchNorm's counters of batches are left out, since not every file has them, and
    ``load_state_dict`` can do without.
    """
    return {
        str(key): tuple(value.shape)
        for key, value in state_dict.items()
        if not str(key).endswith('num_batches_tracked')
    }
