"""Reads arrays from .npz and .npy files that others made, without trusting their headers."""

import math
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import IO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import numpy as np
from numpy.lib import format as npy

from dbl.errors import InputError, shortened
from dbl.limits import check_most
from dbl.out_of_memory import is_out_of_memory

# Sound arrays compress by at most this factor. The limit applies only beyond it.
HONEST_RATIO = 20


def read_arrays(path: str | Path, names: Sequence[str]) -> dict[str, np.ndarray]:
    """Reads the named arrays of an .npz, or the one array of an .npy under each of the names.

    Raises:
        InputError: The file is missing or damaged, lacks a name, or unpacks to more than
            ``DBL_MAX_UNPACKED`` bytes.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / 'scores.npz'
    >>> np.savez(path, logits=np.eye(2), targets=np.ones(2))
    >>> read_arrays(path, ['targets'])
    {'targets': array([1., 1.])}
    """
    try:
        with open(path, 'rb') as file, warnings.catch_warnings():
            warnings.simplefilter('ignore')  # Python and numpy warn about odd headers
            if file.read(2) == b'PK':
                return _read_npz(file, path, names)
            size = file.seek(0, 2)
            array = _read_array(file, size)
    except InputError:
        raise
    except Exception as error:  # zipfile and numpy may raise anything on a damaged file
        if is_out_of_memory(error):
            raise
        reason = shortened(getattr(error, 'strerror', None) or error or type(error).__name__)
        raise InputError(f"'{path}' is missing or damaged: {reason}") from error
    return dict.fromkeys(names, array)


def names_in(path: str | Path) -> set[str]:
    """The names of the arrays in an .npz; none if the file is none."""
    try:
        with ZipFile(path) as packed:
            return {name.removesuffix('.npy') for name in packed.namelist()}
    except Exception:  # zipfile may raise anything on a damaged file; whoever reads it says so
        return set()


def is_packed(path: str | Path) -> bool:
    """Says whether a file exists and is an .npz, whatever its name."""
    try:
        with open(path, 'rb') as file:
            return file.read(2) == b'PK'
    except OSError:
        return False


def _read_npz(file: IO[bytes], path: str | Path, names: Sequence[str]) -> dict[str, np.ndarray]:
    with ZipFile(file) as packed:
        unpacked = sum(member.file_size for member in packed.infolist())
        if unpacked > HONEST_RATIO * file.seek(0, 2):
            check_most('DBL_MAX_UNPACKED', unpacked, f"the bytes that '{path}' unpacks to")
        arrays = {}
        for name in names:
            if f'{name}.npy' not in packed.namelist():
                raise ValueError(f"it has no '{name}'")
            member = packed.getinfo(f'{name}.npy')
            # zipfile's other methods may unpack without end.
            if member.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
                raise ValueError(f"'{name}' is compressed by a method that numpy does not use")
            with packed.open(member) as stream:
                arrays[name] = _read_array(stream, member.file_size)
        return arrays


def _read_array(stream: IO[bytes], size: int) -> np.ndarray:
    """Reads an array from the start of a stream, if its header agrees with the size."""
    stream.seek(0)
    version = npy.read_magic(stream)
    if version not in _HEADERS:
        raise ValueError(f'version {version} of the .npy format is not supported')
    try:
        shape, _, dtype = _HEADERS[version](stream)
    except MemoryError as error:  # of Python's parser, whatever memory there is
        raise ValueError('its header is nested too deeply') from error
    if dtype.kind not in 'biufSU':
        raise ValueError(f'{dtype} is neither numbers nor text')
    expected = size - stream.tell()
    # A zero extent must not hide a huge one that tolist() would build.
    if math.prod(shape) * dtype.itemsize != expected or math.prod(n or 1 for n in shape) > size:
        raise ValueError(f'{dtype} of shape {shape} does not fit its {expected} bytes')
    stream.seek(0)
    array = npy.read_array(stream, allow_pickle=False)
    if dtype.kind == 'U' and array.size and _characters(array).max() > sys.maxunicode:
        raise ValueError('it holds characters that are not text')
    return array


def _characters(texts: np.ndarray) -> np.ndarray:
    native = np.ascontiguousarray(texts, texts.dtype.newbyteorder('='))
    return np.atleast_1d(native).view(np.uint32)


_HEADERS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
