"""Which command reads a folder that another one finds nothing in."""

from collections.abc import Iterator
from pathlib import Path

from dbl.dataset_tools.own_coco import coco_candidates
from dbl.dataset_tools.voc import has_class_files
from dbl.dataset_tools.voc_folders import find_voc_files
from dbl.dataset_tools.wishes import Form
from dbl.errors import InputError
from dbl.label_files.coco_form import is_coco_form
from dbl.label_files.find import has_table
from dbl.label_files.open_table import SUFFIXES
from dbl.label_files.picture_folders import files_below, tables_of_pictures
from dbl.label_files.voc_form import is_voc_form

LISTED = 'write them as one list: [{"image": "a.jpg", "labels": ["cat"]}]'


def forms_of(root: Path) -> Iterator[Form]:
    """The commands that find something in a folder.

    >>> list(forms_of(Path('no such folder')))
    []
    """
    if any(map(is_coco_form, coco_candidates(root))):
        yield 'coco'
    if holds_voc(root):
        yield 'voc'
    if has_table(root) or tables_of_pictures(root):
        yield 'table'


def holds_voc(root: Path) -> bool:
    """Whether a folder has files in VOC's form, or the class files of its devkit."""
    files = (path for files in find_voc_files(root).values() for path, _ in files)
    return has_class_files(root) or is_voc_form(next(files, root))


def with_other_command(root: Path, error: InputError) -> InputError:
    """Adds to the message that nothing is found in a folder what there is, and what reads it."""
    form = next(forms_of(root), None)
    if form:
        return InputError(f'{error}; `build_dataset {form}` reads what is there')
    suffixes = tuple(suffix for suffix in SUFFIXES if suffix != '.txt')
    below = [file for file in files_below(root) if file.lower().endswith(suffixes)]
    many = [file for file in below if file.endswith('.json')]
    if len(many) > 2:
        return InputError(f"{error}; there are {len(many)} .json files, as '{many[0]}': {LISTED}")
    if below:
        named = '`table --train FILE`, or `coco --train-json FILE`, may name'
        return InputError(f"{error}; there is '{below[0]}', which {named}")
    return InputError(f'{error}; --root must be the folder of the label files')
