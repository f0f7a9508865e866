"""What a label file, or the label files of a folder, are understood as, in whatever form."""

from pathlib import Path
from typing import NamedTuple

from dbl.dataset_tools.build import makes_coco_mlt, makes_voc_mlt
from dbl.dataset_tools.effects import check_used
from dbl.dataset_tools.other_forms import holds_voc
from dbl.dataset_tools.own_coco import coco_candidates, find_coco_files, read_coco_files
from dbl.dataset_tools.own_tables import read_tables
from dbl.dataset_tools.own_voc import read_voc_files
from dbl.dataset_tools.wishes import Form
from dbl.label_files.answers import Answers
from dbl.label_files.coco_form import is_coco_form, read_coco_form
from dbl.label_files.reading import Reading, read_table
from dbl.label_files.voc_form import is_voc_form, read_voc_form

COCO_MLT = (
    'COCO-MLT, for which objects without area, or with a side below one pixel, do not count either'
)


class Inspected(NamedTuple):
    """Label files that were read to be looked at.

    Attributes:
        form: Theirs, which is the command that builds a set of them.
        readings: By split, or by the name of the single file.
        mlt: What the command makes of them without further options, if it is no set of one's own.
    """

    form: Form
    readings: dict[str, Reading]
    mlt: str = ''


def inspected(path: Path, answers: Answers) -> Inspected:
    """Reads a label file or a folder of them, in the form of COCO or VOC, or else as tables.

    Args:
        path: The file or the folder.
        answers: How tables are to be read.

    Raises:
        InputError: It cannot be read, or an answer has no effect.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / 'labels.csv'
    >>> _ = path.write_text('image,cat\\na.jpg,1\\n')
    >>> inspected(path, Answers()).form, inspected(path.parent, Answers()).form
    ('table', 'table')
    """
    if path.is_dir():
        return _of_folder(path, answers)
    form, reading = _of_file(path, answers)
    readings = {path.name: reading}
    check_used(readings, answers)
    return Inspected(form, readings)


def _of_file(path: Path, answers: Answers) -> tuple[Form, Reading]:
    if path.suffix.lower() == '.json' and is_coco_form(path):
        return 'coco', read_coco_form(path, answers)
    if path.suffix.lower() == '.xml' and is_voc_form(path):
        return 'voc', read_voc_form([(path, f'{path.stem}.jpg')], answers, True, path.parent)
    return 'table', read_table(path, answers)


def _of_folder(root: Path, answers: Answers) -> Inspected:
    if any(map(is_coco_form, coco_candidates(root))):
        files = find_coco_files(root, {})
        passable = {*files} - {'train'}
        readings = read_coco_files(files, answers, passable)
        return Inspected('coco', readings, COCO_MLT if makes_coco_mlt(root) else '')
    if holds_voc(root):
        readings = read_voc_files(root, answers, difficult=True)
        return Inspected('voc', readings, 'VOC-MLT' if makes_voc_mlt(root, readings) else '')
    return Inspected('table', read_tables(root, '', answers, passes=True))
