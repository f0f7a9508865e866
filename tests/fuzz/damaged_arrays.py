"""Damage to numpy's files: headers that say what is not so, and arrays of odd kinds."""

import io
import random
import struct
import zipfile

import numpy as np
from damaged_archives import archive_of, damaged_archive, members, with_zeros
from odd_values import ESCAPES

# Kind, shape and order of what a header announces.
ANNOUNCED = (
    ("'<f4'", (3, 10**12), False),
    ("'<f4'", (3, 3 * 10**8), False),
    ("'<f4'", (3, -1), False),
    ("'<f4'", (1,) * 100, False),
    ("'<f4'", (0, 2**63), True),
    ("'<f4'", [3, 4], 1),
    ("'|O'", (3, 4), False),
    ("[('a', '|O')]", (3,), False),
    (f"'|V{2**31}'", (3,), False),
    (f"'<U{10**8}'", (3,), False),
    ("'<U0'", (10**10,), False),
    ("'|S0'", (3, 10**12), False),
    ('[]', (10**10,), False),
    (f"('<f4', ({10**9},))", (3,), False),
    ("'<M8[s]'", (3, 4), False),
)
HEADERS = (
    *(
        f"{{'descr': {kind}, 'fortran_order': {order}, 'shape': {shape}, }}"
        for kind, shape, order in ANNOUNCED
    ),
    "{'descr': '<f4'}",
    '(' * 9000,
    '[' * 90_000 + ']' * 90_000,
    "__import__('os').system('touch EXECUTED')",
    '-' * 9000 + '1',
    '9' * 9000,
    ESCAPES,
    '',
)
KINDS = (
    np.float16, np.float64, np.complex64, np.bool_, np.int8, np.uint64, 'U9', 'S9', 'M8[s]', 'V4',
    np.longdouble,
)  # fmt: skip


def damaged_array(rng: random.Random, content: bytes) -> bytes:
    """An .npy with another header, or with an array of another kind or shape."""
    array = np.load(io.BytesIO(content))
    if rng.random() < 0.5:
        return _with_header(rng, array.tobytes())
    return as_npy(_other_array(rng, array))


def _with_header(rng: random.Random, data: bytes) -> bytes:
    header = rng.choice(HEADERS).encode('utf-8', 'replace') + b'\n'
    version = rng.choice([(1, 0), (2, 0), (3, 0), (1, 0), (9, 9)])
    size = rng.choice([len(header), len(header), 0, 2**16 - 1])
    form = '<H' if version == (1, 0) else '<I'
    most = 256 ** struct.calcsize(form) - 1
    return b'\x93NUMPY' + bytes(version) + struct.pack(form, min(size, most)) + header + data


def as_npy(array: np.ndarray) -> bytes:
    content = io.BytesIO()
    np.save(content, array)
    return content.getvalue()


def _other_array(rng: random.Random, array: np.ndarray) -> np.ndarray:
    how = rng.randrange(5)
    if how == 0:
        kind = rng.choice(KINDS)
        return np.zeros(array.shape, kind)
    if how == 1:
        shapes = [
            (),
            (0,),
            (1,) * 32,
            (3, 0),
            (0, 3),
            array.shape[::-1],
            (*array.shape, 1),
            (90, 90),
        ]
        return np.ones(rng.choice(shapes), array.dtype)
    if how == 2 and array.dtype.kind == 'f':
        return array * rng.choice([np.nan, np.inf, 1e38, -1, 0])
    if how == 3 and array.dtype.kind == 'U':
        return np.array([rng.choice([ESCAPES, 'a' * 1000, '', 'dog', '\ud800']) for _ in array])
    return array[: rng.randrange(len(array) + 1)] if array.ndim else array


def damaged_arrays(rng: random.Random, content: bytes) -> bytes:
    """An .npz with a damaged array, as a damaged archive, or with an array of many zeros."""
    try:
        found = members(content)
    except zipfile.BadZipFile:  # it was damaged before
        return content
    how, number = rng.random(), rng.randrange(len(found))
    if how < 0.15:
        return _zeros(rng, found, number)
    if how < 0.5:
        return damaged_archive(rng, content)
    name, data = found[number]
    found[number] = name, damaged_array(rng, data)
    return archive_of(found)


def _zeros(rng: random.Random, found: list, number: int) -> bytes:
    """An archive of a sound form, of which an array is far larger than the file."""
    name, data = found[number]
    array, size = np.load(io.BytesIO(data)), rng.choice([10**8, 5 * 10**8, 9 * 10**8])
    kind = rng.choice([array.dtype.str, '<f4', '<f8', '|b1', '<f2'])
    rows = max(1, array.shape[0])
    columns = size // rows // max(1, np.dtype(kind).itemsize)
    header = io.BytesIO()
    shape = {'descr': kind, 'fortran_order': False, 'shape': (rows, columns)}
    np.lib.format.write_array_header_1_0(header, shape)
    found[number] = name, header.getvalue()
    return with_zeros(found, [number], size + 8_000_000)
