"""Finds and reads one's own data in VOC's form, whatever its classes are."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from dbl.dataset_tools.effects import check_used
from dbl.dataset_tools.voc import (
    CLASSES,
    LISTS,
    has_class_files,
    listed_images,
    picture_name,
    read_voc_labels,
)
from dbl.datasets.annotations import Annotations
from dbl.errors import InputError
from dbl.label_files.answers import Answers
from dbl.label_files.reading import Reading
from dbl.label_files.split_names import WORDS, split_called
from dbl.label_files.voc_form import read_voc_form, xml_beside_pictures

Files = list[tuple[Path, str]]


def read_voc_files(root: Path, answers: Answers, difficult: bool) -> dict[str, Reading]:
    """Reads XML files in VOC's form: of a devkit, of one folder like its, or beside the pictures.

    ::

        root/VOC2012/{Annotations,JPEGImages,ImageSets/Main/trainval.txt}, root/VOC2007/... test.txt
        root/{Annotations,JPEGImages}, and ImageSets/Main/{train or trainval,val,test}.txt, if any
        root/{annotations,images}, as LabelImg's users and Kaggle have them
        root/*.xml, root/images/*.xml or root/{train,test,valid}/*.xml, beside the pictures

    A devkit without XML files is read by its class files.

    Raises:
        InputError: There are no XML files in any of these places, or some cannot be read.
    """
    found = find_voc_files(root)
    has_xml = any(path.is_file() for path, _ in found.get('train', []))
    if has_class_files(root) and not has_xml:
        readings = {name: _of_class_files(root, name, difficult) for name in LISTS}
    elif 'train' in found:
        readings = {n: read_voc_form(f, answers, difficult, root) for n, f in found.items()}
        _check_difficult(readings, difficult)
    else:
        raise InputError(
            f"'{root}' has no XML files, nor have its folders Annotations, VOC2012/Annotations, "
            'images and train; --root must be the folder of the data, or a VOCdevkit, as '
            '`python -m dbl build_dataset download voc` makes it'
        )
    check_used(readings, answers)
    return readings


def _check_difficult(readings: Mapping[str, Reading], difficult: bool) -> None:
    if not difficult and not any('difficult' in reading.used for reading in readings.values()):
        raise InputError('--without-difficult has no effect: no object is difficult; leave it out')


def find_voc_files(root: Path) -> dict[str, Files]:
    """The XML files of each split, and their pictures, by the first layout that is there."""
    return (
        dict(_in_split_folders(root))
        or _in_devkit(root)
        or dict(_in_one_folder(root))
        or dict(_beside_pictures(root))
    )


def _of_class_files(devkit: Path, name: str, difficult: bool) -> Reading:
    year, split = LISTS[name]
    image_ids, rows = read_voc_labels(devkit, year, split, difficult)
    pictures = devkit / f'VOC{year}' / 'JPEGImages'
    paths = [f'VOC{year}/JPEGImages/{picture_name(pictures, i)}' for i in image_ids]
    understood = {'files': f"VOC{year}'s class files of {split}"}
    return Reading(Annotations(CLASSES, paths, rows), understood, devkit)


def _in_split_folders(root: Path) -> Iterator[tuple[str, Files]]:
    entries = sorted(root.iterdir()) if root.is_dir() else []
    folders = [path for path in entries if any(path.glob('*.xml'))]
    for name in WORDS:
        there = [path for path in folders if split_called(path.name) == name]
        if len(there) > 1:
            first, second = (path.name for path in there[:2])
            raise InputError(f"'{root}' has both {first}/ and {second}/; keep one of them")
        if there:
            yield name, xml_beside_pictures(there[0])


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
        folder = _folder(root, '.', 'Annotations', 'labels')
        ids = sorted(path.stem for path in folder.glob('*.xml') if path not in others)
        listed |= {'train': _files(root, '.', ids)} if ids else {}
    yield from listed.items()


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
