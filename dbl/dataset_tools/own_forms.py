"""Finds and reads one's own data in the forms of COCO and VOC, whatever its classes are."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from dbl.dataset_tools.coco import CLASSES as COCO_CLASSES
from dbl.dataset_tools.voc import listed_images, picture_name
from dbl.errors import InputError
from dbl.label_files.answers import Answers
from dbl.label_files.coco_form import read_coco_form
from dbl.label_files.find import WORDS
from dbl.label_files.reading import Reading
from dbl.label_files.voc_form import read_voc_form, xml_beside_pictures

ROBOFLOW = '_annotations.coco.json'


def find_coco_files(root: Path, given: Mapping[str, Path | None]) -> dict[str, Path]:
    """Finds a file in COCO's form for each split.

    They are in ``annotations/``, in the root, or, as Roboflow has them, in a folder for each split.
    Without a test file, one to validate on is tested on, as with COCO itself.

    Args:
        root: The folder of the data.
        given: Files that are named, by split.

    Raises:
        InputError: There is none to train on, or a split has several.
    """
    there = [p for folder in ('annotations', '.') for p in sorted((root / folder).glob('*.json'))]
    there += sorted(root.glob(f'*/{ROBOFLOW}'))
    there = [path for path in there if not path.stem.startswith('image_info')]  # without labels
    found = {name: path for name, path in given.items() if path}
    for name, words in WORDS.items():
        named = [path for path in there if _words(path) & {*words}]
        instances = [path for path in named if 'instances' in path.stem]
        if name not in found and named:
            found[name] = _only(name, instances or named)
    if 'train' not in found:
        left = [path for path in there if path not in found.values()]
        found['train'] = _only('train', left or [root / 'annotations' / 'instances_train2017.json'])
    if 'test' not in found and 'val' in found:
        found['test'] = found.pop('val')
    return found


def _words(path: Path) -> set[str]:
    """The words in the name of a file, or, of Roboflow's, of its folder."""
    called = path.parent.name if path.name == ROBOFLOW else path.stem
    return set(re.findall('[a-z]+', called.lower()))


def _only(name: str, paths: list[Path]) -> Path:
    if len(paths) > 1:
        raise InputError(f"both '{paths[0]}' and '{paths[1]}' are there; --{name}-json names one")
    return paths[0]


class _Category(msgspec.Struct):
    name: str


class _Categories(msgspec.Struct):
    categories: list[_Category]


def is_coco(path: Path) -> bool:
    """Whether a file has the 80 classes of COCO itself."""
    try:
        content = msgspec.json.decode(path.read_bytes(), type=_Categories)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return sorted(category.name for category in content.categories) == sorted(COCO_CLASSES)


def read_coco_files(files: Mapping[str, Path], answers: Answers) -> dict[str, Reading]:
    """Reads a file in COCO's form for each split."""
    return {name: read_coco_form(path, answers) for name, path in files.items()}


def read_voc_files(root: Path, answers: Answers, difficult: bool) -> dict[str, Reading]:
    """Reads XML files in VOC's form: of a devkit, of one folder like its, or beside the pictures.

    ::

        root/VOC2012/{Annotations,JPEGImages,ImageSets/Main/trainval.txt}, root/VOC2007/... test.txt
        root/{Annotations,JPEGImages}, and ImageSets/Main/{train or trainval,val,test}.txt, if any
        root/{annotations,images}, as LabelImg's users and Kaggle have them
        root/*.xml, root/images/*.xml or root/{train,test,valid}/*.xml, beside the pictures

    Raises:
        InputError: There are no XML files in any of these places, or some cannot be read.
    """
    found = (
        dict(_in_split_folders(root))
        or _in_devkit(root)
        or dict(_in_one_folder(root))
        or dict(_beside_pictures(root))
    )
    if 'train' not in found:
        raise InputError(
            f"'{root}' has no XML files, nor have its folders Annotations, VOC2012/Annotations, "
            'images and train; --root must be the folder of the data'
        )
    return {name: read_voc_form(files, answers, difficult, root) for name, files in found.items()}


Files = list[tuple[Path, str]]


def _in_split_folders(root: Path) -> Iterator[tuple[str, Files]]:
    for name, words in WORDS.items():
        there = [word for word in words if any((root / word).glob('*.xml'))]
        if len(there) > 1:
            raise InputError(f"'{root}' has both {there[0]}/ and {there[1]}/; keep one of them")
        if there:
            yield name, xml_beside_pictures(root / there[0])


def _in_devkit(root: Path) -> dict[str, Files]:
    lists = {'train': ('VOC2012', 'trainval'), 'test': ('VOC2007', 'test')}
    return {
        name: _listed(root, folder, split)
        for name, (folder, split) in lists.items()
        if (root / folder / 'ImageSets' / 'Main' / f'{split}.txt').is_file()
    }


def _in_one_folder(root: Path) -> Iterator[tuple[str, Files]]:
    lists = root / 'ImageSets' / 'Main'
    for name, splits in {
        'train': ('train', 'trainval'),
        'test': ('test',),
        'val': ('val',),
    }.items():
        there = [split for split in splits if (lists / f'{split}.txt').is_file()]
        if there:
            yield name, _listed(root, '.', there[0])
    if not (lists / 'train.txt').is_file() and not (lists / 'trainval.txt').is_file():
        folder = _folder(root, '.', 'Annotations', 'labels')
        ids = sorted(path.stem for path in folder.glob('*.xml'))
        if ids:
            yield 'train', _files(root, '.', ids)


def _beside_pictures(root: Path) -> Iterator[tuple[str, Files]]:
    pictures = _folder(root, '.', 'JPEGImages', 'images')
    if pictures.is_dir() and (files := xml_beside_pictures(pictures)):
        yield 'train', files
    elif root.is_dir() and any(root.glob('*.xml')):
        # Their paths are relative to the folder's parent, which is not below the root here.
        yield 'train', [(f, path.partition('/')[2]) for f, path in xml_beside_pictures(root)]


def _folder(root: Path, part: str, *names: str) -> Path:
    """The folder of one of some names, in whatever case, or else that of the first name."""
    there = sorted((root / part).iterdir()) if (root / part).is_dir() else []
    known = {path.name.lower(): path for path in there if path.is_dir()}
    found = (known[name.lower()] for name in names if name.lower() in known)
    return next(found, root / part / names[0])


def _listed(root: Path, folder: str, split: str) -> Files:
    listing = root / folder / 'ImageSets' / 'Main' / f'{split}.txt'
    return _files(root, folder, listed_images(listing))


def _files(root: Path, folder: str, image_ids: list[str]) -> Files:
    pictures = _folder(root, folder, 'JPEGImages', 'images')
    annotations = _folder(root, folder, 'Annotations', 'labels')
    below = pictures.relative_to(root)
    return [
        (
            annotations / f'{image_id}.xml',
            (below / picture_name(pictures, image_id)).as_posix(),
        )
        for image_id in image_ids
    ]
