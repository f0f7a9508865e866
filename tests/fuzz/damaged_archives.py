"""Damage to zip archives, which checkpoints and .npz files are."""

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable, Sequence
from functools import lru_cache

Members = list[tuple[str, bytes]]
# Where a field stands in the two records of a member, and its form.
LOCAL = {'method': (8, 'H'), 'crc': (14, 'I'), 'packed': (18, 'I'), 'size': (22, 'I')}
CENTRAL = {name: (place + 2, form) for name, (place, form) in LOCAL.items()}
CENTRAL |= {'flags': (8, 'H'), 'offset': (42, 'I'), 'name': (28, 'H'), 'extra': (30, 'H')}
CHUNK = 8_000_000
NAMES = ('../up', '/root', 'a' * 300, 'cat\x1b[2J', '', 'constants.pkl', 'x/data.pkl', 'x/version')
STORED, DEFLATED = zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED


def members(content: bytes) -> Members:
    """Name and content of each member of a sound archive."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return [(own.filename, archive.read(own)) for own in archive.infolist()]


def archive_of(found: Members, method: int = STORED) -> bytes:
    """An archive with these members."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, 'w', method) as archive:
        for name, data in found:
            own = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))  # the same bytes at any hour
            archive.writestr(own, data, method)
    return content.getvalue()


def damaged_archive(rng: random.Random, content: bytes) -> bytes:
    """Members are missing, twice, packed, or others than the records say."""
    try:
        found = members(content)
    except zipfile.BadZipFile:  # it was damaged before, or is of another form
        return content
    return rng.choice(_DAMAGES)(rng, found)


def _packed(rng: random.Random, found: Members) -> bytes:
    return archive_of(found, rng.choice([DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]))


def _missing(rng: random.Random, found: Members) -> bytes:
    number = rng.randrange(len(found))
    return archive_of(found[:number] + found[number + 1 :])


def _renamed(rng: random.Random, found: Members) -> bytes:
    number = rng.randrange(len(found))
    name = rng.choice([rng.choice(NAMES), *(own for own, _ in found)])
    return archive_of([*found[:number], (name, found[number][1]), *found[number + 1 :]])


def _added(rng: random.Random, found: Members) -> bytes:
    data = rng.choice([b'', b'x', bytes(1000), rng.choice(found)[1]])
    return archive_of([*found, (rng.choice(NAMES), data)])


def _swapped(rng: random.Random, found: Members) -> bytes:
    names, data = zip(*found, strict=True)
    return archive_of(list(zip(rng.sample(names, len(names)), data, strict=True)))


def _falsified(rng: random.Random, found: Members) -> bytes:
    """A record says what is not so."""
    content, number = archive_of(found), rng.randrange(len(found))
    field = rng.choice([*CENTRAL])
    value = rng.choice([0, 1, 8, 12, 14, 99, 2**16 - 1, 10**9, 2**31, 2**32 - 1])
    both = field in LOCAL and rng.random() < 0.5
    return with_fields(content, number, {field: value}, both)


def _repeated(rng: random.Random, found: Members) -> bytes:
    """The directory lists the same members very often."""
    content = archive_of(found)
    begin, end = content.index(b'PK\x01\x02'), content.rindex(b'PK\x05\x06')
    size = end - begin
    times = min(rng.choice([2, 100, 20_000]), 65_000 // len(found), 900_000 // size)
    last = struct.pack(
        '<IHHHHIIH', 0x06054B50, 0, 0, *[times * len(found)] * 2, times * size, begin, 0
    )
    return content[:end] + content[begin:end] * (times - 1) + last


def _bomb(rng: random.Random, found: Members) -> bytes:
    """Members unpack to many zeros after their own bytes."""
    count = min(len(found), rng.choice([1, 1, 3]))
    size = rng.choice([10**8, 4 * 10**8, 9 * 10**8 // count])
    return with_zeros(found, rng.sample(range(len(found)), count), size)


_DAMAGES: Sequence[Callable[[random.Random, Members], bytes]] = (
    _packed, _missing, _renamed, _added, _swapped, _falsified, _falsified, _repeated, _bomb,
)  # fmt: skip


def with_zeros(found: Members, numbers: Sequence[int], size: int) -> bytes:
    """An archive some of whose members unpack to ``size`` zeros after their own bytes."""
    packed = {number: pack_with_zeros(found[number][1], size) for number in numbers}
    written = [(name, packed.get(i, (data,))[0]) for i, (name, data) in enumerate(found)]
    content = archive_of(written)
    for number, (_, crc, whole) in packed.items():
        fields = {'method': DEFLATED, 'crc': crc, 'size': whole}
        content = with_fields(content, number, fields, both=True)
    return content


@lru_cache(maxsize=32)
def pack_with_zeros(data: bytes, size: int) -> tuple[bytes, int, int]:
    """Data and zeros, deflated: the bytes, and checksum and size of what they unpack to."""
    pack = zlib.compressobj(9, wbits=-15)
    head = pack.compress(data) + pack.flush(zlib.Z_FULL_FLUSH)
    zeros = pack.compress(bytes(CHUNK)) + pack.flush(zlib.Z_FULL_FLUSH)
    count, crc = size // CHUNK, zlib.crc32(data)
    for _ in range(count):
        crc = zlib.crc32(bytes(CHUNK), crc)
    return head + zeros * count + pack.flush(), crc, len(data) + count * CHUNK


def with_fields(content: bytes, number: int, fields: dict[str, int], both: bool) -> bytes:
    """Sets fields of a member's record in the directory, and, with ``both``, before its data."""
    copy, central = bytearray(content), content.index(b'PK\x01\x02')
    for _ in range(number):
        central = content.index(b'PK\x01\x02', central + 4)
    local = struct.unpack_from('<I', content, central + 42)[0]
    for name, value in fields.items():
        for start, places in ((central, CENTRAL), (local, LOCAL))[: 1 + both]:
            place, form = places[name]
            struct.pack_into('<' + form, copy, start + place, value % 256 ** struct.calcsize(form))
    return bytes(copy)
