from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
from scipy.sparse import csr_array

from dbl.errors import InputError

CLASSES = (
    'aeroplane bicycle bird boat bottle bus car cat chair cow diningtable dog horse motorbike '
    'person pottedplant sheep sofa train tvmonitor'
).split()


def read_voc_labels(
    devkit: Path,
    year: int,
    split: str,
    classes: Sequence[str] = CLASSES,
    difficult: bool = True,
) -> tuple[list[str], csr_array]:
    """Reads the labels of one year's split of a VOC devkit.

    They come from the class files ``ImageSets/Main/<class>_<split>.txt``, whose values are 1 for
    present, 0 for difficult objects alone and -1 for absent; where there are no class files, from
    the objects in ``Annotations/<image>.xml`` of the images that ``<split>.txt`` lists.

    ::

        VOCdevkit/VOC2012/
            ImageSets/Main/aeroplane_trainval.txt ...  trainval.txt
            Annotations/2008_000002.xml ...
            JPEGImages/2008_000002.jpg ...

    Args:
        devkit: The folder ``VOCdevkit``.
        year: 2007 or 2012.
        split: ``'trainval'`` or ``'test'``.
        classes: Names of the classes, in their order.
        difficult: Difficult objects make a class present.

    Returns:
        Image ids in the order of the files, and labels (N, C), multi-hot.

    Raises:
        InputError: A file is missing or not of the form, or lists other images than the first one.
    """
    folder = devkit / f'VOC{year}'
    main = folder / 'ImageSets' / 'Main'
    listing = main / f'{split}.txt'
    has_class_files = any((main / f'{c}_{split}.txt').is_file() for c in classes)
    if listing.is_file() and not has_class_files:
        return _read_xml(folder, listing, classes, difficult)
    columns = [_read_class_file(main / f'{c}_{split}.txt') for c in classes]
    image_ids = list(columns[0])
    for name, column in zip(classes, columns, strict=True):
        if list(column) != image_ids:
            raise InputError(
                f"VOC{year}'s {name}_{split}.txt lists other images than {classes[0]}_{split}.txt; "
                'unpack the devkit again'
            )
    values = np.array([list(column.values()) for column in columns]).T
    # Released code: difficult objects count. Paper: not mentioned.
    return image_ids, csr_array(values >= 0 if difficult else values > 0, dtype=np.uint8)


def _read_class_file(path: Path) -> dict[str, int]:
    if not path.is_file():
        raise InputError(
            f"'{path}' does not exist; --root must be a VOCdevkit folder with VOC2012 (trainval) "
            'and VOC2007 (test) inside, as `python tools/build_dataset.py download voc` makes it'
        )
    column = {}
    for number, line in enumerate(path.read_text(encoding='utf-8').splitlines(), start=1):
        cells = line.split()
        if len(cells) != 2 or cells[1] not in ('-1', '0', '1') or cells[0] in column:
            raise InputError(
                f"{path}, line {number}: expected a new image id and -1, 0 or 1, but got '{line}'"
            )
        column[cells[0]] = int(cells[1])
    return column


def _read_xml(
    folder: Path, listing: Path, classes: Sequence[str], difficult: bool
) -> tuple[list[str], csr_array]:
    image_ids = listing.read_text(encoding='utf-8').split()
    labels = np.zeros((len(image_ids), len(classes)), dtype=np.uint8)
    for row, image_id in enumerate(image_ids):
        path = folder / 'Annotations' / f'{image_id}.xml'
        for name, is_difficult in _objects(path):
            if name not in classes:
                raise InputError(f"{path}: an object is of class '{name}', which VOC does not have")
            if difficult or not is_difficult:
                labels[row, classes.index(name)] = 1
    return image_ids, csr_array(labels)


def _objects(path: Path) -> list[tuple[str | None, bool]]:
    """Name and difficulty of each object of an XML annotation."""
    if not path.is_file():
        raise InputError(
            f"'{path}' does not exist, nor do the class files in ImageSets/Main; unpack the devkit "
            'again'
        )
    try:
        root = ElementTree.parse(path).getroot()
    except ElementTree.ParseError as error:
        raise InputError(f"'{path}' is not an XML annotation of VOC: {error}") from error
    return [(o.findtext('name'), o.findtext('difficult') == '1') for o in root.iter('object')]
