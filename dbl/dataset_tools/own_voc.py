"""Finds and reads one's own data in VOC's form, whatever its classes are."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from dbl.dataset_tools.effects import check_used
from dbl.dataset_tools.voc import (
    CLASSES,
    LISTS,
    has_class_files,
    picture_name,
    read_voc_labels,
)
from dbl.dataset_tools.voc_folders import find_voc_files, folders_without_xml, pictures_without_xml
from dbl.datasets.annotations import Annotations
from dbl.errors import InputError, shortened
from dbl.label_files.answers import Answers
from dbl.label_files.find import NoLabelFilesError
from dbl.label_files.reading import Reading
from dbl.label_files.voc_form import read_voc_form

Files = list[tuple[Path, str]]


def read_voc_files(root: Path, answers: Answers, difficult: bool) -> dict[str, Reading]:
    """Reads XML files in VOC's form: of a devkit, of one folder like its, or beside the pictures.

    ::

        root/VOC2012/{Annotations,JPEGImages,ImageSets/Main/trainval.txt}, root/VOC2007/... test.txt
        root/{Annotations,JPEGImages}, and ImageSets/Main/{train or trainval,val,test}.txt, if any
        root/{annotations,images}, as LabelImg's users and Kaggle have them
        root/*.xml, root/images/*.xml or root/{train,test,valid}/*.xml, beside the pictures
        root/images/train/*.xml, or root/annotations/train/*.xml and root/images/train

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
        readings = dict(_with_left_out(root, readings, found))
    else:
        raise NoLabelFilesError(
            f"'{root}' has no XML files, nor have its folders Annotations, VOC2012/Annotations, "
            'images and train; --root must be the folder of the data, or a VOCdevkit, as '
            '`python -m dbl build_dataset download voc` makes it'
        )
    check_used(readings, answers)
    return readings


def _check_difficult(readings: Mapping[str, Reading], difficult: bool) -> None:
    if not difficult and not any('difficult' in reading.used for reading in readings.values()):
        raise InputError('--without-difficult has no effect: no object is difficult; leave it out')


def _with_left_out(
    root: Path, readings: Mapping[str, Reading], files: Mapping[str, Files]
) -> Iterator[tuple[str, Reading]]:
    """Says how many pictures, once where splits share a folder, and which folders have no XML."""
    told = set[str]()
    passed = folders_without_xml(root, [pair for pairs in files.values() for pair in pairs])
    for name, reading in readings.items():
        without = [path for path in pictures_without_xml(root, files[name]) if path not in told]
        told.update(without)
        said = {'left out': _counted(without)} if without else {}
        if passed and name == 'train':
            said['passed over'] = f'{", ".join(map(repr, passed))}: without XML files'
        yield name, replace(reading, understood=reading.understood | said)


def _counted(pictures: Sequence[str]) -> str:
    some = 'picture' if len(pictures) == 1 else 'pictures'
    return f"{len(pictures)} {some} without an XML file, as '{shortened(pictures[0])}'"


def _of_class_files(devkit: Path, name: str, difficult: bool) -> Reading:
    year, split = LISTS[name]
    image_ids, rows = read_voc_labels(devkit, year, split, difficult)
    pictures = devkit / f'VOC{year}' / 'JPEGImages'
    paths = [f'VOC{year}/JPEGImages/{picture_name(pictures, i)}' for i in image_ids]
    understood = {'files': f"VOC{year}'s class files of {split}"}
    return Reading(Annotations(CLASSES, paths, rows), understood, devkit)
