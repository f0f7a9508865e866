import hashlib
import io
import runpy
import stat
import sys
import tarfile
import threading
import time
import zipfile
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from torchvision.datasets.voc import DATASET_YEAR_DICT

from dbl.dataset_tools import download
from dbl.dataset_tools.archives import SOURCES, Archive, Source, is_unpacked, unpack
from dbl.dataset_tools.download import fetch
from dbl.errors import InputError

PHOTO = bytes(range(256)) * 40_000  # 10 MB
FILES = {'VOCdevkit/VOC2007/JPEGImages/1.jpg': PHOTO, 'VOCdevkit/VOC2007/a.txt': b'a 1\n'}


class Server(ThreadingHTTPServer):
    """Serves ``files``, ranges too; cuts the first ``cuts`` answers in the middle.

    Where there is an ``answer``, it serves that instead.
    """

    def __init__(self) -> None:
        super().__init__(('127.0.0.1', 0), Handler)
        self.files: dict[str, bytes] = {}
        self.requests: list[tuple[str, str | None]] = []
        self.cuts = 0
        self.answer: Callable[[Handler], None] | None = None
        self.sent = 0
        self.address = f'http://127.0.0.1:{self.server_port}'

    def handle_error(self, *arguments) -> None:
        pass  # a client that hangs up is what is tested


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        wanted = self.headers['Range']
        self.server.requests.append((self.path, wanted))
        if self.server.answer:
            self.server.answer(self)
            return
        content = self.server.files.get(self.path)
        if content is None:
            self.send_error(404)
            return
        start = int(wanted.removeprefix('bytes=').removesuffix('-')) if wanted else 0
        self.send_response(206 if wanted else 200)
        self.send_header('Content-Length', str(len(content) - start))
        if wanted:
            end = f'{len(content) - 1}/{len(content)}'
            self.send_header('Content-Range', f'bytes {start}-{end}')
        self.end_headers()
        self.server.cuts -= 1
        middle = (start + len(content)) // 2
        self.wfile.write(content[start : middle if self.server.cuts >= 0 else None])

    def head(self, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace('_', '-'), value)
        self.end_headers()

    def send(self, data: bytes) -> bool:
        """Whether the client has not hung up."""
        try:
            self.wfile.write(data)
        except OSError:
            return False
        self.server.sent += len(data)
        return True

    def log_message(self, *arguments) -> None:
        pass


@pytest.fixture
def server():
    with Server() as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server
        server.shutdown()


def tar(files) -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode='w') as archive:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return content.getvalue()


def zipped(files) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, 'w') as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return content.getvalue()


def archive_of(content, path='voc2007/test.tar', holds='VOCdevkit/VOC2007') -> Archive:
    return Archive(path, len(content), hashlib.md5(content).hexdigest(), holds)


@pytest.fixture
def published(server) -> Archive:
    server.files['/voc2007/test.tar'] = content = tar(FILES)
    return archive_of(content)


def whole(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob('*') if p.is_file()}


@pytest.mark.parametrize(('make', 'suffix'), [(tar, 'tar'), (zipped, 'zip')])
def test_an_archive_goes_into_the_root(server, tmp_path, make, suffix):
    content = make({**FILES, 'VOCdevkit/readme': b'', 'elsewhere/x': b''})
    archive = archive_of(content, f'a/test.{suffix}')
    server.files[f'/a/test.{suffix}'] = content
    own = tmp_path / 'root' / 'VOC2007' / 'JPEGImages' / '2.jpg'
    own.parent.mkdir(parents=True)
    own.write_bytes(b'mine')
    assert not is_unpacked(archive, tmp_path / 'root')
    unpack(fetch(archive, f'{server.address}/', tmp_path / 'root'), archive, tmp_path / 'root')
    assert is_unpacked(archive, tmp_path / 'root')
    record = f'{archive.md5}  test.{suffix}\n'.encode()
    assert whole(tmp_path) == {
        f'root/test.{suffix}': content,
        'root/VOC2007/JPEGImages/1.jpg': PHOTO,
        'root/VOC2007/JPEGImages/2.jpg': b'mine',
        'root/VOC2007/a.txt': b'a 1\n',
        f'root/VOC2007/test.{suffix}.md5': record,
    }


def starts_near(request, place) -> bool:
    """Up to a megabyte before, since what had come of the last block is lost."""
    start = int(request[1].removeprefix('bytes=').removesuffix('-'))
    return place - 2**20 < start <= place


def test_a_cut_connection_is_gone_on_with(server, published, tmp_path):
    server.cuts = 2
    path = fetch(published, server.address, tmp_path)
    assert path.read_bytes() == server.files['/voc2007/test.tar']
    first, second, third = server.requests
    assert first[1] is None
    assert starts_near(second, 1 / 2 * published.size)
    assert starts_near(third, 3 / 4 * published.size)
    assert [p.name for p in tmp_path.iterdir()] == ['test.tar']


def test_the_next_command_goes_on_where_one_ended(server, published, tmp_path):
    server.cuts = 1
    with pytest.raises(InputError, match=r'incomplete[\s\S]* the same command goes on there'):
        fetch(published, server.address, tmp_path, retries=0)
    assert not (tmp_path / 'test.tar').exists()
    path = fetch(published, server.address, tmp_path, retries=0)
    assert path.read_bytes() == server.files['/voc2007/test.tar']
    assert starts_near(server.requests[-1], 1 / 2 * published.size)
    assert [p.name for p in tmp_path.iterdir()] == ['test.tar']


def test_what_is_there_is_only_checked(server, published, tmp_path):
    (tmp_path / 'test.tar').write_bytes(server.files['/voc2007/test.tar'])
    fetch(published, server.address, tmp_path)
    assert server.requests == []


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        (lambda content: content[:-1] + b'x', 'test.tar. has md5 [0-9a-f]{32}, but the published'),
        (lambda content: b'<html>', 'has 6 bytes, but the published archive'),
    ],
)
def test_another_file_is_refused(server, published, tmp_path, change, message):
    server.files['/voc2007/test.tar'] = change(server.files['/voc2007/test.tar'])
    with pytest.raises(InputError, match=message):
        fetch(published, server.address, tmp_path)


def test_an_address_that_is_not_there_is_named(server, published, tmp_path):
    server.files.clear()
    with pytest.raises(InputError, match=r"test.tar': 404 Client Error: Not Found"):
        fetch(published, server.address, tmp_path / 'root')
    assert list((tmp_path / 'root').iterdir()) == []
    with pytest.raises(InputError, match=r'cannot download .*Invalid URL'):
        fetch(published, 'nowhere', tmp_path / 'root')


def test_what_was_all_fetched_but_not_renamed_is_taken(server, published, tmp_path):
    content = server.files['/voc2007/test.tar']
    (tmp_path / 'test.tarabc12345.part').write_bytes(content)
    assert fetch(published, server.address, tmp_path).read_bytes() == content
    assert server.requests == []


def test_a_part_that_is_too_long_is_not_taken(server, published, tmp_path):
    content = server.files['/voc2007/test.tar']
    (tmp_path / 'test.tarabc12345.part').write_bytes(content + b'x')
    assert fetch(published, server.address, tmp_path).read_bytes() == content
    assert [wanted for _, wanted in server.requests] == [None]  # no range: afresh
    assert [p.name for p in tmp_path.iterdir()] == ['test.tar']


BLOCK = bytes(2**18)
MANY = 100_000_000  # bytes; a body without end has one here, for the sake of the disk


def endless(handler: Handler) -> None:
    handler.head()
    while handler.server.sent < MANY and handler.send(BLOCK):
        pass


def endless_in_chunks(handler: Handler) -> None:
    handler.protocol_version = 'HTTP/1.1'
    handler.head(Transfer_Encoding='chunked')
    while handler.server.sent < MANY and handler.send(b'40000\r\n%s\r\n' % BLOCK):
        pass
    handler.send(b'0\r\n\r\n')
    handler.close_connection = True


def endless_as_announced(handler: Handler) -> None:
    handler.head(Content_Length=str(MANY))
    while handler.server.sent < MANY and handler.send(BLOCK):
        pass


@pytest.mark.parametrize('answer', [endless, endless_in_chunks, endless_as_announced])
def test_a_body_without_end_is_cut_off(server, published, tmp_path, answer):
    server.answer = answer
    with pytest.raises(InputError, match=rf'gives \d+ bytes .* archive has {published.size}; what'):
        fetch(published, server.address, tmp_path)
    assert server.sent < published.size + 20_000_000  # some megabytes are on the way
    assert list(tmp_path.iterdir()) == []
    server.answer = None
    fetch(published, server.address, tmp_path)
    assert [wanted for _, wanted in server.requests] == [None, None]


def test_no_more_than_a_block_too_much_is_written(server, published, tmp_path, monkeypatch):
    sizes = []
    monkeypatch.setattr('pathlib.Path.unlink', lambda path: sizes.append(path.stat().st_size))
    server.answer = endless
    with pytest.raises(InputError, match='gives'):
        fetch(published, server.address, tmp_path)
    (size,) = sizes
    assert published.size < size <= published.size + 2**19


def test_a_longer_file_is_not_gone_on_with(server, published, tmp_path):
    """As when a mirror has another version of it: it serves ranges, and says how long it is."""
    content = server.files['/voc2007/test.tar']
    server.files['/voc2007/test.tar'] = content + b'x'
    (tmp_path / 'test.tarabc12345.part').write_bytes(content[:2_000_000])
    with pytest.raises(InputError, match=f'gives {len(content) + 1} bytes or more'):
        fetch(published, server.address, tmp_path)
    assert list(tmp_path.iterdir()) == []


def dripping(handler: Handler) -> None:
    """A byte each twentieth of a second, of the file that is asked for."""
    content = handler.server.files[handler.path]
    start = int((handler.headers['Range'] or 'bytes=0-').removeprefix('bytes=').removesuffix('-'))
    length = str(len(content) - start)
    if start:
        place = f'bytes {start}-{len(content) - 1}/{len(content)}'
        handler.head(206, Content_Length=length, Content_Range=place)
    else:
        handler.head(Content_Length=length)
    for i in range(start, start + 100):
        if not handler.send(content[i : i + 1]):
            break
        time.sleep(0.05)


def dripping_in_chunks(handler: Handler) -> None:
    handler.protocol_version = 'HTTP/1.1'
    handler.head(Transfer_Encoding='chunked')
    content = handler.server.files[handler.path]
    for i in range(100):
        if not handler.send(b'1\r\n%s\r\n' % content[i : i + 1]):
            break
        time.sleep(0.05)
    handler.close_connection = True


def dripping_headers(handler: Handler) -> None:
    handler.wfile.write(b'HTTP/1.0 200 OK\r\n')
    for _ in range(100):
        if not handler.send(b'a: b\r\n'[handler.server.sent % 6 :][:1]):
            break
        time.sleep(0.05)


@pytest.mark.parametrize('answer', [dripping, dripping_in_chunks, dripping_headers])
def test_a_server_that_is_too_slow_is_given_up(server, published, tmp_path, monkeypatch, answer):
    monkeypatch.setattr(download, 'STALLED', 0.6)
    server.answer = answer
    begun = time.monotonic()
    sentence = r'fewer than 8000 bytes a second came for 0.6 seconds; what has come is kept, and'
    with pytest.raises(InputError, match=sentence):
        fetch(published, server.address, tmp_path)
    assert time.monotonic() - begun < 3
    server.answer = None
    fetch(published, server.address, tmp_path)


def test_what_came_before_it_was_too_slow_is_kept(server, published, tmp_path, monkeypatch):
    monkeypatch.setattr(download, 'STALLED', 0.6)
    server.cuts = 1
    with pytest.raises(InputError, match='incomplete'):
        fetch(published, server.address, tmp_path, retries=0)
    server.answer = dripping
    with pytest.raises(InputError, match='the same command goes on there'):
        fetch(published, server.address, tmp_path)
    server.answer = None
    fetch(published, server.address, tmp_path)
    assert starts_near(server.requests[-1], published.size / 2)


def test_a_server_that_is_slow_but_not_too_slow_is_waited_for(
    server, published, tmp_path, monkeypatch
):
    monkeypatch.setattr(download, 'STALLED', 1)
    monkeypatch.setattr(download, 'SLOWEST', 500_000)
    content = server.files['/voc2007/test.tar']

    def slow(handler: Handler) -> None:
        handler.head(Content_Length=str(len(content)))
        for start in range(0, len(content), 1_500_000):
            handler.send(content[start : start + 1_500_000])
            time.sleep(0.25)

    server.answer = slow
    assert fetch(published, server.address, tmp_path).read_bytes() == content
    assert len(server.requests) == 1


def test_a_terminal_is_shown_how_far_it_is_and_a_pipe_is_not(
    server, published, tmp_path, monkeypatch, capfd
):
    for name in ('FORCE_COLOR', 'TTY_COMPATIBLE'):
        monkeypatch.delenv(name, raising=False)
    fetch(published, server.address, tmp_path / 'pipe')
    assert capfd.readouterr() == ('', '')
    monkeypatch.setenv('FORCE_COLOR', '1')  # rich takes the stream for a terminal then
    server.cuts = 1
    fetch(published, server.address, tmp_path / 'terminal')
    out, err = capfd.readouterr()
    assert out == ''
    assert 'test.tar' in err
    assert '100%' in err
    assert '10.3/10.3 MB' in err


@pytest.mark.parametrize('make', [tar, zipped])
def test_no_path_leaves_the_root(tmp_path, make):
    root = tmp_path / 'a' / 'root'
    root.mkdir(parents=True)
    outside = str(tmp_path / 'evil')
    for evil in ('../evil', '../../evil', 'VOCdevkit/VOC2007/../../../../evil', outside):
        content = make({**FILES, evil: b'evil'})
        path = root / f'test.{"tar" if make is tar else "zip"}'
        path.write_bytes(content)
        with pytest.raises(InputError, match=r'cannot unpack .*evil'):
            unpack(path, archive_of(content), root)
        assert list(whole(tmp_path)) == [str(path.relative_to(tmp_path))]


@pytest.mark.parametrize(
    'kind',
    [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE],
)
def test_links_and_devices_are_refused(tmp_path, kind):
    entry = tarfile.TarInfo('VOCdevkit/VOC2007/evil')
    entry.type, entry.linkname = kind, 'VOCdevkit/VOC2007/a.txt'
    (tmp_path / 'test.tar').write_bytes(tar(FILES))
    with tarfile.open(tmp_path / 'test.tar', 'a') as archive:
        archive.addfile(entry)
    content = (tmp_path / 'test.tar').read_bytes()
    with pytest.raises(InputError, match=r"VOC2007/evil' in it is neither a file nor a folder"):
        unpack(tmp_path / 'test.tar', archive_of(content), tmp_path)
    assert not is_unpacked(archive_of(content), tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ['test.tar']


def test_a_link_in_a_zip_becomes_a_file(tmp_path):
    link = zipfile.ZipInfo('VOCdevkit/VOC2007/link')
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / 'test.zip', 'w') as archive:
        archive.writestr(link, '/etc/passwd')
    unpack(tmp_path / 'test.zip', archive_of(b''), tmp_path)
    assert not (tmp_path / 'VOC2007' / 'link').is_symlink()
    assert (tmp_path / 'VOC2007' / 'link').read_bytes() == b'/etc/passwd'


def tar_with_mode(mode: int) -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode='w') as archive:
        for kind, path in ((tarfile.DIRTYPE, 'VOCdevkit/VOC2007'), (tarfile.REGTYPE, 'a.txt')):
            entry = tarfile.TarInfo(
                path if kind == tarfile.DIRTYPE else f'VOCdevkit/VOC2007/{path}'
            )
            entry.type, entry.mode, entry.uid = kind, mode, 12345
            archive.addfile(entry)
    return content.getvalue()


def zip_with_mode(mode: int) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, 'w') as archive:
        for kind, path in ((stat.S_IFDIR, ''), (stat.S_IFREG, 'a.txt')):
            entry = zipfile.ZipInfo(f'VOCdevkit/VOC2007/{path}')
            entry.external_attr = (kind | mode) << 16
            archive.writestr(entry, b'')
    return content.getvalue()


@pytest.mark.parametrize(('make', 'suffix'), [(tar_with_mode, 'tar'), (zip_with_mode, 'zip')])
@pytest.mark.parametrize('mode', [0o7777, 0o0000])
def test_an_archive_sets_no_modes(tmp_path, make, suffix, mode):
    path = tmp_path / f'test.{suffix}'
    path.write_bytes(make(mode))
    unpack(path, archive_of(b''), tmp_path)
    (tmp_path / 'new').mkdir()
    (tmp_path / 'new' / 'a.txt').touch()
    for name in ('', 'a.txt'):
        found, usual = ((tmp_path / folder / name).stat() for folder in ('VOC2007', 'new'))
        assert stat.filemode(found.st_mode) == stat.filemode(usual.st_mode)
        assert found.st_uid == usual.st_uid


def test_what_is_not_an_archive_is_named(tmp_path):
    damaged = bytearray(zipped(FILES))
    damaged[60:70] = b'x' * 10
    (tmp_path / 'damaged.zip').write_bytes(damaged)
    with pytest.raises(InputError, match=r'damaged.zip'):
        unpack(tmp_path / 'damaged.zip', archive_of(b''), tmp_path)
    for name in ('test.tar', 'test.zip', 'test.rar'):
        (tmp_path / name).write_bytes(b'x' * 2000)
        with pytest.raises(InputError, match=f"cannot unpack '{tmp_path}/{name}'"):
            unpack(tmp_path / name, archive_of(b''), tmp_path)
    (tmp_path / 'other.tar').write_bytes(tar({'other/x': b''}))
    with pytest.raises(InputError, match="does not hold the folder 'VOCdevkit/VOC2007'"):
        unpack(tmp_path / 'other.tar', archive_of(b''), tmp_path)


def test_what_a_killed_run_left_half_unpacked_goes(tmp_path, published, server):
    left = tmp_path / '.unpacking' / 'VOCdevkit' / 'VOC2007' / 'half.jpg'
    left.parent.mkdir(parents=True)
    left.touch()
    unpack(fetch(published, server.address, tmp_path), published, tmp_path)
    assert not (tmp_path / '.unpacking').exists()
    assert not (tmp_path / 'VOC2007' / 'half.jpg').exists()


def test_the_tool_fetches_what_is_not_there_yet(
    server, published, root, tmp_path, monkeypatch, capsys
):
    server.files['/b.zip'] = content = zipped({'val/1.jpg': PHOTO})
    other = archive_of(content, 'b.zip', 'val')
    monkeypatch.setitem(SOURCES, 'voc', Source('http://nowhere', [published, other]))
    arguments = ['download', 'voc', '--root', str(tmp_path), '--mirror', server.address]
    monkeypatch.setattr(sys, 'argv', ['build_dataset.py', *arguments])
    for _ in range(2):
        runpy.run_path(str(root / 'tools' / 'build_dataset.py'), run_name='__main__')
        for path in tmp_path.glob('*.*'):
            path.unlink()
    assert [path for path, _ in server.requests] == ['/voc2007/test.tar', '/b.zip']
    assert (tmp_path / 'val' / '1.jpg').read_bytes() == PHOTO
    trusted = f'test.tar: expecting {published.size:,} bytes, md5 {published.md5}, from http://'
    assert capsys.readouterr().out.count(trusted) == 1


def test_the_published_archives_of_voc_are_those_that_torchvision_knows():
    test, trainval = SOURCES['voc'].archives
    for archive, key in ((test, '2007-test'), (trainval, '2012')):
        known = DATASET_YEAR_DICT[key]
        assert archive.md5 == known['md5']
        assert archive.name == known['filename']
        assert known['url'].endswith(archive.path)
        assert archive.holds == known['base_dir'].replace('\\', '/')
