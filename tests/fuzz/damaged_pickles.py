"""Damage to checkpoints: other values, other tensors, and pickles that would run something."""

import io
import random
import struct
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import torch
from damaged_archives import archive_of, damaged_archive, members
from odd_values import DEEP, PAYLOAD, odd_value
from torch import Tensor
from torch._weights_only_unpickler import _get_allowed_globals
from trees import changed

TOUCH = b'X\x0e\x00\x00\x00touch EXECUTED'
# As a pickle has the text in whose place something else is put.
PLACE = b'X' + struct.pack('<I', len(DEEP)) + DEEP.encode()
CALLS = (
    'posix system', 'os system', 'builtins eval', 'builtins exec', 'builtins open',
    'subprocess check_call', 'subprocess Popen', 'torch.storage _load_from_bytes', 'torch load',
    'torch.hub load', 'torch.jit load', 'numpy load', 'importlib import_module', 'runpy run_path',
    'pickle loads', 'builtins __import__', 'builtins getattr', f'{PAYLOAD} Thing',
    f'{PAYLOAD}.more Thing', 'collections OrderedDict', 'codecs encode', 'pathlib PosixPath.touch',
)  # fmt: skip
NUMBERS = (0, 1, -1, 255, 2**31, 2**63, 10**10, 10**12)


def damaged_checkpoint(rng: random.Random, content: bytes) -> bytes:
    """A checkpoint with other values or other opcodes, or as a damaged archive."""
    zipped, tree = content.startswith(b'PK'), _tree(content)
    how = rng.random()
    if how < 0.6:
        return saved(_other_values(rng, tree), zipped)
    if how < 0.85 or not zipped:
        return _with_opcodes(rng, saved(_with_place(rng, tree), zipped))
    return damaged_archive(rng, content)


@lru_cache(maxsize=16)
def _tree(content: bytes) -> Any:
    return torch.load(io.BytesIO(content), weights_only=True)


def saved(tree: Any, zipped: bool) -> bytes:
    """What ``torch.save`` writes, in its present form or its older one."""
    content = io.BytesIO()
    torch.save(tree, content, _use_new_zipfile_serialization=zipped)
    return content.getvalue()


def _other_values(rng: random.Random, tree: Any) -> Any:
    for _ in range(rng.choice([1, 1, 1, 2, 4])):
        tree = changed(rng, tree, _odd)
    return tree


def _odd(rng: random.Random, value: Any) -> Any:
    if isinstance(value, Tensor) and rng.random() < 0.7:
        return rng.choice(_TENSORS)(rng, value)
    if rng.random() < 0.1:
        return rng.choice(_TENSORS)(rng, torch.ones(2, 3))
    return odd_value(rng, value)


def _of_another_kind(rng: random.Random, value: Tensor) -> Tensor:
    kinds = 'float64 float16 bfloat16 int64 uint8 bool complex64 int8 float8_e4m3fn'.split()
    return value.float().to(getattr(torch, rng.choice(kinds)))


def _of_another_shape(rng: random.Random, value: Tensor) -> Tensor:
    return rng.choice(
        [value.flatten(), value[None], value.flatten()[:0], value.sum(), value.reshape(-1, 1)]
    )


def _with_odd_numbers(rng: random.Random, value: Tensor) -> Tensor:
    return value.float() * rng.choice([float('nan'), float('inf'), 1e38, -1.0, 0.0])


def _without_values(rng: random.Random, value: Tensor) -> Tensor:
    return value.to('meta')


def _expanded(rng: random.Random, value: Tensor) -> Tensor:
    """One number that stands for all of them, or for gigabytes of them."""
    sizes = [value.shape, (3, 10**4), (3, 10**9), (10**5, 10**5), (2**31, 2**31), (10**9,)]
    return torch.ones((), dtype=value.dtype).expand(rng.choice(sizes))


def _sparse(rng: random.Random, value: Tensor) -> Tensor:
    place, size = torch.zeros(2, 1, dtype=torch.int64), rng.choice([(2, 3), (10**9, 10**9)])
    whole = torch.sparse_coo_tensor(place, torch.ones(1), size, check_invariants=False)
    return rng.choice([whole, value.to_sparse() if not value.is_sparse else value])


def _of_a_subclass(rng: random.Random, value: Tensor) -> Tensor:
    return torch.nn.Parameter(value.float())


_TENSORS: tuple[Callable[[random.Random, Tensor], Tensor], ...] = (
    _of_another_kind, _of_another_shape, _with_odd_numbers, _without_values, _expanded, _expanded,
    _sparse, _of_a_subclass,
)  # fmt: skip


def _with_place(rng: random.Random, tree: Any) -> Any:
    return changed(rng, tree, lambda rng, value: DEEP)


def _with_opcodes(rng: random.Random, content: bytes) -> bytes:
    """Puts other opcodes of pickle in the place that was marked, or in place of all of them."""
    opcodes = rng.choice(_OPCODES)(rng)
    if not content.startswith(b'PK'):
        return rng.choice([content.replace(PLACE, opcodes), b'\x80\x02' + opcodes + b'.'])
    found = [
        (name, data.replace(PLACE, opcodes) if name.endswith('data.pkl') else data)
        for name, data in members(content)
    ]
    return archive_of(found)


def _call(rng: random.Random) -> bytes:
    """Calls a function that no file should."""
    module, name = rng.choice(CALLS).split()
    how = rng.choice([b'R', b'R', b'\x81', b'i', b'o'])
    function = f'c{module}\n{name}\n'.encode()
    if how == b'i':
        return b'(' + TOUCH + b'i' + function[1:]
    return b'(' + function + TOUCH + b'o' if how == b'o' else function + TOUCH + b'\x85' + how


def _allowed_call(rng: random.Random) -> bytes:
    """Calls, with odd arguments, something that torch allows."""
    module, _, name = rng.choice(sorted(_get_allowed_globals())).rpartition('.')
    arguments = b''.join(_argument(rng) for _ in range(rng.choice([0, 1, 1, 2, 3, 6])))
    how = rng.choice([b'R', b'R', b'\x81', b'}b'])
    return f'c{module}\n{name}\n'.encode() + b'(' + arguments + b't' + how


def _argument(rng: random.Random) -> bytes:
    number = rng.choice(NUMBERS)
    whole = number.to_bytes(9, 'little', signed=True)
    texts = (b'N', b')', b'}', b']', b'\x88', TOUCH, b'G' + struct.pack('>d', 1e300))
    return rng.choice([b'\x8a\x09' + whole, rng.choice(texts)])


def _deep(rng: random.Random) -> bytes:
    depth = 100_000
    return b']' * depth + b'a' * (depth - 1)


def _itself(rng: random.Random) -> bytes:
    """A dict, or a list, that holds itself."""
    return rng.choice([b'}q\xfaX\x01\x00\x00\x00ah\xfas', b']q\xfah\xfaa'])


def _storage(rng: random.Random) -> bytes:
    """A tensor of a storage that is larger than the file, or is not there."""
    size = rng.choice(NUMBERS).to_bytes(9, 'little', signed=True)
    key = rng.choice([b'X\x01\x00\x00\x000', b'X\x05\x00\x00\x00../..', b'N'])
    kind = rng.choice([b'ctorch\nFloatStorage\n', b'ctorch\nByteStorage\n', b'cos\nsystem\n', b'N'])
    begin = b'ctorch._utils\n_rebuild_tensor_v2\n((X\x07\x00\x00\x00storage'
    whole = begin + kind + key + b'X\x03\x00\x00\x00cpu\x8a\x09' + size + b'tQ'
    shape = b'(\x8a\x09' + rng.choice([size, (4).to_bytes(9, 'little')]) + b't'
    return whole + rng.choice([b'K\x00', b'\x8a\x09' + size]) + shape + b'(K\x01t\x89}tR'


def _odd_opcodes(rng: random.Random) -> bytes:
    texts = (b'.', b'0' * 50, b'(' * 1000, b'h\xfe', b'j\xff\xff\xff\x7f', b'\x82\x01', b'\x95' * 9)
    long = (
        b'X\xff\xff\xff\x7f',
        b'\x8e' + b'\xff' * 8,
        b'\x8d' + b'\xff' * 8,
        b'T\xff\xff\xff\x7f',
    )
    more = (b'2' * 9, b'\x94' * 100, b'I' + b'9' * 5000 + b'\n', b'Fnan\n', rng.randbytes(20))
    return rng.choice(texts + long + more)


_OPCODES = (_call, _call, _allowed_call, _allowed_call, _deep, _itself, _storage, _odd_opcodes)
