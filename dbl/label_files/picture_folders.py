"""Folders with a label file for each picture, as the tables that they stand for."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath

from dbl.label_files.json_pictures import labelme_records, supervisely_records
from dbl.label_files.records import as_table
from dbl.label_files.split_names import split_called, split_of_folder
from dbl.label_files.table import Record, Table
from dbl.label_files.yolo import yolo_records

FORMS: Sequence[Callable[[Path, Sequence[str]], tuple[list[Record], str]]] = (
    yolo_records,
    labelme_records,
    supervisely_records,
)


def tables_of_pictures(root: Path) -> dict[str, Table]:
    """Makes a table of the label files of each split, where a folder has one for each picture.

    The split is that of the first folder that is called so, as ``train``, or else ``'train'``.

    Args:
        root: The folder of the data.

    Returns:
        The tables, none where the folder is of another form. A split without label files has none.
    """
    files = files_below(root)
    for records_of in FORMS:
        records, form = records_of(root, files)
        if records:
            return _by_split(root, records, form)
    return {}


def files_below(root: Path) -> list[str]:
    """All files in a folder and its folders, relative to it, but for hidden ones."""
    found = []
    for parent, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith('.'))
        below = Path(parent).relative_to(root)
        found += [(below / name).as_posix() for name in sorted(names) if not name.startswith('.')]
    return found


def _by_split(root: Path, records: Sequence[Record], form: str) -> dict[str, Table]:
    found: dict[str, list[Record]] = {}
    for record in records:
        found.setdefault(_split_of(record['image']), []).append(record)
    return {
        name: as_table(root, of_split, form)
        for name, of_split in found.items()
        if any(label is not None for record in of_split for label in [*record.values()][1:])
    }


def _split_of(image: str) -> str:
    folders = PurePosixPath(image).parts[:-1]
    named = [*map(split_called, folders), *map(split_of_folder, folders)]
    return next(filter(None, named), 'train')
