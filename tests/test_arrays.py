"""Arrays of files that others made: a right answer or one sentence, within little memory."""

import struct
import zipfile

import numpy as np
import pytest
from bombs import beginning

from dbl.arrays import read_arrays
from dbl.errors import InputError

SOUND = {
    'logits': np.arange(6, dtype=np.float32).reshape(2, 3),
    'images': np.array(['a.jpg', 'ö']),
    'scale': np.array(2.0),
    'columns': np.asfortranarray(np.eye(3)),
    'nothing': np.zeros((0, 3)),
}


@pytest.fixture(params=[np.savez, np.savez_compressed])
def path(request, tmp_path):
    request.param(tmp_path / 'a.npz', **SOUND)
    return tmp_path / 'a.npz'


def test_what_numpy_wrote_comes_back(path):
    arrays = read_arrays(path, [*SOUND])
    assert [*arrays] == [*SOUND]
    for name, array in SOUND.items():
        assert arrays[name].dtype == array.dtype
        np.testing.assert_array_equal(arrays[name], array)


def test_an_npy_is_given_under_each_name(tmp_path):
    np.save(tmp_path / 'a.npy', np.eye(2))
    arrays = read_arrays(tmp_path / 'a.npy', ['a', 'b'])
    assert [array.tolist() for array in arrays.values()] == [[[1, 0], [0, 1]]] * 2


def is_refused(path, why, names=('logits',)):
    with pytest.raises(InputError, match=rf"{path.name}' is missing or damaged: .*{why}") as error:
        read_arrays(path, names)
    assert len(str(error.value)) < 200 + len(str(path))


def test_what_is_not_there_is_named(path, tmp_path):
    is_refused(path, "it has no 'targets'", ['targets'])
    is_refused(tmp_path / 'none.npz', 'No such file')
    is_refused(tmp_path, 'Is a directory')


def member(header, content=b'', version=1):
    """The bytes of an .npy with a header as given."""
    text = header.encode().ljust(100) + b'\n'
    return b'\x93NUMPY' + struct.pack('<BBH', version, 0, len(text)) + text + content


def claims(descr, shape):
    return f"{{'descr': {descr!r}, 'fortran_order': False, 'shape': {shape}}}"


@pytest.mark.parametrize(
    ('content', 'why'),
    [
        (member(claims('<f8', (10**12,)), bytes(8)), 'float64 of shape .* does not fit its 8 byte'),
        (member(claims('<f8', (10**30,)), bytes(8)), 'does not fit'),
        (member(claims('<f8', (1,)), bytes(16)), 'does not fit its 16 bytes'),
        (member(claims('<f8', (-1,)), bytes(8)), 'does not fit'),
        (member(claims('<f8', (-1, -1)), bytes(8)), ''),
        (member(claims('<f8', (10**9, 0))), 'does not fit its 0 bytes'),
        (member(claims('|S0', (10**9,))), 'does not fit its 0 bytes'),
        (member(claims('|O', (1,)), bytes(8)), 'object is neither numbers nor text'),
        (member(claims([('a', '<f8')] * 2, (1,)), bytes(16)), ''),
        (member(claims('<U1', (1,)), b'\xff\xff\xff\x00'), 'characters that are not text'),
        (member(claims('f8,' * 100 + 'f8', (1,))), ''),
        (member('(' * 9000), ''),
        (member('-' * 9000), 'nested too deeply'),
        (member('[' * 30_000), ''),
        (member('{}'), ''),
        (member(claims('<f8', (1,)), bytes(8), version=9), 'version'),
        (b'\x93NUMPY', ''),
        (b'', ''),
        (b'PK', ''),
        (b'PK\x05\x06' + bytes(18), 'it has no'),
    ],
    ids=beginning,
)
@pytest.mark.parametrize('packed', [False, True])
def test_a_header_is_not_trusted(tmp_path, content, why, packed):
    path = tmp_path / 'a.npz'
    if packed:
        with zipfile.ZipFile(path, 'w', zipfile.ZIP_DEFLATED) as file:
            file.writestr('logits.npy', content)
        is_refused(path, why if content[:2] != b'PK' else '')
    else:
        path.write_bytes(content)
        is_refused(path, why)


def test_what_unpacks_to_too_much_is_refused_before_it_is_unpacked(tmp_path, monkeypatch):
    path = tmp_path / 'a.npz'
    np.savez_compressed(path, logits=np.zeros(10**6), other=np.zeros(10**6))
    assert path.stat().st_size < 20_000
    assert read_arrays(path, ['logits'])['logits'].sum() == 0
    monkeypatch.setenv('DBL_MAX_UNPACKED', '15999999')
    message = (
        r"that '.*a.npz' unpacks to are 160\d+, but at most 15999999 are allowed; set DBL_MAX_U"
    )
    with pytest.raises(InputError, match=message):
        read_arrays(path, ['logits'])


def test_a_large_file_may_hold_what_it_holds(path, monkeypatch):
    monkeypatch.setenv('DBL_MAX_UNPACKED', '1')
    assert read_arrays(path, ['logits'])['logits'].shape == (2, 3)


def test_a_directory_that_lies_about_sizes_is_refused(path):
    content = bytearray(path.read_bytes())
    entry = content.index(b'PK\x01\x02')
    for size, message in (
        (3_500_000_000, 'unpacks to are 35.* DBL_MAX_UNPACKED'),
        (500, 'missing or damaged'),
    ):
        content[entry + 24 : entry + 28] = struct.pack('<I', size)
        path.write_bytes(content)
        with pytest.raises(InputError, match=message):
            read_arrays(path, ['logits'])


@pytest.mark.parametrize('packing', [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_ways_of_packing_are_refused(path, packing):
    with zipfile.ZipFile(path, 'w', packing) as file:
        file.writestr('logits.npy', member(claims('<f8', (1,)), bytes(8)))
    is_refused(path, "'logits' is compressed by a method that numpy does not use")


def test_unknown_packing_and_encryption_are_refused(path):
    sound = path.read_bytes()
    local, entry = sound.index(b'PK\x03\x04'), sound.index(b'PK\x01\x02')
    for place, value in (
        (6, b'\x01'),
        (8, b'\x63'),
    ):  # flags and method, 2 bytes later in the entry
        content = bytearray(sound)
        for start in (local + place, entry + place + 2):
            content[start : start + 1] = value
        path.write_bytes(content)
        is_refused(path, '')


@pytest.mark.filterwarnings('error')
def test_a_changed_file_is_read_right_or_refused(path):
    sound, rng = path.read_bytes(), np.random.default_rng(0)
    refused = 0
    for _ in range(300):
        content = bytearray(sound)
        for place in rng.integers(0, len(sound), 3):
            content[place] = rng.integers(256)
        path.write_bytes(content[: rng.integers(len(sound) // 2, len(sound) + 200)])
        try:
            arrays = read_arrays(path, ['logits', 'images'])
        except InputError:
            refused += 1
        else:
            assert (arrays['logits'].shape, arrays['images'].shape) == ((2, 3), (2,))
    assert refused > 100
