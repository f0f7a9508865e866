"""Small files that would cost much to unpack."""

import struct
import zlib
from pathlib import Path

from PIL import Image


def picture_of_zeros(path: Path, side: int) -> Path:
    """Writes a PNG of one bit a pixel, without holding its pixels."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        checked = kind + content
        return struct.pack('>I', len(content)) + checked + struct.pack('>I', zlib.crc32(checked))

    pack = zlib.compressobj(9)
    row = bytes(1 + (side + 7) // 8)
    pixels = b''.join([*(pack.compress(row) for _ in range(side)), pack.flush()])
    header = struct.pack('>IIBBBBB', side, side, 1, 0, 0, 0, 0)
    chunks = chunk(b'IHDR', header), chunk(b'IDAT', pixels), chunk(b'IEND', b'')
    path.write_bytes(b'\x89PNG\r\n\x1a\n' + b''.join(chunks))
    return path


def small_picture_in_a_large_tile(path: Path, side: int, tile: int) -> Path:
    """Writes a TIFF of one byte a pixel, its one tile larger than the picture."""
    pack = zlib.compressobj(9)
    row = bytes(tile)
    pixels = b''.join([*(pack.compress(row) for _ in range(tile)), pack.flush()])
    short, long = 3, 4
    tags = [(256, long, side), (257, long, side), (258, short, 8), (259, short, 8)]
    tags += [(262, short, 1), (277, short, 1), (322, long, tile), (323, long, tile)]
    end = 8 + 2 + 12 * (len(tags) + 2) + 4
    tags += [(324, long, end), (325, long, len(pixels))]
    entries = b''.join(struct.pack('<HHII', tag, kind, 1, value) for tag, kind, value in tags)
    head = b'II*\0' + struct.pack('<IH', 8, len(tags)) + entries + bytes(4)
    path.write_bytes(head + pixels)
    return path


def picture_of_scans(path: Path, scans: int) -> Path:
    """Writes a progressive JPEG whose last scan is repeated."""
    Image.new('RGB', (64, 64), 'red').save(path, 'JPEG', progressive=True)
    content = path.read_bytes()
    last = content.rindex(b'\xff\xda')
    head, scan, end = content[:last], content[last:-2], content[-2:]
    path.write_bytes(head + scan * scans + end)
    return path


def beginning(value: object) -> str:
    """Names a case of a test: a name of 100 kB would be in the environment of what it starts."""
    return str(value)[:40]
