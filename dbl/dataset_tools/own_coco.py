"""Finds and reads one's own data in COCO's form, whatever its classes are."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import msgspec

from dbl.dataset_tools.coco import CLASSES
from dbl.dataset_tools.effects import check_used
from dbl.dataset_tools.unlabelled import read_each
from dbl.errors import InputError
from dbl.label_files.answers import Answers
from dbl.label_files.coco_form import is_coco_form, read_coco_form
from dbl.label_files.find import NoLabelFilesError
from dbl.label_files.reading import Reading
from dbl.label_files.split_names import WORDS, splits_in

ROBOFLOW = '_annotations.coco.json'


def find_coco_files(
    root: Path, given: Mapping[str, Path | None], divides: bool = False
) -> dict[str, Path]:
    """Finds a file in COCO's form for each split.

    They are in ``annotations/``, in the root, or, as Roboflow has them, in a folder for each split.
    Without a test file, one to validate on is tested on, as with COCO itself.

    Args:
        root: The folder of the data.
        given: Files that are named, by split.
        divides: Whether test images are split off the training images.

    Raises:
        InputError: There is none to train on, or a split has several.
    """
    there = coco_candidates(root)
    found = {name: path for name, path in given.items() if path}
    for name in WORDS:
        left = _left(there, found)
        named = [path for path in left if name in splits_in(_called(path))]
        instances = [path for path in named if 'instances' in path.stem]
        if name not in found and named:
            found[name] = _only(name, instances or named)
    if 'train' not in found:
        found['train'] = _only('train', _left(there, found) or _none(root))
    if 'test' not in found and 'val' in found and not divides:
        found['test'] = found.pop('val')
    return found


def coco_candidates(root: Path) -> list[Path]:
    """The files in a folder that may be in COCO's form."""
    there = [p for folder in ('annotations', '.') for p in sorted((root / folder).glob('*.json'))]
    there += sorted(root.glob(f'*/{ROBOFLOW}'))
    return [path for path in there if not path.stem.startswith('image_info')]  # without labels


def _left(there: Sequence[Path], found: Mapping[str, Path]) -> list[Path]:
    """The files that are not those of a split yet."""
    taken = {path.resolve() for path in found.values()}
    return [path for path in there if path.resolve() not in taken]


def _called(path: Path) -> str:
    """What a file is called, or, of Roboflow's, its folder."""
    return path.parent.name if path.name == ROBOFLOW else path.stem


def _none(root: Path) -> list[Path]:
    raise NoLabelFilesError(
        f"'{root}' has no .json files in COCO's form, nor has its folder annotations; --train-json "
        'and --test-json name them, and `python -m dbl build_dataset download coco` fetches COCO'
    )


def _only(name: str, paths: list[Path]) -> Path:
    """The one file, or the one of several that is in COCO's form."""
    if len(paths) > 1:
        paths = list(filter(is_coco_form, paths)) or _none(paths[0].parent)
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
    return sorted(category.name for category in content.categories) == sorted(CLASSES)


def read_coco_files(
    files: Mapping[str, Path], answers: Answers, passable: Collection[str] = ()
) -> dict[str, Reading]:
    """Reads a file in COCO's form for each split, of which some may lack labels."""
    readings = read_each(files, lambda name, path: read_coco_form(path, answers), passable)
    check_used(readings, answers)
    return readings
