"""Finds and reads the tables of one's own data."""

from collections.abc import Collection, Mapping
from pathlib import Path

from dbl.dataset_tools.effects import check_used
from dbl.dataset_tools.first_name import check_first_name
from dbl.dataset_tools.minus_one import check_minus_one
from dbl.dataset_tools.other_forms import with_other_command
from dbl.dataset_tools.split_lists import is_list
from dbl.dataset_tools.splits import SPLITS
from dbl.dataset_tools.unlabelled import read_each
from dbl.dataset_tools.wishes import Wishes
from dbl.errors import InputError
from dbl.label_files.answers import Answers
from dbl.label_files.find import (
    NoLabelFilesError,
    find_label_files,
    has_table,
    tables_without_labels,
)
from dbl.label_files.label_columns import NoLabelsError
from dbl.label_files.nus_wide import is_nus_wide, read_nus_wide
from dbl.label_files.picture_folders import tables_of_pictures
from dbl.label_files.reading import Reading, read_table
from dbl.label_files.table import Table

LISTS = '--train FILE names the table, and --test-list FILE such a list of those to test on'


def read_tables(
    root: Path,
    suffix: str = '',
    answers: Answers | None = None,
    files: Mapping[str, Path | None] | None = None,
    wishes: Wishes | None = None,
    passes: bool = False,
) -> dict[str, Reading]:
    """Reads the table of each split: of ``'train'`` and, as far as there are any, the others.

    Args:
        root: Folder of the data.
        suffix: Suffix of the table to take where a split has several.
        answers: How to read them.
        files: Tables of another name, by split.
        wishes: How the images are divided.
        passes: Pass over tables without labels, as where the images are divided.

    Raises:
        InputError: There is no table, or one cannot be read; see
            :func:`~dbl.label_files.reading.read_table`.
    """
    answers, wishes = answers or Answers(), wishes or Wishes()
    named = {name: path for name, path in (files or {}).items() if path}
    if not named and is_nus_wide(root):
        readings = {name.lower(): read_nus_wide(root, name) for name in ('Train', 'Test')}
    else:
        found = _find(root, suffix, named, answers, wishes)
        passable = {*SPLITS} - {*named} if passes or wishes.divides else ()
        readings = _read_each(found, answers, wishes, passable, tables_without_labels(root))
    check_first_name(readings, answers)
    check_used(readings, answers)
    check_minus_one(readings)
    return readings


def _find(
    root: Path, suffix: str, named: Mapping[str, Path], answers: Answers, wishes: Wishes
) -> Mapping[str, Path | Table]:
    """The table of each split, or those that the label files of single pictures stand for."""
    if not named and not has_table(root) and (tables := tables_of_pictures(root)):
        if 'train' not in tables:
            raise InputError(f"'{root}' has label files of {', '.join(tables)}, and none of train")
        return tables
    apart = [path for path in (*wishes.lists.values(), answers.class_names) if path]
    try:
        return find_label_files(root, suffix, named, apart)
    except NoLabelFilesError as error:
        raise with_other_command(root, error) from error


def _read_each(
    files: Mapping[str, Path | Table],
    answers: Answers,
    wishes: Wishes,
    passable: Collection[str],
    passed: Collection[Path],
) -> dict[str, Reading]:
    known: list[str] = []

    def read(name: str, source: Path | Table) -> Reading:
        if isinstance(source, Path) and is_list(source):
            raise NoLabelsError(f"'{source}' is a list of pictures, and no table; {LISTS}")
        if name != 'train':
            return read_table(source, answers, known)
        reading = read_table(source, answers, split_column=wishes.split_column)
        known.extend(reading.annotations.classes if reading.says_absence else ())
        return reading

    return read_each(files, read, passable, passed)
