"""The pictures in a folder and in those below it, by their names."""

import os
import re
import unicodedata
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from dbl.label_files.split_names import split_called
from dbl.label_files.words import PICTURES

SOME = 4  # names that begin alike
UPLOAD = re.compile('^[0-9a-f]{8}-')


class Files:
    """The pictures under some folders, by name.

    Args:
        paths: Theirs, relative to the root.
        split: Of several of a name, the one in a folder that is called so counts, as ``train``.
    """

    def __init__(self, paths: Iterable[str], split: str) -> None:
        self._paths = set(paths)
        self._split = split
        self._by_name: defaultdict[str, list[str]] = defaultdict(list)
        self._by_stem: defaultdict[str, list[str]] = defaultdict(list)
        self._by_number: defaultdict[str, list[str]] = defaultdict(list)  # without zeros before it
        for path in sorted(self._paths):
            name = PurePosixPath(path).name
            self._by_name[name].append(path)
            stem = PurePosixPath(name).stem
            self._by_stem[_loose(stem)].append(path)
            if stem.isdecimal():
                self._by_number[stem.lstrip('0')].append(path)
        self._stems = sorted(self._by_stem)

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self._paths)

    @property
    def example(self) -> str:
        """The first of them."""
        return min(self._paths)

    def holds(self, paths: Iterable[str]) -> bool:
        """Whether all of some paths are there."""
        return self._paths.issuperset(paths)

    def ending_in(self, tail: str) -> list[str]:
        """The files whose paths end in some folders and a name."""
        found = self._by_name.get(PurePosixPath(tail).name, [])
        return [path for path in found if f'/{path}'.endswith(f'/{tail}')]

    def only(self, name: str) -> str | None:
        """The one file of a name."""
        # Label Studio puts eight digits before the name of an upload.
        found = self._named(name) or self._named(UPLOAD.sub('', name))
        return found[0] if len(found) == 1 else None

    def with_suffix(self, name: str) -> list[str]:
        """The files that have a suffix behind a name that has none."""
        base = PurePosixPath(name).name
        found = [p for p in self._by_stem.get(_loose(base), []) if PurePosixPath(p).stem == base]
        return of_split(found, self._split)

    def in_any_case(self, paths: Iterable[str]) -> str | None:
        """The one file that differs from any of some paths by case alone, if at all."""
        found = {
            file
            for path in paths
            for file in self._by_stem.get(_loose(PurePosixPath(path).stem), [])
            if _loose(file) == _loose(path)
        }
        own = of_split(sorted(found), self._split)
        return own[0] if len(own) == 1 else None

    def near(self, name: str) -> list[str]:
        """The files that may be meant: of another suffix, case, folder, or with more behind."""
        base = PurePosixPath(name)
        stem = base.stem if base.suffix.lower() in PICTURES else base.name
        found = self._by_stem.get(_loose(stem)) or self._by_name.get(base.name, [])
        found = found or self._by_number.get(stem.lstrip('0') if stem.isdecimal() else '', [])
        if found or not stem:
            return found
        start = f'{_loose(stem)}_'
        at = bisect_left(self._stems, start)
        longer = [key for key in self._stems[at : at + SOME] if key.startswith(start)]
        return [path for key in longer for path in self._by_stem[key]]

    def _named(self, name: str) -> list[str]:
        """The files of a name, or the one in the folder of the split."""
        return of_split(self._by_name.get(name, []), self._split)


def _loose(name: str) -> str:
    """A name without what case, and the two forms of accents, differ in."""
    return unicodedata.normalize('NFC', name).casefold()


def files_of(root: Path, folders: Iterable[str], split: str) -> Files:
    """Finds the pictures in some folders of a root, and in those below them."""
    found: dict[str, None] = {}
    for folder in folders:
        for parent, _, names in os.walk(root / folder):
            for name in names:
                if name.lower().endswith(PICTURES):
                    found[Path(parent, name).relative_to(root).as_posix()] = None
    return Files(sorted(found), split)


def of_split(paths: list[str], split: str) -> list[str]:
    """Of several paths the one in a folder of a split, if it is one, or else all.

    >>> of_split(['test/a.jpg', 'train/a.jpg'], 'train'), of_split(['test/a.jpg'], 'train')
    (['train/a.jpg'], ['test/a.jpg'])
    """
    if len(paths) < 2 or not split:
        return paths
    own = [p for p in paths if split in map(split_called, PurePosixPath(p).parts[:-1])]
    return own if len(own) == 1 else paths
