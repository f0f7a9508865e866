"""XML files in VOC's form, one for each picture, with anybody's classes."""

import os
import re
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

from dbl.datasets.annotations import Annotations
from dbl.errors import InputError
from dbl.label_files.answers import Answers
from dbl.label_files.class_names import in_one_case
from dbl.label_files.faults import Faults
from dbl.label_files.reading import Reading
from dbl.label_files.words import PICTURES, meaning, one_spelling
from dbl.limits import check_most

DECLARED = re.compile(rb'^\s*<\?xml[^>]*?encoding=["\']([\w.-]+)["\'][^>]*\?>')

OUTERMOST = re.compile(rb'<annotation[\s>]')


def read_voc_form(
    files: Sequence[tuple[Path, str]], answers: Answers, difficult: bool, root: Path
) -> Reading:
    """Reads XML files: a picture shows the classes of all objects in its file, as named there.

    Args:
        files: An XML file, and the path of its picture, relative to the root, for each picture.
        answers: Whether names that differ by case are one class.
        difficult: Whether difficult objects make a class present.
        root: The folder of the data.

    Raises:
        InputError: A file is missing, or is no XML of that form; all such files are told. Or no
            object counts.
    """
    objects = _objects(files, root)
    shown = [{name for name, hard in found if difficult or not hard} for found in objects]
    classes = sorted(set[str]().union(*shown))
    index = {name: c for c, name in enumerate(classes)}
    rows = [sorted(index[name] for name in names) for names in shown]
    read = Annotations(classes, [picture for _, picture in files], rows)
    joined = in_one_case(f"'{root}' has", read, answers.merge_case)
    has = {
        'merge_case': len(joined.classes) < len(classes),
        'difficult': any(hard for found in objects for _, hard in found),
    }
    used = frozenset(name for name, is_used in has.items() if is_used)
    return Reading(joined, _understood(objects, difficult, root), root, used=used)


Objects = list[tuple[str, bool]]


def _objects(files: Sequence[tuple[Path, str]], root: Path) -> list[Objects]:
    faults, objects = Faults(root), []
    for path, _ in files:
        try:
            objects.append(read_objects(path))
        except InputError as error:
            faults.add('unreadable XML', str(error))
    faults.raise_if_any()
    return objects


def _understood(objects: Sequence[Objects], difficult: bool, root: Path) -> dict[str, str]:
    count = sum(map(len, objects))
    left = 0 if difficult else sum(hard for found in objects for _, hard in found)
    if count and left == count:
        raise InputError(
            f"'{root}': none of the {count} objects counts; without --without-difficult they do"
        )
    return {
        'files': f'{len(objects)} XML files in the form of VOC',
        'objects': f'{count}, of which {left} difficult ones do not count (--without-difficult)',
    }


def read_objects(path: Path) -> Objects:
    """Reads the class of each object in an XML file, and whether the object is difficult.

    Raises:
        InputError: The file is missing, too large, or no XML of that form.
    """
    if not os.path.isfile(path):
        raise InputError(f"'{path}' does not exist")
    check_most('DBL_MAX_XML', path.stat().st_size, f"the bytes of '{path}'")
    try:
        root = ElementTree.fromstring(_in_unicode(path.read_bytes()))
    except (ElementTree.ParseError, LookupError, ValueError) as error:
        raise InputError(f"'{path}' is not an XML annotation of VOC: {error}") from error
    if root.tag == 'annotations' and root.find('image') is not None:
        raise InputError(f"'{path}' is CVAT's export; read it with `build_dataset table`")
    found = []
    for number, node in enumerate(root.iter('object'), start=1):
        name = one_spelling(node.findtext('name', ''))
        if not name:
            raise InputError(f"'{path}': object {number} has no name")
        if meaning(node.findtext('deleted', '')) == 'shown':  # by LabelMe
            continue
        found.append((name, meaning(node.findtext('difficult', '')) == 'shown'))
    return found


def is_voc_form(path: Path) -> bool:
    """Whether a file is XML whose outermost element is ``annotation``, as in VOC's form.

    >>> is_voc_form(Path('no such file.xml'))
    False
    """
    try:
        with path.open('rb') as file:
            return OUTERMOST.search(file.read(1000)) is not None
    except OSError:
        return False


def _in_unicode(content: bytes) -> bytes | str:
    """Decodes what the XML parser cannot: it knows no encodings of several bytes but UTF-8."""
    declared = DECLARED.match(content)
    if declared is None or declared[1].lower().startswith((b'utf', b'iso', b'us-ascii')):
        return content
    return content[declared.end() :].decode(declared[1].decode())


def xml_files(folder: Path) -> list[Path]:
    """Lists the XML files in a folder.

    >>> xml_files(Path('no such folder'))
    []
    """
    entries = sorted(folder.iterdir()) if folder.is_dir() else []
    return [path for path in entries if path.suffix.lower() == '.xml' and path.name[0] != '.']


def xml_beside_pictures(folder: Path) -> list[tuple[Path, str]]:
    """Lists the XML files in a folder, each with its picture, relative to the folder's parent.

    A picture that is not there keeps the name of its file, with .jpg.
    """
    by_stem = {p.stem: p.name for p in folder.iterdir() if p.name.lower().endswith(PICTURES)}
    return [(f, f'{folder.name}/{by_stem.get(f.stem, f"{f.stem}.jpg")}') for f in xml_files(folder)]
