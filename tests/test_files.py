import errno
import os

import pytest

from dbl.errors import InputError
from dbl.files import read_json, read_lines, read_object, whole_file


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
    with pytest.raises(InputError, match='No space left on device; what was saved before is'):
        fill()
    assert [p.name for p in tmp_path.iterdir()] == ['a.pth']
    assert (tmp_path / 'a.pth').read_bytes() == b'before'


@pytest.mark.parametrize(
    ('content', 'sentence'),
    [
        (b'', 'is damaged: Expecting value'),
        (b'{"a": ', 'is damaged: Expecting value'),
        (b'[1]', 'is damaged: it does not hold a JSON object'),
        (b'\xff', "is damaged: 'utf-8' codec"),
        (b'[' * 100_000, 'is damaged: maximum recursion depth'),
        (b'{"a": ' + b'[' * 60 + b']' * 60 + b'}', 'is damaged: it is nested more than 50 levels'),
        (b'{"a": %s}' % (b'9' * 5000), 'is damaged: Exceeds the limit'),
        (b'{"a": {"b": 1, "c": 2, "b": 1}}', "is damaged: the key 'b' comes 2 times in one object"),
        (b'{"a": "\\ud800"}', "is damaged: 'utf-8' codec"),
        (b' ' * 2001, 'is damaged: it has more than 2000 characters'),
    ],
    ids=range(10),
)
def test_what_is_no_object_is_empty_or_named(tmp_path, monkeypatch, content, sentence):
    path = tmp_path / 'a.json'
    path.write_bytes(content)
    if len(content) == 2001:
        monkeypatch.setattr('dbl.files.MOST', 2000)
    assert read_object(path) == {}
    with pytest.raises(InputError) as error:
        read_json(path)
    assert f"'{path}' {sentence}" in str(error.value)
    assert len(str(error.value)) < len(str(path)) + 300
    path.write_text('{"a": [1], "b": {"a": 2}}')
    assert read_object(path) == read_json(path) == {'a': [1], 'b': {'a': 2}}


@pytest.mark.parametrize(
    ('make', 'sentence'),
    [
        (lambda path: None, 'cannot be read: No such file'),
        (lambda path: path.mkdir(), 'is not a file, but a folder, pipe or device'),
        (os.mkfifo, 'is not a file, but'),
        (lambda path: path.symlink_to('/dev/zero'), 'is not a file, but'),
        (lambda path: path.symlink_to(path), 'cannot be read: Too many levels of symbolic links'),
    ],
)
def test_only_files_are_opened(tmp_path, make, sentence):
    """A pipe would have it wait for ever, and a device would never end."""
    path = tmp_path / 'a.json'
    make(path)
    assert read_object(path) == {}
    for read in (read_json, read_lines):
        with pytest.raises(InputError, match=sentence):
            read(path)


def test_lines_are_utf_8(tmp_path):
    path = tmp_path / 'a.txt'
    path.write_bytes('\ufeffa\r\nö\n'.encode())
    assert read_lines(path) == ['a', 'ö']
    path.write_bytes(b'caf\xe9')
    with pytest.raises(InputError, match=r"a.txt' is not text in UTF-8"):
        read_lines(path)


@pytest.mark.parametrize('kind', ['link', 'pipe', 'folder'])
def test_what_lies_in_the_place_of_the_part_is_not_written_to(tmp_path, kind):
    path, part, victim = tmp_path / 'a.json', tmp_path / 'a.json.part', tmp_path / 'victim'
    victim.write_text('precious')
    if kind == 'link':
        part.symlink_to(victim)
    elif kind == 'pipe':
        os.mkfifo(part)
    else:
        (part / 'inside').mkdir(parents=True)
    with whole_file(path) as own:
        own.write_text('{}')
    assert path.read_text() == '{}'
    assert victim.read_text() == 'precious'


def test_an_interruption_leaves_nothing(tmp_path):
    def interrupted():
        with whole_file(tmp_path / 'a.json') as part:
            part.write_text('{')
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert not list(tmp_path.iterdir())
