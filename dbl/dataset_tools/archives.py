"""The published archives of VOC and COCO, and how they are unpacked."""

import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePath
from typing import IO, NamedTuple

from dbl.errors import InputError

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
