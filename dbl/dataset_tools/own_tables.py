"""Finds and reads the tables of one's own data."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from dbl.dataset_tools.effects import check_used, with_needed
from dbl.dataset_tools.minus_one import check_minus_one
from dbl.dataset_tools.split_lists import is_list
from dbl.dataset_tools.splits import SPLITS
from dbl.dataset_tools.unlabelled import read_each
from dbl.dataset_tools.wishes import Wishes
from dbl.errors import unknown
from dbl.label_files.answers import Answers
from dbl.label_files.columns import NoLabelsError
from dbl.label_files.find import find_label_files, tables_without_labels
from dbl.label_files.nus_wide import is_nus_wide, read_nus_wide
from dbl.label_files.open_table import open_table
from dbl.label_files.reading import Reading, read_table


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
        lists = [path for path in wishes.lists.values() if path]
        found = find_label_files(root, suffix, named, lists)
        passable = {*SPLITS} - {*named} if passes or wishes.divides else ()
        readings = _read_each(found, answers, wishes, passable, tables_without_labels(root))
    check_used(readings, answers)
    check_minus_one(readings)
    return readings


def _read_each(
    files: Mapping[str, Path],
    answers: Answers,
    wishes: Wishes,
    passable: Collection[str],
    passed: Collection[Path],
) -> dict[str, Reading]:
    known: list[str] = []

    def read(name: str, path: Path) -> Reading:
        if name != 'train':
            if is_list(path):
                raise NoLabelsError(f"'{path}' is a list of pictures")
            return read_own_table(path, answers, known_classes=known)
        reading = read_own_table(path, answers, wishes.split_column)
        known.extend(reading.annotations.classes if reading.says_absence else ())
        return reading

    return read_each(files, read, passable, passed)


def read_own_table(
    path: Path,
    answers: Answers,
    split_column: str | None = None,
    known_classes: Sequence[str] = (),
) -> Reading:
    """Reads a table, and notes which of the answers it needs.

    Args:
        path: The table.
        answers: How to read it.
        split_column: A column that holds no class.
        known_classes: Those of the training table, whose columns may be empty.

    Raises:
        InputError: See :func:`~dbl.label_files.reading.read_table`.
    """
    read = partial(read_table, path, known_classes=known_classes)
    if split_column is None:
        return with_needed(read(answers), read, answers)
    _check_column(path, answers, split_column)
    answers = replace(answers, drop_columns=[*answers.drop_columns, split_column])
    reading = with_needed(read(answers), read, answers)
    said = reading.understood['left out'].replace(
        f"'{split_column}': --drop-columns", f"'{split_column}': --split-column"
    )
    return replace(reading, understood={**reading.understood, 'left out': said})


def _check_column(path: Path, answers: Answers, column: str) -> None:
    header = open_table(
        path, answers.encoding, answers.delimiter, answers.header, answers.skip_lines
    ).header
    if column not in header:
        raise unknown('--split-column: column', column, filter(None, header))
