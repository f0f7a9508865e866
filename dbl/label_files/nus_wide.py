"""NUS-WIDE as it is distributed: a list of pictures, and a file of 0 and 1 for each class."""

from pathlib import Path

from dbl.datasets.annotations import Annotations
from dbl.errors import InputError, shortened
from dbl.files import read_lines
from dbl.label_files.labelled import picture_path
from dbl.label_files.reading import Reading

LIST = 'ImageList/{}Imagelist.txt'
LABELS = 'TrainTestLabels/Labels_*_{}.txt'


def is_nus_wide(root: Path) -> bool:
    """Whether a folder holds NUS-WIDE's lists."""
    return (root / LIST.format('Train')).is_file()


def read_nus_wide(root: Path, split: str) -> Reading:
    """Reads ``'Train'`` or ``'Test'``.

    Raises:
        InputError: A file is missing, has another number of lines than there are pictures, or
            other words than 0 and 1.
    """
    images = [picture_path(line) for line in read_lines(root / LIST.format(split)) if line.strip()]
    files = sorted(root.glob(LABELS.format(split)))
    if not files:
        raise InputError(
            f"'{root / LABELS.format(split)}': there is no such file; NUS-WIDE has one for each "
            'class, beside its ImageList/'
        )
    classes = [path.stem.removeprefix('Labels_').removesuffix(f'_{split}') for path in files]
    columns = [_shown(path, len(images)) for path in files]
    rows = [[c for c, column in enumerate(columns) if column[i]] for i in range(len(images))]
    understood = {
        'files': f"NUS-WIDE's list of {split} pictures, and {len(files)} files of labels",
    }
    return Reading(Annotations(classes, images, rows), understood, root, says_absence=True)


def _shown(path: Path, count: int) -> list[bool]:
    """Whether each picture shows the class of a file."""
    cells = [line.strip() for line in read_lines(path) if line.strip()]
    if len(cells) != count:
        raise InputError(f"'{path}' has {len(cells)} lines for {count} pictures")
    if odd := {*cells} - {'0', '1'}:
        raise InputError(f"'{path}': expected 0 or 1, but got '{shortened(min(odd))}'")
    return [cell == '1' for cell in cells]
