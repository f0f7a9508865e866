"""Fetches the archives of VOC and COCO from where they are published."""

import hashlib
import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import gdown
from gdown.exceptions import DownloadError

from dbl.errors import InputError

STALLED = 60  # seconds without a byte
# RuntimeError: of a .zip that is encrypted, or packed by a method unknown.
DAMAGED = (OSError, ValueError, RuntimeError, tarfile.TarError, zipfile.BadZipFile, zlib.error)


class Archive(NamedTuple):
    """An archive as it is published.

    Attributes:
        path: Where it lies under the address of the source.
        size: In bytes.
        md5: Of its content.
        holds: The folder inside that is wanted; it goes into the root under its last name.
    """

    path: str
    size: int
    md5: str
    holds: str

    @property
    def name(self) -> str:
        """Name of the file."""
        return Path(self.path).name

    def folder(self, root: Path) -> Path:
        """Where its content goes."""
        return root / Path(self.holds).name

    def record(self, root: Path) -> Path:
        """The file that says that all of it has been unpacked; ``md5sum -c`` reads it."""
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
    """Whether all of an archive has been unpacked under a root."""
    record = archive.record(root)
    return record.is_file() and archive.md5.encode() in record.read_bytes()


def fetch(archive: Archive, address: str, root: Path, retries: int = 5) -> Path:
    """Downloads an archive into a folder, or goes on with it; then checks its size and MD5.

    An archive that is there already is only checked.

    Args:
        archive: What to fetch.
        address: Of the server, to which the archive's path is added.
        root: Folder to put it into.
        retries: After a connection that failed; each goes on where the last one ended.

    Raises:
        InputError: The download failed, or the file is not the archive; it says what helps.
    """
    root.mkdir(parents=True, exist_ok=True)
    path = root / archive.name
    for part in root.glob(f'{archive.name}????????.part'):  # gdown's
        if part.stat().st_size >= archive.size:  # stopped before it was renamed
            part.replace(path)
    if not path.is_file():
        url = f'{address.rstrip("/")}/{archive.path}'
        try:
            gdown.download(
                url, str(path), resume=True, retries=retries, timeout=STALLED, use_cookies=False
            )
        except (OSError, ValueError, DownloadError) as error:
            raise InputError(
                f"cannot download '{url}': {error}; what has come is kept, and the same command "
                f"goes on there, or afresh once '{path}*.part' is deleted"
            ) from error
    _check(path, archive)
    return path


def _check(path: Path, archive: Archive) -> None:
    size = path.stat().st_size
    found = f'md5 {_md5(path)}' if size == archive.size else f'{size} bytes'
    if found != f'md5 {archive.md5}':
        raise InputError(
            f"'{path}' has {found}, but the published archive {archive.size} bytes and md5 "
            f'{archive.md5}; delete it to download it again, or take another --mirror'
        )


def unpack(path: Path, archive: Archive, root: Path) -> None:
    """Unpacks the folder that an archive holds; aside at first, so that files in place are whole.

    Raises:
        InputError: The archive is damaged, holds a path that leaves the root, or another folder.
    """
    aside = root / '.unpacking'
    if aside.is_symlink():
        aside.unlink()
    shutil.rmtree(aside, ignore_errors=True)
    try:
        gdown.extractall(str(path), str(aside))
        if not (aside / archive.holds).is_dir():
            raise ValueError(f"it does not hold the folder '{archive.holds}'")
        if any(member.is_symlink() for member in aside.rglob('*')):
            raise ValueError('it holds links, which could lead out of the root once they are moved')
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


def _md5(path: Path) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    with path.open('rb') as file:
        while chunk := file.read(2**20):
            digest.update(chunk)
    return digest.hexdigest()
