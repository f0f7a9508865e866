"""Damage to pictures: sizes that are not so, bombs, odd blocks with right checksums, odd forms."""

import io
import math
import random
import re
import struct
import zlib
from functools import lru_cache

import cv2
import numpy as np
from odd_values import ESCAPES
from PIL import Image

from dbl.limits import LIMITS

# A square of so many pixels a side is as large as is read.
MOST = math.isqrt(LIMITS['DBL_MAX_PIXELS'])
SIDES = (0, 1, MOST, 16_383, 20_000, 30_000, 65_500, 2**31 - 1, 2**32 - 1)
HEADERS = (
    b'P6\n99999 99999\n255\n', b'P6\n9999 9999\n65535\n', b'P4\n65000 65000\n', b'P5\n-1 9\n255\n',
    b'P7\nWIDTH 90000\nHEIGHT 9000\nDEPTH 4\nMAXVAL 255\nTUPLTYPE RGB_ALPHA\nENDHDR\n',
    b'PF\n9000 9000\n-1.0\n', b'#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 9000 +X 9000\n',
    b'\x59\xa6\x6a\x95' + struct.pack('>7I', 9000, 9000, 24, 0, 1, 0, 0), b'<svg></svg>',
    b'%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9000 9000\n%%EndComments\n(EXECUTED)(w)file\n',
    b'\x00\x00\x01\x00\x01\x00\x00\x00\x00\x00\x01\x00 \x00' + bytes(90), b'GIF89a' + b'\xff' * 900,
)  # fmt: skip


def damaged_picture(rng: random.Random, content: bytes) -> bytes:
    """Damage that the form's decoder sees, or a picture of another form."""
    how = rng.random()
    if how < 0.15:
        return rng.choice(HEADERS) + bytes(rng.choice([0, 100, 10_000]))
    if how < 0.25:
        return rng.choice(_MADE)(rng)
    for head, damage in _BY_HEAD.items():
        if content.startswith(head):
            return damage(rng, content)
    return content


def _damaged_png(rng: random.Random, content: bytes) -> bytes:
    chunks = _chunks(content)
    number = rng.randrange(len(chunks))
    how = rng.randrange(5)
    if how == 0:
        chunks.insert(rng.randrange(1, len(chunks)), _odd_chunk(rng))
    elif how == 1:
        chunks[0] = b'IHDR', _odd_head(rng, chunks[0][1])
    elif how == 2:
        rng.shuffle(chunks)
    elif how == 3:
        chunks[number:number] = [chunks[number]] * rng.choice([1, 100, 5000])
    else:
        name, data = chunks[number]
        chunks[number] = name, _with_odd_byte(rng, data)
    return _as_png(chunks)


def _chunks(content: bytes) -> list[tuple[bytes, bytes]]:
    found, place = [], 8
    while place + 8 <= len(content):
        size = struct.unpack_from('>I', content, place)[0]
        found.append((content[place + 4 : place + 8], content[place + 8 : place + 8 + size]))
        place += 12 + size
    return found


def _as_png(chunks: list[tuple[bytes, bytes]]) -> bytes:
    parts = [
        struct.pack('>I', len(data)) + name + data + struct.pack('>I', zlib.crc32(name + data))
        for name, data in chunks
    ]
    return b'\x89PNG\r\n\x1a\n' + b''.join(parts)


def _odd_head(rng: random.Random, head: bytes) -> bytes:
    if rng.random() < 0.5:
        return struct.pack('>II', rng.choice(SIDES), rng.choice(SIDES)) + head[8:]
    depth, colour, interlace = rng.choice([1, 2, 16, 0]), rng.randrange(7), rng.choice([0, 1, 9])
    return head[:8] + bytes([depth, colour, 0, 0, interlace])


def _odd_chunk(rng: random.Random) -> tuple[bytes, bytes]:
    bomb = zeros(rng.choice([10**6, 10**8, 4 * 10**8]))
    return rng.choice([
        (b'zTXt', b'a\0\0' + bomb), (b'iCCP', b'a\0\0' + bomb), (b'iTXt', b'a\0\1\0\0\0' + bomb),
        (b'tEXt', b'a\0' + ESCAPES.encode()), (b'eXIf', rng.randbytes(50)), (b'eXIf', _exif(rng)),
        (b'acTL', struct.pack('>II', 2**31 - 1, 0)), (b'PLTE', rng.randbytes(769)),
        (b'fcTL', struct.pack('>5I', 0, 30_000, 30_000, 0, 0) + bytes(6)), (b'tRNS', bytes(300)),
        (b'gAMA', bytes(4)), (b'sBIT', b'\xff' * 4), (b'pHYs', b'\xff' * 9), (b'IEND', b''),
    ])  # fmt: skip


def _exif(rng: random.Random) -> bytes:
    """A block of EXIF with odd orientation, kinds, counts and offsets."""
    entries = [
        struct.pack(
            '<HHII',
            rng.choice([274, 274, 270, 34665, 34853]),
            rng.choice([2, 3, 4, 5, 12, 99]),
            rng.choice([1, 0, 9, 2**31, 2**32 - 1]),
            rng.choice([0, 6, 8, 9, 2**16, 2**32 - 1]),
        )
        for _ in range(rng.choice([1, 2, 40]))
    ]
    begin = b'II*\0' + struct.pack('<IH', 8, rng.choice([len(entries), 0, 2**16 - 1]))
    return begin + b''.join(entries) + struct.pack('<I', rng.choice([0, 8, 2**32 - 1]))


@lru_cache(maxsize=32)
def zeros(size: int) -> bytes:
    """A zlib stream of so many zeros."""
    pack, chunk = zlib.compressobj(9), bytes(1_000_000)
    head = pack.compress(chunk) + pack.flush(zlib.Z_FULL_FLUSH)
    more = pack.compress(chunk) + pack.flush(zlib.Z_FULL_FLUSH)
    return head + more * (size // len(chunk) - 1) + pack.flush()


def _png_bomb(rng: random.Random) -> bytes:
    """Zeros of many pixels, as few bytes: within the limit of pixels, or far beyond."""
    depth, colour = rng.choice([(1, 0), (8, 0), (8, 2), (16, 6), (8, 3), (16, 2)])
    side = rng.choice([MOST, MOST, 2 * MOST, 60_000])
    bits = depth * {0: 1, 2: 3, 3: 1, 6: 4}[colour]
    size = min(side * (side * bits // 8 + 1), 9 * 10**8)
    head = struct.pack('>IIBBBBB', side, side, depth, colour, 0, 0, rng.choice([0, 0, 1]))
    chunks = [(b'IHDR', head), (b'PLTE', bytes(6)), (b'IDAT', zeros(size)), (b'IEND', b'')]
    return _as_png([chunk for chunk in chunks if chunk[0] != b'PLTE' or colour == 3])


def _damaged_jpeg(rng: random.Random, content: bytes) -> bytes:
    start = content.index(b'\xff\xc0')
    how = rng.randrange(4)
    if how == 0:
        sides = struct.pack('>HH', *(min(rng.choice(SIDES), 65_500) for _ in range(2)))
        return content[: start + 5] + sides + content[start + 9 :]
    if how == 1:
        block = b'Exif\0\0' + _exif(rng)
        return content[:2] + b'\xff\xe1' + struct.pack('>H', len(block) + 2) + block + content[2:]
    if how == 2:
        place = rng.randrange(start)
        return content[:place] + rng.randbytes(2) + content[place + 2 :]
    mark = rng.choice([b'\xff\xc2', b'\xff\xc1', b'\xff\xc9', b'\xff\xc3', b'\xff\xcf'])
    return content[:start] + mark + content[start + 2 :]


def _jpeg_bomb(rng: random.Random) -> bytes:
    """A large progressive picture of very many passes, each of a few bytes."""
    content = io.BytesIO()
    Image.new('RGB', (16, 16)).save(content, 'jpeg', progressive=True)
    data = content.getvalue()
    start, scan = data.index(b'\xff\xc2'), data.rindex(b'\xff\xda')
    side = struct.pack('>HH', *[rng.choice([1000, MOST, MOST, 65_500])] * 2)
    head = data[: start + 5] + side + data[start + 9 : scan]
    return head + data[scan:-2] * rng.choice([10, 80, 30_000]) + data[-2:]


def _damaged_gif(rng: random.Random, content: bytes) -> bytes:
    side = struct.pack('<HH', *(min(rng.choice(SIDES), 65_535) for _ in range(2)))
    frame = content.index(b',', 13) if b',' in content[13:] else 13
    if rng.random() < 0.5:
        content = content[: frame + 5] + side + content[frame + 9 :]
    if rng.random() < 0.5:
        content = content[:6] + side + content[10:]
    return content[:-1] + content[frame:-1] * rng.choice([0, 0, 1, 100]) + b';'


def _damaged_bmp(rng: random.Random, content: bytes) -> bytes:
    place, form = rng.choice(
        [(10, 'I'), (14, 'I'), (18, 'I'), (22, 'I'), (28, 'H'), (30, 'I'), (46, 'I')]
    )
    value = rng.choice([*SIDES, 2**31, 4, 8, 16, 32, 3])
    packed = struct.pack('<' + form, value % 256 ** struct.calcsize(form))
    return content[:place] + packed + content[place + len(packed) :]


def _damaged_tiff(rng: random.Random, content: bytes) -> bytes:
    """Tags of other values, kinds or counts; or a list of tags that follows itself."""
    start = struct.unpack_from('<I', content, 4)[0]
    count = struct.unpack_from('<H', content, start)[0]
    copy = bytearray(content)
    for _ in range(rng.choice([1, 1, 2, 3])):
        place = start + 2 + 12 * rng.randrange(count)
        offset, form = rng.choice([(0, 'H'), (2, 'H'), (4, 'I'), (8, 'I'), (8, 'I'), (8, 'I')])
        value = rng.choice(
            [*SIDES, 5, 7, 8, 32_773, 34_712, 50_000, 255, start, 322, 278, 16, 32, 64]
        )
        struct.pack_into('<' + form, copy, place + offset, value % 256 ** struct.calcsize(form))
    if rng.random() < 0.1:
        struct.pack_into('<I', copy, start + 2 + 12 * count, start)
    return bytes(copy)


def _tiff_bomb(rng: random.Random) -> bytes:
    """One strip of zeros, of many pixels of 1 to 16 bytes."""
    side, samples, bits = rng.choice([(MOST, 3, 8), (MOST, 4, 16), (MOST, 4, 32), (60_000, 1, 1)])
    strip = zeros(min(side * side * samples * bits // 8, 9 * 10**8))
    tags = [
        (256, side),
        (257, side),
        (258, bits),
        (259, 8),
        (262, min(samples - 1, 2) or 1),
        (273, 8),
    ]
    tags += [(277, samples), (278, side), (279, len(strip)), (339, 3 if bits == 32 else 1)]
    entries = b''.join(struct.pack('<HHII', tag, 4, 1, value) for tag, value in tags)
    head = b'II*\0' + struct.pack('<I', 8 + len(strip))
    return head + strip + struct.pack('<H', len(tags)) + entries + bytes(4)


def _large_picture(rng: random.Random) -> bytes:
    """A picture of one colour, as large as is read, half of it or a quarter, in a few bytes."""
    side = rng.choice([MOST, 7 * MOST // 10, MOST // 2])
    form, mode = rng.choice([('webp', 'RGB'), ('webp', 'RGBA'), ('gif', 'P'), ('jpeg2000', 'RGB'),
                             ('jpeg2000', 'RGBA'), ('jpeg2000', 'I;16')])  # fmt: skip
    if form == 'jpeg2000':  # making it takes long
        return _with_sides(bytearray(_plain(form, mode, 64)), side)
    return _plain(form, mode, side)


@lru_cache
def _plain(form: str, mode: str, side: int) -> bytes:
    content = io.BytesIO()
    how = dict(lossless=True, quality=0, method=0) if form == 'webp' else {}
    Image.new(mode, (side, side)).save(content, form, **how)
    return content.getvalue()


def _with_sides(content: bytearray, side: int) -> bytes:
    """A JPEG 2000 whose header says that it is a large one, of one tile."""
    sizes = content.index(b'\xff\x51') + 6
    for place in (content.index(b'ihdr') + 4, sizes, sizes + 16):
        struct.pack_into('>II', content, place, side, side)
    return bytes(content)


def _damaged_webp(rng: random.Random, content: bytes) -> bytes:
    sides = b''.join((min(rng.choice(SIDES), 2**24) - 1).to_bytes(4, 'little', signed=True)[:3]
                     for _ in range(2))  # fmt: skip
    flags = bytes([rng.choice([0, 2, 8, 16, 255])])
    place = content.find(b'VP8X')
    if place < 0 or rng.random() < 0.3:
        place = rng.choice([found.start() for found in re.finditer(rb'VP8|EXIF|RIFF', content)])
        size = struct.pack('<I', rng.choice([0, 1, 2**31, 2**32 - 1]))
        return content[: place + 4] + size + content[place + 8 :]
    return content[: place + 8] + flags + bytes(3) + sides + content[place + 18 :]


def _with_odd_byte(rng: random.Random, data: bytes) -> bytes:
    place = int(rng.random() * len(data))
    return data[:place] + rng.choice([b'\0', b'\xff', rng.randbytes(3)]) + data[place + 1 :]


def _other_form(rng: random.Random) -> bytes:
    """A sound picture of a form, or of channels, that pictures rarely have."""
    form = rng.choice([*_SHAPES])
    deep = form in ('.png', '.tiff', '.jp2') and rng.random() < 0.5
    pixels = np.full(rng.choice(_SHAPES[form]), 100, np.uint16 if deep else np.uint8)
    return np.asarray(cv2.imencode(form, pixels)[1]).tobytes()


_ANY = [(9, 9), (9, 9, 4), (1, 1, 3), (1, 9000, 3), (300, 2, 3)]
_SHAPES = {
    **dict.fromkeys(('.png', '.tiff', '.webp'), _ANY),
    **{form: [(64, 64, 3)] for form in ('.jp2', '.avif', '.sr', '.hdr', '.ppm')},
    **{form: [(9, 9)] for form in ('.pgm', '.pbm')},
}

_BY_HEAD = {
    b'\x89PNG': _damaged_png,
    b'\xff\xd8': _damaged_jpeg,
    b'GIF': _damaged_gif,
    b'BM': _damaged_bmp,
    b'II*': _damaged_tiff,
    b'RIFF': _damaged_webp,
}
_MADE = (_png_bomb, _jpeg_bomb, _tiff_bomb, _large_picture, _other_form)
