from collections.abc import Sequence
from pathlib import Path

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
    """Reads the class files ``ImageSets/Main/<class>_<split>.txt`` of one year of a VOC devkit.

    A class is present when any object of it is annotated, difficult ones included: values 1 and 0
    count as positive, -1 as negative. With ``difficult=False``, only value 1 is positive.

    ::

        VOCdevkit/VOC2012/
            ImageSets/Main/aeroplane_trainval.txt ...
            JPEGImages/2008_000002.jpg ...

    Returns:
        Image ids in the order of the files, and labels (N, C), multi-hot.

    Raises:
        InputError: A file is missing, has a bad line, or lists other images than the first one.
    """
    columns = [_read_class_file(devkit, year, f'{c}_{split}.txt') for c in classes]
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


def _read_class_file(devkit: Path, year: int, name: str) -> dict[str, int]:
    path = devkit / f'VOC{year}' / 'ImageSets' / 'Main' / name
    if not path.is_file():
        raise InputError(
            f"'{path}' does not exist; --root must be a VOCdevkit folder with VOC2012 "
            '(trainval) and VOC2007 (test) inside'
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
