"""Makes training, test, and validation sets of one's own label files, once these are read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dbl.dataset_tools.classes import one_list_of_classes
from dbl.dataset_tools.output import IMAGES
from dbl.dataset_tools.splits import SPLITS
from dbl.dataset_tools.splitting import check_splits, divide, groups_of
from dbl.dataset_tools.subset import take
from dbl.dataset_tools.wishes import Wishes
from dbl.datasets.annotations import Annotations
from dbl.errors import InputError, listed
from dbl.label_files.pictures import find_pictures
from dbl.label_files.reading import Reading


@dataclass(frozen=True)
class Pool:
    """The splits of a data set, and how each was understood.

    Attributes:
        splits: The splits, by name.
        understood: How the files of each were understood.
        is_mlt: Whether it is VOC-MLT or COCO-MLT, and none of one's own data.
        made: What it is, and why, in words, where that may be open.
        warnings: Of what makes results wrong.
    """

    splits: dict[str, Annotations]
    understood: dict[str, dict[str, str]]
    is_mlt: bool = False
    made: str = ''
    warnings: Sequence[str] = ()


def make_splits(root: Path, readings: Mapping[str, Reading], wishes: Wishes) -> Pool:
    """Makes the splits: finds the pictures, and gives all splits one list of classes.

    Raises:
        InputError: Pictures, classes, or splits are not as they should be; it says what helps.
    """
    check_splits(root, readings, wishes)
    readings = _with_test(readings, wishes)
    if wishes.classes is None:
        _check_columns(readings)
    found, understood = _located(root, readings, wishes)
    splits = one_list_of_classes(found, wishes.classes, wishes.merge_case)
    divided, warnings = divide(splits['train'], readings['train'], wishes)
    if wishes.group and wishes.test_fraction is not None:
        count = len({*groups_of(readings['train'], wishes.group)})
        understood['train']['groups'] = f"{count} by '{wishes.group}', each in one split (--group)"
    splits = {name: split for name, split in splits.items() if name != 'train'} | divided
    for name in ('train', 'test'):
        if name not in splits:
            raise InputError(f"'{root}': no image is left for the {SPLITS[name]} set")
    if 'val' in splits:
        splits['val'] = take(splits['val'], range(len(splits['val'])), {'subset': 'all of val'})
    ordered = {name: splits[name] for name in SPLITS if name in splits}
    return Pool(ordered, understood, warnings=warnings)


def _with_test(readings: Mapping[str, Reading], wishes: Wishes) -> Mapping[str, Reading]:
    """Tests on the validation set where there is no test set, nor a way to make one."""
    if 'test' in readings or wishes.divides:
        return readings
    said = {**readings['val'].understood, 'used': 'to test on, since there is no test set'}
    return {'train': readings['train'], 'test': replace(readings['val'], understood=said)}


def _located(
    root: Path, readings: Mapping[str, Reading], wishes: Wishes
) -> tuple[dict[str, Annotations], dict[str, dict[str, str]]]:
    """The labels with the paths of the pictures that are there, and where these were found."""
    found, understood = {}, {}
    for name, reading in readings.items():
        paths = find_pictures(
            root, reading.annotations.image_paths, reading.beside(root), wishes.folders,
            wishes.picture_suffix, name,
        )  # fmt: skip
        understood[name] = {**reading.understood, 'found': paths.said}
        linked = [f'{IMAGES}/{path}' for path in paths.paths]
        built = {**reading.annotations.built, 'from': 'own data'}
        found[name] = replace(reading.annotations, image_paths=linked, built=built)
    return found, understood


def _check_columns(readings: Mapping[str, Reading]) -> None:
    """Raises InputError where a table has no column for a class of the training table."""
    for name, reading in readings.items():
        known = {class_name.casefold() for class_name in reading.annotations.classes}
        absent = [c for c in readings['train'].annotations.classes if c.casefold() not in known]
        if absent and reading.says_absence:
            names = listed(map(repr, absent))
            raise InputError(
                f'the {SPLITS[name]} table has no column for classes of the training table: '
                f'{names}; name the classes to keep with --classes'
            )
