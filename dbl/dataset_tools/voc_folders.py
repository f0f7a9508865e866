"""Finds the XML files of VOC's form in the folders that tools and people put them in."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from dbl.dataset_tools.voc import LISTS, listed_images, picture_name
from dbl.errors import InputError
from dbl.label_files.split_names import WORDS, split_called
from dbl.label_files.voc_form import xml_beside_pictures, xml_files
from dbl.label_files.words import is_picture

Files = list[tuple[Path, str]]
ANNOTATIONS = ('Annotations', 'labels', 'xmls', 'xml')
PICTURES = ('JPEGImages', 'images')


def find_voc_files(root: Path) -> dict[str, Files]:
    """The XML files of each split, and their pictures, by the first layout that is there."""
    return (
        dict(_in_split_folders(root))
        or _in_devkit(root)
        or dict(_in_one_folder(root))
        or dict(_beside_pictures(root))
        or dict(_in_folders_of_splits(root))
    )


def pictures_without_xml(root: Path, files: Files) -> list[str]:
    """The pictures in the folders of some others that have no XML file, relative to the root.

    >>> pictures_without_xml(Path('no such folder'), [])
    []
    """
    have = {xml.stem for folder in {path.parent for path, _ in files} for xml in xml_files(folder)}
    folders = sorted({(root / picture).parent for _, picture in files})
    there = [path for folder in folders if folder.is_dir() for path in sorted(folder.iterdir())]
    pictures = [path for path in there if is_picture(path.name) and path.name[0] != '.']
    return [path.relative_to(root).as_posix() for path in pictures if path.stem not in have]


def folders_without_xml(root: Path, files: Files) -> list[str]:
    """The folders of pictures beside those of XML files that are called as a split, but have none.

    >>> import tempfile
    >>> root = Path(tempfile.mkdtemp())
    >>> for name in ('train/a.jpg', 'test/b.jpg'):
    ...     (root / name).parent.mkdir()
    ...     (root / name).touch()
    >>> folders_without_xml(root, [(root / 'train/a.xml', 'train/a.jpg')])
    ['test/']
    """
    have = {(root / picture).parent for _, picture in files} - {root}
    parents = {folder.parent for folder in have if split_called(folder.name)}
    beside = {path for parent in parents if parent.is_dir() for path in parent.iterdir()}
    unlabelled = [path for path in sorted(beside - have) if split_called(path.name)]
    with_pictures = filter(_has_pictures, unlabelled)
    return [f'{path.relative_to(root).as_posix()}/' for path in with_pictures]


def _has_pictures(folder: Path) -> bool:
    names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
    return any(is_picture(name) and name[0] != '.' for name in names)


def _in_split_folders(root: Path) -> Iterator[tuple[str, Files]]:
    for name, folder in _of_splits(root):
        yield name, xml_beside_pictures(folder)


def _of_splits(root: Path) -> Iterator[tuple[str, Path]]:
    """The folders with XML files that are called as a split."""
    entries = sorted(root.iterdir()) if root.is_dir() else []
    folders = [path for path in entries if path.is_dir() and xml_files(path)]
    for name in WORDS:
        there = [path for path in folders if split_called(path.name) == name]
        if len(there) > 1:
            first, second = (path.name for path in there[:2])
            raise InputError(f"'{root}' has both {first}/ and {second}/; keep one of them")
        if there:
            yield name, there[0]


def _in_devkit(root: Path) -> dict[str, Files]:
    return {
        name: _listed(root, f'VOC{year}', split)
        for name, (year, split) in LISTS.items()
        if (root / f'VOC{year}' / 'ImageSets' / 'Main' / f'{split}.txt').is_file()
    }


def _in_one_folder(root: Path) -> Iterator[tuple[str, Files]]:
    lists = root / 'ImageSets' / 'Main'
    words = {'train': ('train', 'trainval'), 'test': ('test',), 'val': ('val',)}
    listed = {}
    for name, splits in words.items():
        there = [split for split in splits if (lists / f'{split}.txt').is_file()]
        if there:
            listed[name] = _listed(root, '.', there[0])
    if 'train' not in listed:
        # What no list names is trained on.
        others = {path for files in listed.values() for path, _ in files}
        folder = _annotations(root, '.')
        ids = sorted(path.stem for path in xml_files(folder) if path not in others)
        listed |= {'train': _files(root, '.', ids)} if ids else {}
    yield from listed.items()


def _beside_pictures(root: Path) -> Iterator[tuple[str, Files]]:
    pictures = _folder(root, '.', PICTURES)
    if pictures.is_dir() and (files := xml_beside_pictures(pictures)):
        yield 'train', files
    elif root.is_dir() and xml_files(root):
        # Their paths are relative to the folder's parent, which is not below the root here.
        yield 'train', [(f, path.partition('/')[2]) for f, path in xml_beside_pictures(root)]


def _in_folders_of_splits(root: Path) -> Iterator[tuple[str, Files]]:
    """``annotations/train`` and ``images/train``, or the latter alone."""
    pictures = _folder(root, '.', PICTURES)
    for folder in (_folder(root, '.', ANNOTATIONS), pictures):
        for name, path in _of_splits(folder):
            yield name, _paired(root, path, pictures / path.name)


def _folder(root: Path, part: str, names: Iterable[str]) -> Path:
    """The folder of one of some names, in whatever case, or else that of the first name."""
    there = sorted((root / part).iterdir()) if (root / part).is_dir() else []
    known = {path.name.lower(): path for path in there if path.is_dir()}
    found = (known[name.lower()] for name in names if name.lower() in known)
    return next(found, root / part / next(iter(names)))


def _annotations(root: Path, part: str) -> Path:
    """The folder of the XML files, which may be one in another."""
    folder = _folder(root, part, ANNOTATIONS)
    return folder / 'xmls' if (folder / 'xmls').is_dir() else folder


def _listed(root: Path, folder: str, split: str) -> Files:
    listing = root / folder / 'ImageSets' / 'Main' / f'{split}.txt'
    return _files(root, folder, listed_images(listing))


def _files(root: Path, folder: str, image_ids: Iterable[str]) -> Files:
    """The file and the picture of each id."""
    annotations, pictures = _annotations(root, folder), _folder(root, folder, PICTURES)
    there = {path.stem: path for path in xml_files(annotations)}
    return [
        (there.get(i, annotations / f'{i}.xml'), _picture(root, pictures, i)) for i in image_ids
    ]


def _paired(root: Path, annotations: Path, pictures: Path) -> Files:
    return [(file, _picture(root, pictures, file.stem)) for file in xml_files(annotations)]


def _picture(root: Path, folder: Path, image_id: str) -> str:
    return (folder.relative_to(root) / picture_name(folder, image_id)).as_posix()
