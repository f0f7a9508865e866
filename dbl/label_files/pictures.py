"""Finds the pictures of a table in a folder: where it says, or where files of those names lie."""

import os
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from dbl.errors import InputError, shortened
from dbl.label_files.table import PICTURES

SHOWN = 3  # files that a message names
UPLOAD = re.compile('^[0-9a-f]{8}-')


@dataclass(frozen=True)
class Found:
    """Where pictures are.

    Attributes:
        paths: Relative to the root; of those that are not there, as the table has them.
        said: Where they were found, in words.
        missing: How many were not found.
    """

    paths: list[str]
    said: str
    missing: int = 0


def find_pictures(
    root: Path,
    names: Sequence[str],
    beside: str = '.',
    folders: Sequence[str] = (),
    suffix: str = '',
) -> Found:
    """Finds pictures under a root.

    They are looked for where the table says: in some folders, or else beside the table and in the
    root. Where some are not there, but each has one file of its name, or of its name with the same
    suffix behind all, those are taken, which is said.

    Args:
        root: The folder of the data.
        names: Paths as the table has them.
        beside: The folder of the table, relative to the root.
        folders: Folders, relative to the root, or patterns of folders, as ``images_*/images``.
        suffix: Goes behind each name.

    Raises:
        InputError: Pictures are not there, but files are that may be meant; it names an option.
    """
    wanted = [f'{name}{suffix}' for name in names]
    places = _folders(root, folders) or list(dict.fromkeys([beside, '.']))
    paths = [_where(root, name, places, bool(folders)) for name in wanted]
    if None not in paths:
        return Found([path for path in paths if path], _said(places, folders, suffix))
    files = _files(root, places if folders else ['.'])
    by_name = [path or files.only(name) for name, path in zip(wanted, paths, strict=True)]
    if None not in by_name:
        found = [path for path in by_name if path]
        return Found(found, f'by their file names, {_named(map(_parent, found))} (--images)')
    added = _with_suffix(files, wanted)
    if added:
        return Found(*added)
    missing = [name for name, path in zip(wanted, paths, strict=True) if path is None]
    for name in missing:
        if near := files.near(name):
            raise InputError(_hint(root, len(missing), len(wanted), name, near))
    kept = [path or name for name, path in zip(wanted, paths, strict=True)]
    return Found(kept, f'{len(missing)} of {len(wanted)} missing', len(missing))


def _folders(root: Path, patterns: Iterable[str]) -> list[str]:
    """The folders that some patterns name, relative to the root."""
    found = []
    for pattern in patterns:
        folders = sorted(p for p in root.glob(pattern.rstrip('/')) if p.is_dir())
        if not folders:
            raise InputError(f"--images '{pattern}': there is no such folder in '{root}'")
        found += [folder.relative_to(root).as_posix() for folder in folders]
    return found


def _where(root: Path, name: str, places: Iterable[str], by_name: bool) -> str | None:
    """The path of a picture in the first folder that has it, also without folders of its own."""
    path = PurePosixPath(name)
    tails = [path.parts[k:] for k in range(bool(path.anchor), len(path.parts))]
    for place in places:
        for tail in tails if by_name else tails[:1] if not path.anchor else []:
            candidate = PurePosixPath(place, *tail)
            if '..' not in tail and os.path.isfile(root / candidate):
                return candidate.as_posix()
    return None


def _parent(path: str) -> str:
    return PurePosixPath(path).parent.as_posix()


def _said(places: Sequence[str], folders: Sequence[str], suffix: str) -> str:
    behind = f", with '{suffix}' behind their names (--suffix)" if suffix else ''
    return f'in {_named(places) if folders else "the folders that the table names"}{behind}'


def _named(folders: Iterable[str]) -> str:
    names = sorted(set(folders))
    more = f' and {len(names) - SHOWN} more' if len(names) > SHOWN else ''
    shown = ', '.join(f"'{name}'" for name in names[:SHOWN])
    return f'in the folder{"s" if len(names) > 1 else ""} {shown}{more}'


class _Files:
    """The pictures under some folders, by name."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._by_name: defaultdict[str, list[str]] = defaultdict(list)
        self._by_stem: defaultdict[str, list[str]] = defaultdict(list)
        for path in paths:
            name = PurePosixPath(path).name
            self._by_name[name].append(path)
            self._by_stem[_loose(PurePosixPath(name).stem)].append(path)

    def only(self, name: str) -> str | None:
        """The one file that ends in a path, or in its last folders and name."""
        parts = PurePosixPath(name).parts
        found = self._by_name[parts[-1]] if parts else []
        if parts and not found:  # Label Studio puts eight digits before the name of an upload
            found = self._by_name[UPLOAD.sub('', parts[-1])]
            return found[0] if len(found) == 1 else None
        for k in range(len(parts)):
            tail = '/'.join(parts[k:])
            ends = [path for path in found if f'/{path}'.endswith(f'/{tail}')]
            if ends:
                return ends[0] if len(ends) == 1 else None
        return None

    def with_suffix(self, name: str) -> list[str]:
        """The files that have a suffix behind a name that has none."""
        base = PurePosixPath(name).name
        return [p for p in self._by_stem[_loose(base)] if PurePosixPath(p).stem == base]

    def near(self, name: str) -> list[str]:
        """The files that may be meant: of another suffix, case, folder, or with more behind."""
        base = PurePosixPath(name)
        stem = base.stem if base.suffix.lower() in PICTURES else base.name
        found = self._by_stem[_loose(stem)] or self._by_name[base.name]
        if found or not stem:
            return found
        longer = [key for key in self._by_stem if key.startswith(f'{_loose(stem)}_')]
        return [path for key in sorted(longer)[:4] for path in self._by_stem[key]]


def _loose(name: str) -> str:
    return unicodedata.normalize('NFC', name).casefold()


def _files(root: Path, folders: Iterable[str]) -> _Files:
    found: dict[str, None] = {}
    for folder in folders:
        for parent, _, names in os.walk(root / folder):
            for name in names:
                if name.lower().endswith(PICTURES):
                    found[Path(parent, name).relative_to(root).as_posix()] = None
    return _Files(sorted(found))


def _with_suffix(files: _Files, names: Sequence[str]) -> tuple[list[str], str] | None:
    """The pictures of names without a suffix, where all want the same."""
    found = [files.with_suffix(name) for name in names]
    suffixes = {PurePosixPath(path).suffix for paths in found for path in paths}
    if len(suffixes) != 1 or any(len(paths) != 1 for paths in found):
        return None
    paths = [path for (path,) in found]
    where = _named(map(_parent, paths))
    return paths, f"with '{suffixes.pop()}' behind their names (--suffix), {where} (--images)"


def _hint(root: Path, missing: int, count: int, name: str, near: Sequence[str]) -> str:
    """Says what there is in place of a missing picture, and the option that takes it."""
    path, other = PurePosixPath(name), PurePosixPath(near[0])
    shown = ', '.join(f"'{p}'" for p in near[:4])
    start = (
        f"{missing} of the {count} pictures are not in '{root}'; the first is "
        f"'{shortened(name)}', and there is {shown}: "
    )
    if other.name.startswith(path.name) and path.suffix.lower() not in PICTURES:
        return f'{start}--suffix {other.name[len(path.name) :]} takes the one with that ending'
    if other.name == path.name:
        return f'{start}--images {_parent(near[0])} looks in that folder'
    return f'{start}name the pictures in the table as they are called in the folder'
