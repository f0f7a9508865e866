"""Downloads the published archives of VOC and COCO."""

import hashlib
import shutil
import tarfile
import threading
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path, PurePath
from typing import IO, NamedTuple

import gdown
from gdown.exceptions import DownloadCancelled, DownloadError
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from dbl.console import VisibleConsole
from dbl.errors import InputError

SILENT = 30  # seconds without a byte before it connects again
# gdown reports each half megabyte: two of them must come in this time. It is long enough for some
# new connections, too.
STALLED = 120  # seconds
SLOWEST = 8_000  # bytes a second
# RuntimeError comes from a .zip that is encrypted, or packed by an unknown method.
DAMAGED = (OSError, ValueError, RuntimeError, tarfile.TarError, zipfile.BadZipFile, zlib.error)


class Archive(NamedTuple):
    """A published archive.

    Attributes:
        path: Its path under the address of the source.
        size: Its size in bytes.
        md5: MD5 of its content.
        holds: The folder wanted from it. It goes into the root under its last name.
    """

    path: str
    size: int
    md5: str
    holds: str

    @property
    def name(self) -> str:
        """The name of the file."""
        return Path(self.path).name

    def folder(self, root: Path) -> Path:
        """The folder that its content goes to."""
        return root / Path(self.holds).name

    def record(self, root: Path) -> Path:
        """The file that records that all of it is unpacked. ``md5sum -c`` reads it."""
        return self.folder(root) / f'{self.name}.md5'


class Source(NamedTuple):
    """Some archives, and the address that their paths are added to."""

    address: str
    archives: Sequence[Archive]


SOURCES = {
    'voc': Source(
        'https://thor.robots.ox.ac.uk/pascal/VOC',
        [
            Archive(
                path='voc2007/VOCtest_06-Nov-2007.tar',
                size=451_020_800,
                md5='b6e924de25625d8de591ea690078ad9f',
                holds='VOCdevkit/VOC2007',
            ),
            Archive(
                path='voc2012/VOCtrainval_11-May-2012.tar',
                size=1_999_639_040,
                md5='6cd6e144f989b92b3379bac3b3de84fd',
                holds='VOCdevkit/VOC2012',
            ),
        ],
    ),
    'coco': Source(
        'http://images.cocodataset.org',
        [
            Archive(
                path='annotations/annotations_trainval2017.zip',
                size=252_907_541,
                md5='f4bbac642086de4f52a3fdda2de5fa2c',
                holds='annotations',
            ),
            Archive(
                path='zips/val2017.zip',
                size=815_585_330,
                md5='442b8da7639aecaf257c1dceb8ba8c80',
                holds='val2017',
            ),
            Archive(
                path='zips/train2017.zip',
                size=19_336_861_798,
                md5='cced6f7f71b7629ddf16f17bbcfab6b2',
                holds='train2017',
            ),
        ],
    ),
}


def is_unpacked(archive: Archive, root: Path) -> bool:
    """Whether an archive is unpacked whole under a root."""
    record = archive.record(root)
    return record.is_file() and archive.md5.encode() in record.read_bytes()


def fetch(archive: Archive, address: str, root: Path, retries: int = 5) -> Path:
    """Downloads an archive into a folder, or continues, and checks its size and MD5.

    An archive that is there already is only checked. Only size and MD5 are trusted. A server that
    sends more bytes is cut off. One that sends fewer than ``SLOWEST`` a second, averaged over
    ``STALLED`` seconds, is given up.

    Args:
        archive: The archive to fetch.
        address: Address of the server, to which the archive's path is added.
        root: Folder to put it into.
        retries: Tries after a failed connection. Each continues where the last one ended.

    Raises:
        InputError: The download failed, or the file is not the archive; it says what helps.
    """
    root.mkdir(parents=True, exist_ok=True)
    path = root / archive.name
    _settle_parts(path, archive.size)
    if not path.is_file():
        url = f'{address.rstrip("/")}/{archive.path}'
        with _explained(url, path, archive.size):
            _download(url, path, archive.size, retries)
    _check(path, archive)
    return path


@contextmanager
def _explained(url: str, path: Path, size: int) -> Iterator[None]:
    """Says what helps where a download fails, and deletes what is too long."""
    try:
        yield
    except _TooLongError as error:
        for part in _parts(path):
            part.unlink()
        raise InputError(
            f"'{url}' gives {error} bytes or more, but the published archive has {size}; what came "
            'is deleted; take another --mirror'
        ) from error
    except (OSError, ValueError, DownloadError) as error:
        raise InputError(
            f"cannot download '{url}': {error}; what has come is kept, and the same command goes "
            f"on there, or afresh once '{path}*.part' is deleted"
        ) from error


def _parts(path: Path) -> Iterator[Path]:
    return path.parent.glob(f'{path.name}????????.part')  # gdown's


def _settle_parts(path: Path, size: int) -> None:
    """Takes a part that is whole, and deletes one that is longer than the archive."""
    for part in _parts(path):
        if part.stat().st_size == size:  # the download stopped before renaming it
            part.replace(path)
        elif part.stat().st_size > size:
            part.unlink()


class _TooLongError(Exception):
    """More bytes came, or were announced, than there should be: this many."""


def _download(url: str, path: Path, size: int, retries: int) -> None:
    with _progress() as progress:
        kept = sum(part.stat().st_size for part in _parts(path))
        task = progress.add_task(path.name, total=size, completed=kept)
        follow = partial(_follow, progress, task, size)
        with _set_once_slow(lambda: progress.tasks[0].completed) as slow:
            _get(url, path, retries, follow, slow)


def _follow(progress: Progress, task: TaskID, size: int, come: int, announced: int | None) -> None:
    """Shows how many bytes have come, and ends a download that is longer than it should be."""
    progress.update(task, completed=come)
    if (given := max(come, announced or 0)) > size:
        raise _TooLongError(given)


def _get(
    url: str,
    path: Path,
    retries: int,
    follow: Callable[[int, int | None], None],
    slow: threading.Event,
) -> None:
    """Downloads a file, or continues, until it is too slow."""
    try:
        gdown.download(
            url,
            str(path),
            quiet=True,
            resume=True,
            retries=retries,
            timeout=SILENT,
            use_cookies=False,
            progress=follow,
            cancel=slow,
        )
    except DownloadCancelled as error:
        raise DownloadError(
            f'fewer than {SLOWEST} bytes a second came for {STALLED} seconds'
        ) from error


def _progress() -> Progress:
    console = VisibleConsole(stderr=True)
    return Progress(
        TextColumn('{task.description}'),
        BarColumn(),
        TaskProgressColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
    )


@contextmanager
def _set_once_slow(come: Callable[[], float]) -> Iterator[threading.Event]:
    """Gives an event that is set once bytes come more slowly than ``SLOWEST``.

    A thread watches, since gdown waits for half a megabyte, however long that takes.
    """
    slow, ended = threading.Event(), threading.Event()

    def look() -> None:
        before = come()
        while not ended.wait(STALLED):
            now = come()
            if now - before < SLOWEST * STALLED:
                slow.set()
            before = now

    threading.Thread(target=look, daemon=True).start()
    try:
        yield slow
    finally:
        ended.set()


def _check(path: Path, archive: Archive) -> None:
    size = path.stat().st_size
    found = f'md5 {_md5(path)}' if size == archive.size else f'{size} bytes'
    if found != f'md5 {archive.md5}':
        raise InputError(
            f"'{path}' has {found}, but the published archive {archive.size} bytes and md5 "
            f'{archive.md5}; delete it to download it again, or take another --mirror'
        )


def unpack(path: Path, archive: Archive, root: Path) -> None:
    """Unpacks an archive's folder, aside at first, so that files in place are whole.

    Files and folders get the modes of new ones there, whatever the archive says.

    Raises:
        InputError: The archive is damaged, lacks the folder, or holds a link, a device, or a path
            that leaves the root.
    """
    aside = root / '.unpacking'
    if aside.is_symlink():
        aside.unlink()
    shutil.rmtree(aside, ignore_errors=True)
    try:
        _extract(path, aside)
        if not (aside / archive.holds).is_dir():
            raise ValueError(f"it does not hold the folder '{archive.holds}'")
        shutil.copytree(
            aside / archive.holds,
            archive.folder(root),
            dirs_exist_ok=True,
            copy_function=shutil.move,
        )
    except DAMAGED as error:
        raise InputError(f"cannot unpack '{path}': {error}") from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    archive.record(root).write_text(f'{archive.md5}  {archive.name}\n', encoding='utf-8')


def _extract(path: Path, to: Path) -> None:
    """Takes only names and bytes: no modes, owners, times, links, or devices."""
    for name, content in _files(path):
        target = to / name
        if '..' in PurePath(name).parts or not target.is_relative_to(to):
            raise ValueError(f"'{name}' in it leads out of the root")
        target.parent.mkdir(parents=True, exist_ok=True)
        with content, target.open('wb') as file:
            shutil.copyfileobj(content, file)


def _files(path: Path) -> Iterator[tuple[str, IO[bytes]]]:
    if path.suffix == '.zip':
        with zipfile.ZipFile(path) as archive:
            for entry in archive.infolist():
                if not entry.is_dir():
                    yield entry.filename, archive.open(entry)
        return
    with tarfile.open(path) as archive:
        for member in archive:
            if not (member.isfile() or member.isdir()):
                raise ValueError(f"'{member.name}' in it is neither a file nor a folder")
            if content := archive.extractfile(member):  # a folder has none
                yield member.name, content


def _md5(path: Path) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    with path.open('rb') as file:
        while chunk := file.read(2**20):
            digest.update(chunk)
    return digest.hexdigest()
