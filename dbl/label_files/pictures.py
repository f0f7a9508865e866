"""Finds the pictures of a table in a folder: where it says, or where files of those names lie."""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path, PurePosixPath

from dbl.errors import InputError, shortened
from dbl.label_files.any_case import in_any_case
from dbl.label_files.picture_files import Files, files_of, of_split
from dbl.label_files.words import PICTURES

SHOWN = 3  # files that a message names


@dataclass(frozen=True)
class Found:
    """Where pictures are.

    Attributes:
        paths: Relative to the root; of those that are not there, as the table has them.
        said: Where they were found, in words.
    """

    paths: list[str]
    said: str


def find_pictures(
    root: Path,
    names: Sequence[str],
    beside: str = '.',
    folders: Sequence[str] = (),
    suffix: str = '',
    split: str = '',
) -> Found:
    """Finds pictures under a root.

    They are looked for where the table says: in some folders, or else beside the table and in the
    root. Where none is there, they may be elsewhere: bare names that each have one file of their
    name, with or without a suffix, or paths that have all moved alike. That is said, and so are
    files that differ from the table's names by case alone. Of several files of a name the one in a
    folder of the split counts, as ``train``. Where the root has no pictures at all, that is no
    error: labels are enough to build a set.

    Args:
        root: The folder of the data.
        names: Paths as the table has them.
        beside: The folder of the table, relative to the root.
        folders: Folders, relative to the root, or patterns of folders, as ``images_*/images``.
        suffix: Goes behind each name.
        split: Of the table.

    Raises:
        InputError: Pictures are not there, but files are that may be meant; it names an option.
    """
    wanted = [f'{name}{suffix}' for name in names]
    places = _folders(root, folders) or list(dict.fromkeys([beside, '.']))
    exact = [_where(root, name, places, bool(folders), split) for name in wanted]
    said = _said(places, folders, suffix)
    if None not in exact:
        return Found([path for path in exact if path], said)
    files = files_of(root, places if folders else ['.'], split)
    if not any(exact) and (found := _elsewhere(files, wanted)):
        return found
    candidates = [chain.from_iterable(_candidates(name, places, bool(folders))) for name in wanted]
    paths, by_case = in_any_case(files, wanted, exact, candidates)
    missing = [name for name, path in zip(wanted, paths, strict=True) if path is None]
    if not missing:
        return Found([path for path in paths if path], f'{said}{by_case}')
    _check_missing(root, files, wanted, missing)
    kept = [path or name for name, path in zip(wanted, paths, strict=True)]
    return Found(kept, f'{len(missing)} of {len(wanted)} missing{by_case}')


def _check_missing(root: Path, files: Files, wanted: Sequence[str], missing: Sequence[str]) -> None:
    """Raises InputError where files may be meant by the pictures that are missing."""
    for name in missing:
        if near := files.near(name):
            raise InputError(_hint(root, len(missing), len(wanted), name, near))
    if len(missing) == len(wanted) and files.count:
        raise InputError(
            f"none of the {len(wanted)} pictures is in '{root}', which has {files.count} others, "
            f"such as '{files.example}'; the first is '{shortened(wanted[0])}': --images and "
            '--suffix say where they are and how they end'
        )


def _elsewhere(files: Files, wanted: Sequence[str]) -> Found | None:
    """All pictures in other folders, if each is in one place alone, or all have moved alike."""
    if not any('/' in name for name in wanted):
        paths = [files.only(name) for name in wanted]
        if None not in paths:
            found = [path for path in paths if path]
            return Found(found, f'by their file names, {_named(map(_parent, found))} (--images)')
        return _with_suffix(files, wanted)
    first = PurePosixPath(wanted[0]).parts
    for k in range(len(first)):
        for path in files.ending_in('/'.join(first[k:])):
            old = len('/'.join(first[:k]).replace('//', '/'))
            new = path[: len(path) - len('/'.join(first[k:]))]
            moved = [f'{new}{name[old:].lstrip("/")}' for name in wanted]
            same_start = all(name[:old] == wanted[0][:old] for name in wanted)
            if same_start and files.holds(moved):
                shown = f"'{wanted[0][:old]}' is '{new}' here"
                return Found(moved, f'in other folders: {shown} (--images)')
    return None


def _folders(root: Path, patterns: Iterable[str]) -> list[str]:
    """The folders that some patterns name, relative to the root."""
    found = []
    for pattern in patterns:
        if not pattern or PurePosixPath(pattern).is_absolute():
            raise InputError(f"--images '{pattern}': name folders relative to '{root}'")
        folders = sorted(p for p in root.glob(pattern.rstrip('/')) if p.is_dir())
        if not folders:
            raise InputError(f"--images '{pattern}': there is no such folder in '{root}'")
        found += [folder.relative_to(root).as_posix() for folder in folders]
    return found


def _where(root: Path, name: str, places: Sequence[str], by_name: bool, split: str) -> str | None:
    """The path of a picture in the first folder that has it, also without folders of its own."""
    for paths in _candidates(name, places, by_name):
        found = [path for path in paths if os.path.isfile(root / path)]
        if by_name and len(found := of_split(found, split)) > 1:
            raise InputError(
                f"--images: both '{found[0]}' and '{found[1]}' are there for '{shortened(name)}'; "
                'name one of the folders'
            )
        if found:
            return found[0]
    return None


def _candidates(name: str, places: Sequence[str], by_name: bool) -> Iterator[list[str]]:
    """Where a picture may be: below each place, also without folders of its own."""
    path = PurePosixPath(name)
    tails = [path.parts[k:] for k in range(bool(path.anchor), len(path.parts))]
    for tail in tails if by_name else tails[:1] if not path.anchor else []:
        if '..' not in tail:
            yield [PurePosixPath(place, *tail).as_posix() for place in places]


def _parent(path: str) -> str:
    return PurePosixPath(path).parent.as_posix()


def _said(places: Sequence[str], folders: Sequence[str], suffix: str) -> str:
    behind = f", with '{suffix}' behind their names (--suffix)" if suffix else ''
    return f'{_named(places) if folders else "in the folders that the table names"}{behind}'


def _named(folders: Iterable[str]) -> str:
    names = sorted(set(folders))
    more = f' and {len(names) - SHOWN} more' if len(names) > SHOWN else ''
    shown = ', '.join(f"'{name}'" for name in names[:SHOWN])
    return f'in the folder{"s" if len(names) > 1 else ""} {shown}{more}'


def _with_suffix(files: Files, names: Sequence[str]) -> Found | None:
    """The pictures of names without a suffix, where each has one."""
    found = [files.with_suffix(name) for name in names]
    if any(len(paths) != 1 for paths in found):
        return None
    paths = [path for (path,) in found]
    endings = ', '.join(sorted({f"'{PurePosixPath(path).suffix}'" for path in paths}))
    where = _named(map(_parent, paths))
    return Found(paths, f'with {endings} behind their names (--suffix), {where} (--images)')


def _hint(root: Path, missing: int, count: int, name: str, near: Sequence[str]) -> str:
    """Says what there is in place of a missing picture, and the option that takes it."""
    path, other = PurePosixPath(name), PurePosixPath(near[0])
    shown = ', '.join(f"'{p}'" for p in near[:4])
    start = (
        f"{missing} of the {count} pictures are not in '{root}'; the first is "
        f"'{shortened(name)}', and there is {shown}: "
    )
    if other.name.startswith(path.name) and path.suffix.lower() not in PICTURES:
        endings = ', '.join(dict.fromkeys(PurePosixPath(p).name[len(path.name) :] for p in near))
        return f'{start}--suffix takes those of one ending, of {endings}'
    if other.name == path.name:
        return f'{start}--images {_parent(near[0])} looks in that folder'
    is_same = len(near) == 1 and other.name.casefold() == path.name.casefold()
    if is_same and other.parent != path.parent:
        return f'{start}--images {_parent(near[0])} looks in that folder, in whatever case'
    return f'{start}name the pictures in the table as they are called in the folder'
