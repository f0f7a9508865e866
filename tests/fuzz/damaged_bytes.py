"""Damage to any file: its bytes, whatever they mean."""

import random
import re
import struct
from collections.abc import Callable

Damage = Callable[[random.Random, bytes], bytes]


def flipped(rng: random.Random, content: bytes) -> bytes:
    """Some bits are others."""
    copy = bytearray(content)
    for _ in range(rng.choice([1, 1, 2, 5, 20])):
        if copy:
            copy[_place(rng, copy)] ^= 1 << rng.randrange(8)
    return bytes(copy)


def cut(rng: random.Random, content: bytes) -> bytes:
    """The end is missing, or the beginning."""
    place = _place(rng, content)
    return content[:place] if rng.random() < 0.7 else content[place:]


def inserted(rng: random.Random, content: bytes) -> bytes:
    """Bytes are there that do not belong there."""
    place = _place(rng, content)
    return content[:place] + _piece(rng) + content[place:]


def overwritten(rng: random.Random, content: bytes) -> bytes:
    """Bytes are replaced by as many others."""
    place, piece = _place(rng, content), _piece(rng)
    return content[:place] + piece + content[place + len(piece) :]


def duplicated(rng: random.Random, content: bytes) -> bytes:
    """A part comes twice, or very often."""
    begin, end = sorted((_place(rng, content), _place(rng, content)))
    part = content[begin:end][:2000]
    return content[:end] + part * rng.choice([1, 1, 2, 50]) + content[end:]


def removed(rng: random.Random, content: bytes) -> bytes:
    """A part is missing."""
    begin, end = sorted((_place(rng, content), _place(rng, content)))
    return content[:begin] + content[min(end, begin + rng.choice([1, 4, 100, 10**6])) :]


def with_odd_integer(rng: random.Random, content: bytes) -> bytes:
    """A whole number of 1, 2, 4 or 8 bytes is out of all bounds, mostly one of the header's."""
    form = rng.choice('BHIQ')
    order, size = rng.choice('<>'), struct.calcsize(form)
    most = 256**size - 1
    value = rng.choice([0, 1, most, most // 2, most // 2 + 1, most - 1, min(most, 10**7), 255])
    within = content[:64] if rng.random() < 0.6 else content
    place = _place(rng, within)
    return content[:place] + struct.pack(order + form, value) + content[place + size :]


def with_odd_digits(rng: random.Random, content: bytes) -> bytes:
    """A number that is written in digits is out of all bounds."""
    found = list(re.finditer(rb'-?\d+', content))
    if not found:
        return flipped(rng, content)
    own = rng.choice(found)
    digits = rng.choice([b'-1', b'0', b'9' * 19, b'9' * 400, b'9' * 5000, b'1e999', b'NaN', b''])
    return content[: own.start()] + digits + content[own.end() :]


def made_up(rng: random.Random, content: bytes) -> bytes:
    """Nothing of it is left."""
    size = rng.choice([0, 1, 10, 1000, 100_000])
    return rng.choice([rng.randbytes(size), bytes(size), b'\xff' * size])


def _place(rng: random.Random, content: bytes) -> int:
    return min(len(content) - 1, int(rng.random() * len(content))) if content else 0


def _piece(rng: random.Random) -> bytes:
    pieces = (
        b'\x00',
        b'\xff\xff\xff\xff',
        b'\x1b[2J',
        b'"',
        b'\n',
        b'{',
        b']',
        b',',
        b'PK\x05\x06',
    )
    return rng.choice((*pieces, rng.randbytes(4), rng.randbytes(100), bytes(1000)))


DAMAGES: tuple[Damage, ...] = (
    flipped, cut, inserted, overwritten, duplicated, removed, with_odd_integer, with_odd_digits,
    made_up,
)  # fmt: skip
