import hashlib
import io
import runpy
import sys
import tarfile
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import gdown
import pytest
from torchvision.datasets.voc import DATASET_YEAR_DICT

from dbl.dataset_tools.download import SOURCES, Archive, Source, fetch, is_unpacked, unpack
from dbl.errors import InputError

PHOTO = bytes(range(256)) * 40_000  # 10 MB
FILES = {'VOCdevkit/VOC2007/JPEGImages/1.jpg': PHOTO, 'VOCdevkit/VOC2007/a.txt': b'a 1\n'}


class Server(ThreadingHTTPServer):
    """Serves ``files``, ranges too; cuts the first ``cuts`` answers in the middle."""

    def __init__(self) -> None:
        super().__init__(('127.0.0.1', 0), Handler)
        self.files: dict[str, bytes] = {}
        self.requests: list[tuple[str, str | None]] = []
        self.cuts = 0
        self.address = f'http://127.0.0.1:{self.server_port}'


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        wanted = self.headers['Range']
        self.server.requests.append((self.path, wanted))
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

    def log_message(self, *arguments) -> None:
        pass


@pytest.fixture
def server():
    with Server() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
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


def test_a_cut_connection_is_gone_on_with(server, published, tmp_path, capfd):
    server.cuts = 2
    path = fetch(published, server.address, tmp_path)
    assert path.read_bytes() == server.files['/voc2007/test.tar']
    first, second, third = server.requests
    assert first[1] is None
    assert starts_near(second, 1 / 2 * published.size)
    assert starts_near(third, 3 / 4 * published.size)
    assert [p.name for p in tmp_path.iterdir()] == ['test.tar']
    assert '100%' in capfd.readouterr().err


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
        (lambda content: content + b'x', r'has \d+ bytes, but .* delete it to download it again'),
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


@pytest.mark.parametrize('extra', [b'', b'x'])
def test_what_was_all_fetched_but_not_renamed_is_taken(server, published, tmp_path, extra):
    content = server.files['/voc2007/test.tar']
    (tmp_path / 'test.tarabc12345.part').write_bytes(content + extra)
    if extra:
        with pytest.raises(InputError, match='delete it to download it again'):
            fetch(published, server.address, tmp_path)
    else:
        assert fetch(published, server.address, tmp_path).read_bytes() == content
    assert server.requests == []


@pytest.mark.parametrize('make', [tar, zipped])
def test_no_path_leaves_the_root(tmp_path, make):
    root = tmp_path / 'a' / 'root'
    root.mkdir(parents=True)
    for evil in ('../evil', '../../evil', 'VOCdevkit/VOC2007/../../../../evil'):
        content = make({**FILES, evil: b'evil'})
        path = root / f'test.{"tar" if make is tar else "zip"}'
        path.write_bytes(content)
        with pytest.raises(InputError, match=r'cannot unpack .*evil'):
            unpack(path, archive_of(content), root)
        assert list(whole(tmp_path)) == [str(path.relative_to(tmp_path))]


def extract_all(path, to):
    with tarfile.open(path) as archive:
        archive.extractall(to)


def test_a_link_out_of_the_root_is_refused(tmp_path, monkeypatch):
    folder, link = map(tarfile.TarInfo, ('VOCdevkit/VOC2007', 'VOCdevkit/VOC2007/evil'))
    folder.type = tarfile.DIRTYPE
    link.type, link.linkname = tarfile.SYMTYPE, '../../outside'  # inside until it is moved
    with tarfile.open(tmp_path / 'test.tar', 'w') as archive:
        archive.addfile(folder)
        archive.addfile(link)
    content = (tmp_path / 'test.tar').read_bytes()
    with pytest.raises(InputError, match='cannot unpack'):
        unpack(tmp_path / 'test.tar', archive_of(content), tmp_path)
    assert not is_unpacked(archive_of(content), tmp_path)
    # As Python 3.12 and later unpack, whose filter lets such a link pass.
    monkeypatch.setattr(gdown, 'extractall', extract_all)
    with pytest.raises(InputError, match='it holds links'):
        unpack(tmp_path / 'test.tar', archive_of(content), tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ['test.tar']


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


def test_the_tool_fetches_what_is_not_there_yet(server, published, root, tmp_path, monkeypatch):
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


def test_the_published_archives_of_voc_are_those_that_torchvision_knows():
    test, trainval = SOURCES['voc'].archives
    for archive, key in ((test, '2007-test'), (trainval, '2012')):
        known = DATASET_YEAR_DICT[key]
        assert archive.md5 == known['md5']
        assert archive.name == known['filename']
        assert known['url'].endswith(archive.path)
        assert archive.holds == known['base_dir'].replace('\\', '/')
