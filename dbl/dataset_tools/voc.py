"""Reads the labels of PASCAL VOC as distributed."""

import os
from pathlib import Path

from dbl.datasets.names import SHOWN, check_names, problem_of_path
from dbl.errors import InputError, shortened
from dbl.files import read_lines
from dbl.label_files.voc_form import read_objects
from dbl.label_files.words import PICTURES

CLASSES = (
    'aeroplane bicycle bird boat bottle bus car cat chair cow diningtable dog horse motorbike '
    'person pottedplant sheep sofa train tvmonitor'
).split()


def read_voc_labels(
    devkit: Path, year: int, split: str, difficult: bool = True
) -> tuple[list[str], list[list[int]]]:
    """Reads the labels of one year's split of a VOC devkit.

    They come from the class files ``ImageSets/Main/<class>_<split>.txt``, whose values are 1 for
    present, 0 for only difficult objects, and -1 for absent. Without class files, they come from
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
        difficult: Whether difficult objects make a class present.

    Returns:
        Image ids in the order of the files, and the indices into ``CLASSES`` of what each shows.

    Raises:
        InputError: A file is missing or malformed, or lists other images than the first one.
    """
    folder = devkit / f'VOC{year}'
    main = folder / 'ImageSets' / 'Main'
    listing = main / f'{split}.txt'
    paths = [main / f'{name}_{split}.txt' for name in CLASSES]
    if listing.is_file() and not any(path.is_file() for path in paths):
        image_ids = listed_images(listing)
        return image_ids, [_read_xml(folder, image_id, difficult) for image_id in image_ids]
    columns = list(map(_read_class_file, paths))
    image_ids = list(columns[0])
    for path, column in zip(paths, columns, strict=True):
        if not column or list(column) != image_ids:
            raise InputError(
                f"VOC{year}'s {path.name} lists no images, or others than {paths[0].name}; unpack "
                'the devkit again'
            )
    check_names(f"'{paths[0]}'", 'image', image_ids, problem_of_path)
    # Released code: difficult objects count. Paper: not mentioned.
    least = 0 if difficult else 1
    rows = zip(*(column.values() for column in columns), strict=True)
    return image_ids, [[c for c, value in enumerate(row) if value >= least] for row in rows]


# Of VOC-MLT: the split of each year.
LISTS = {'train': (2012, 'trainval'), 'test': (2007, 'test')}


def has_class_files(devkit: Path) -> bool:
    """Whether a folder is a devkit with files for the classes, which are VOC's."""
    folders = {devkit / f'VOC{year}': split for year, split in LISTS.values()}
    return any(list((f / 'ImageSets/Main').glob(f'*_{split}.txt')) for f, split in folders.items())


def has_lists(devkit: Path) -> bool:
    """Whether a folder is a devkit with the lists of the pictures of both years."""
    paths = [devkit / f'VOC{year}/ImageSets/Main/{split}.txt' for year, split in LISTS.values()]
    return all(path.is_file() for path in paths)


def _read_class_file(path: Path) -> dict[str, int]:
    if not path.is_file():
        raise InputError(
            f"'{path}' does not exist; --root must be a VOCdevkit folder with VOC2012 (trainval) "
            'and VOC2007 (test) inside, as `python -m dbl build_dataset download voc` makes it; '
            'where all class files are missing, the XML files in Annotations/ are read'
        )
    column = {}
    for number, line in enumerate(read_lines(path), start=1):
        cells = line.split()
        if not cells:
            continue
        if len(cells) != 2 or cells[1] not in ('-1', '0', '1') or cells[0] in column:
            raise InputError(
                f'{path}, line {number}: expected a new image id and -1, 0 or 1, but got '
                f"'{shortened(line)}'"
            )
        column[cells[0]] = int(cells[1])
    return column


def _read_xml(folder: Path, image_id: str, difficult: bool) -> list[int]:
    """Gives the classes of an image's objects, ascending."""
    path = folder / 'Annotations' / f'{image_id}.xml'
    if not os.path.isfile(path):
        raise InputError(
            f"'{path}' does not exist, nor do the class files in ImageSets/Main; unpack the devkit "
            'again'
        )
    shown = set()
    for name, is_difficult in read_objects(path):
        if name not in CLASSES:
            raise InputError(
                f"{path}: an object is of class '{shortened(name, SHOWN)}', which VOC does not have"
            )
        if difficult or not is_difficult:
            shown.add(CLASSES.index(name))
    return sorted(shown)


def listed_images(listing: Path) -> list[str]:
    """Reads the image ids in a list of ``ImageSets/Main``, whose lines may end in a suffix.

    Raises:
        InputError: The file is missing, or an id is no name or comes twice.
    """
    lines = [line.strip() for line in read_lines(listing) if line.strip()]
    image_ids = [Path(line).stem if line.lower().endswith(PICTURES) else line for line in lines]
    check_names(f"'{listing}'", 'image', image_ids, problem_of_path)
    return image_ids


def picture_name(folder: Path, image_id: str) -> str:
    """Names the picture of an image: a .jpg, unless one of another suffix is there instead.

    >>> picture_name(Path('no such folder'), '2007_000027')
    '2007_000027.jpg'
    """
    usual = f'{image_id}.jpg'
    if (folder / usual).is_file() or not folder.is_dir():
        return usual
    names = (f'{image_id}{ending}' for s in PICTURES for ending in (s, s.upper()))
    return next((name for name in names if (folder / name).is_file()), usual)
