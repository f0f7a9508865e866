"""Lists that say which split a picture is in, as NIH's test_list.txt."""

import codecs
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from dbl.dataset_tools.splits import SPLITS
from dbl.errors import InputError, shortened
from dbl.files import open_text, read_lines
from dbl.label_files.labelled import picture_path
from dbl.label_files.split_names import split_called
from dbl.label_files.words import PICTURE_NAMES, PICTURES, is_picture, plain

# CelebA's list has numbers. Others number folds, or have 1 for test, so these are not guessed.
CELEBA = {'0': 'train', '1': 'val', '2': 'test'}
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
TWO = -1  # in place of the number of an image, where it may be either
_PAIR = re.compile(r'^(.+?)\s*[\s,;]\s*([^\s,;]+)$')


class Line(NamedTuple):
    """A line of a list: the picture as it is written there, and its split."""

    place: str
    picture: str
    split: str


def splits_named(words: Sequence[str], where: str, name: str) -> list[str]:
    """The split that each of some words names.

    Args:
        words: As ``Train``, ``valid``, or, in CelebA's partition, 0, 1 and 2.
        where: Begins the message: the option and its value.
        name: Of the column or the file, which says whether it is CelebA's.

    Raises:
        InputError: A word names no split.

    >>> splits_named(['Train', 'dev'], "--split-column 'set'", 'set')
    ['train', 'val']
    >>> splits_named(['0', '2', '1'], "--split-column 'partition'", 'partition')
    ['train', 'test', 'val']
    """
    words = [word.strip() for word in words]
    if {*words} == {*CELEBA} and 'partition' in name.lower():
        return [CELEBA[word] for word in words]
    found = [split_called(word) for word in words]
    if None in found:
        odd = shortened(words[found.index(None)], 40)
        raise InputError(
            f"{where}: expected train, test or val, but got '{odd}'; numbers are read in CelebA's "
            'partition alone, where 0, 1 and 2 are train, val and test'
        )
    return [split for split in found if split]


def is_list(path: Path) -> bool:
    """Whether a file has nothing but the path of a picture in each of its first lines.

    >>> is_list(Path('no such file.txt'))
    False
    """
    try:
        with open_text(path) as file:
            lines = [line.strip() for line in islice(file, 20)]
    except (InputError, UnicodeDecodeError):
        return False
    return any(lines) and all(is_picture(line) and ',' not in line for line in filter(None, lines))


def read_list(path: Path, split: str) -> list[Line]:
    """Reads a list of the pictures of one split, one a line, perhaps below a header as ``image``.

    Raises:
        InputError: The file cannot be read, or lists none.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / 'test_list.txt'
    >>> _ = path.write_text('00000003_000.png\\n')
    >>> read_list(path, 'test')[0].picture
    '00000003_000.png'
    """
    lines = [(n, text.strip()) for n, text in enumerate(_lines(path), start=1) if text.strip()]
    if lines and plain(lines[0][1]) in PICTURE_NAMES and not is_picture(lines[0][1]):
        del lines[0]
    return _some(path, [Line(f'{path}, line {n}', picture_path(text), split) for n, text in lines])


def read_split_list(path: Path) -> list[Line]:
    """Reads a list of pictures and their splits, as CelebA's list_eval_partition.txt.

    A first line that names no split is a header.

    Raises:
        InputError: The file cannot be read, or a line is no picture and a split.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / 'splits.csv'
    >>> _ = path.write_text('image,split\\na.jpg,train\\nb.jpg,test\\n')
    >>> [(line.picture, line.split) for line in read_split_list(path)]
    [('a.jpg', 'train'), ('b.jpg', 'test')]
    """
    rows = [_pair(path, n, text) for n, text in enumerate(_lines(path), 1) if text.strip()]
    if rows and split_called(rows[0].split) is None and rows[0].split not in CELEBA:
        del rows[0]
    _some(path, rows)
    splits = splits_named([row.split for row in rows], f"--split-list '{path}'", path.name)
    return [row._replace(split=split) for row, split in zip(rows, splits, strict=True)]


def _lines(path: Path) -> list[str]:
    """The lines of a file, which PowerShell writes in UTF-16."""
    try:
        return read_lines(path)
    except InputError:
        if not path.is_file() or not path.read_bytes().startswith(UTF_16):
            raise
        return path.read_text(encoding='utf-16').splitlines()


def _pair(path: Path, number: int, text: str) -> Line:
    found = _PAIR.match(text.strip())
    if found is None:
        raise InputError(
            f"{path}, line {number}: expected a picture and its split, but got '{shortened(text)}'"
        )
    picture, split = (cell.strip('"') for cell in found.groups())
    return Line(f'{path}, line {number}', picture_path(picture), split)


def _some(path: Path, lines: list[Line]) -> list[Line]:
    if not lines:
        raise InputError(f"'{path}' lists no picture; write one a line")
    return lines


def splits_listed(images: Sequence[str], lists: Mapping[str, Path | None]) -> list[str]:
    """The split of each image, of which those that no list names are ``'train'``.

    Args:
        images: Paths, as the label file has them.
        lists: A list for ``'test'`` and ``'val'``, or, as ``'split'``, one of all pictures.

    Raises:
        InputError: A list names a picture that is not there, or two, or one in two splits. Or a
            list of all pictures lacks one.
    """
    known, found = _Known(images), dict[int, str]()
    for name, path in lists.items():
        if path is not None:
            lines = read_split_list(path) if name == 'split' else read_list(path, name)
            _add(known, path, lines, found)
    left = [image for index, image in enumerate(images) if index not in found]
    if lists.get('split') and left:
        raise InputError(
            f"'{lists['split']}' lacks {len(left)} of the {len(images)} pictures, the first is "
            f"'{shortened(left[0])}'"
        )
    return [found.get(index, 'train') for index in range(len(images))]


def _add(known: '_Known', path: Path, lines: Sequence[Line], found: dict[int, str]) -> None:
    absent = []
    for line in lines:
        index = known.index_of(line)
        if index is None:
            absent.append(line.picture)
        elif found.setdefault(index, line.split) != line.split:
            both = f'{SPLITS[found[index]]} and {SPLITS[line.split]}'
            raise InputError(f"{line.place}: '{shortened(line.picture)}' is in {both}")
    if absent:
        raise InputError(
            f"'{path}' names {len(absent)} pictures that have no labels, of {len(lines)}; the "
            f"first is '{shortened(absent[0])}'"
        )


class _Known:
    """The images by their paths, and by the ends of these, with and without a suffix."""

    def __init__(self, images: Sequence[str]) -> None:
        self._written, self._bare = _Paths(), _Paths()
        for index, image in enumerate(images):
            self._written.add(image, index)
            self._bare.add(_bare(image), index)

    def index_of(self, line: Line) -> int | None:
        """The image that a line means: the end of one path is the other, but for a suffix.

        Raises:
            InputError: It may mean two.
        """
        written, bare = line.picture, _bare(line.picture)
        found = (self._written.find(written), self._bare.find(written), self._written.find(bare))
        index = next((index for index in found if index is not None), None)
        if index == TWO:
            raise InputError(f"{line.place}: '{shortened(written)}' may mean two pictures")
        return index


class _Paths:
    """Numbers by paths, and by the ends of paths."""

    def __init__(self) -> None:
        self._wholes, self._ends = dict[str, int](), dict[str, int]()

    def add(self, path: str, index: int) -> None:
        whole, *ends = _ends_of(path)
        self._wholes[whole] = TWO if whole in self._wholes else index
        for end in ends:
            self._ends[end] = TWO if end in self._ends else index

    def find(self, path: str) -> int | None:
        """The number of the path, of one that ends in it, or of one that it ends in."""
        whole, *ends = _ends_of(path)
        found = [self._wholes.get(whole), self._ends.get(whole), *map(self._wholes.get, ends)]
        return next((index for index in found if index is not None), None)


def _bare(path: str) -> str:
    return path.rpartition('.')[0] if path.lower().endswith(PICTURES) else path


def _ends_of(path: str) -> Iterator[str]:
    """The path, and what is left of it without its first folders.

    >>> list(_ends_of('./a/b.jpg'))
    ['a/b.jpg', 'b.jpg']
    """
    parts = [part for part in PurePosixPath(path).parts if part != '/'] or ['']
    for start in range(len(parts)):
        yield '/'.join(parts[start:])
