"""Downloads the published archives of VOC and COCO."""

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

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
from dbl.dataset_tools.archives import Archive
from dbl.errors import InputError

SILENT = 30  # seconds without a byte before it connects again
# gdown reports each half megabyte: two of them must come in this time. It is long enough for some
# new connections, too.
STALLED = 120  # seconds
SLOWEST = 8_000  # bytes a second


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


def _md5(path: Path) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    with path.open('rb') as file:
        while chunk := file.read(2**20):
            digest.update(chunk)
    return digest.hexdigest()
