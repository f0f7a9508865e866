import errno
import os

import pytest

from dbl.errors import InputError
from dbl.files import read_lines, read_object, whole_file


def test_what_was_there_stays_until_the_new_content_is_whole(tmp_path):
    path = tmp_path / 'a.json'
    path.write_text('before')
    with whole_file(path) as part:
        part.write_text('after')
        assert path.read_text() == 'before'
    assert path.read_text() == 'after'
    assert [p.name for p in tmp_path.iterdir()] == ['a.json']


def test_what_was_saved_before_survives_a_full_disk(tmp_path):
    def fill():
        with whole_file(tmp_path / 'a.pth') as part:
            part.write_bytes(b'half')
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    (tmp_path / 'a.pth').write_bytes(b'before')
    with pytest.raises(InputError, match='No space left on device; what was saved before is whole'):
        fill()
    assert [p.name for p in tmp_path.iterdir()] == ['a.pth']
    assert (tmp_path / 'a.pth').read_bytes() == b'before'


@pytest.mark.parametrize('content', [None, b'', b'{"a": ', b'[1]', b'\xff'])
def test_what_is_no_object_is_empty(tmp_path, content):
    path = tmp_path / 'a.json'
    if content is not None:
        path.write_bytes(content)
    assert read_object(path) == {}
    path.write_text('{"a": [1]}')
    assert read_object(path) == {'a': [1]}


def test_lines_are_utf_8(tmp_path):
    path = tmp_path / 'a.txt'
    path.write_bytes('\ufeffa\r\nö\n'.encode())
    assert read_lines(path) == ['a', 'ö']
    path.write_bytes(b'caf\xe9')
    with pytest.raises(InputError, match=r"a.txt' is not text in UTF-8"):
        read_lines(path)
