"""Finds the label files in a folder: one for each split, or one to split."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from dbl.errors import InputError, listed
from dbl.label_files.open_table import SUFFIXES
from dbl.label_files.split_names import WORDS, split_called
from dbl.label_files.unread import UNREAD

# In a folder of its own: Hugging Face's imagefolder, and Roboflow.
INSIDE = ('metadata.csv', 'metadata.jsonl', '_classes.csv', '_annotations.csv')
# What files that lie beside tables, and are none, begin with, as Kaggle's forms for answers.
NO_LABELS = (
    'sample_submission',
    'readme',
    'license',
    'classes.txt',
    'dataset_info',
    'requirements',
)
CERTAIN = ('.csv', '.tsv', '.jsonl', '.ndjson', '.xml', '.parquet')  # suffixes of tables


class NoLabelFilesError(InputError):
    """A folder without label files of the form that is asked for."""


def find_label_files(
    root: Path,
    suffix: str = '',
    given: Mapping[str, Path | None] | None = None,
    apart: Iterable[Path] = (),
) -> dict[str, Path]:
    """Finds the table of each split: ``train.csv``, ``valid/_classes.csv``, and the like.

    Args:
        root: The folder of the data.
        suffix: Of the file to take where a split has several; ``''`` means that it must have one.
        given: Files that are named instead, by split.
        apart: Files that are no tables of labels, such as lists of pictures.

    Returns:
        The files of ``'train'``, ``'test'`` and ``'val'``, as far as there are any. Where there is
        none but a single table of another name, that is ``'train'``.

    Raises:
        InputError: There is no table, or one in a form that is not read, or a split has several.
    """
    found = {name: path for name, path in (given or {}).items() if path is not None}
    apart = [*apart, *tables_without_labels(root)]
    for name in WORDS:
        if name not in found and (path := _of_split(root, name, suffix, [*apart, *found.values()])):
            found[name] = path
    if 'train' not in found:
        found['train'] = _only_table(root, [*apart, *found.values()])
    return {name: found[name] for name in WORDS if name in found}


def _of_split(root: Path, name: str, suffix: str, taken: Iterable[Path]) -> Path | None:
    of_others = {path.resolve() for path in taken}
    there = [path for path in _candidates(root, name) if path.resolve() not in of_others]
    asked = [path for path in there if path.suffix.lower() == suffix]
    if len(asked or there) > 1:
        first, second = (asked or there)[:2]
        raise InputError(
            f"both '{first}' and '{second}' are there; --{name} names the one to read, and "
            '`inspect` takes a file, too'
        )
    return next(iter(asked or there), None)


def _candidates(root: Path, name: str) -> Iterator[Path]:
    """The tables of a split: the files of its name, and those in folders of its name."""
    entries = _entries(root)
    files = [path for path in entries if split_called(path.stem) == name and path.is_file()]
    for suffix in SUFFIXES:
        yield from (path for path in files if path.suffix.lower() == suffix)
    for folder in entries:
        if split_called(folder.name) == name:
            yield from (folder / inside for inside in INSIDE if (folder / inside).is_file())


def _entries(folder: Path) -> list[Path]:
    """What is in a folder, but for hidden files, such as macOS puts beside others."""
    entries = sorted(folder.iterdir()) if folder.is_dir() else []
    return [path for path in entries if not path.name.startswith(('.', '~'))]


def tables_without_labels(root: Path) -> list[Path]:
    """The files in a folder that are no tables of labels, as Kaggle's sample_submission.csv."""
    files = (path for path in _entries(root) if path.suffix.lower() in SUFFIXES)
    return [path for path in files if path.name.lower().startswith(NO_LABELS)]


def has_table(root: Path) -> bool:
    """Whether a folder has a file that may be a table of its labels, and hardly anything else.

    >>> has_table(Path('no such folder'))
    False
    """
    others = tables_without_labels(root)
    names = [path.name.lower() for path in _entries(root) if path not in others]
    return any(name.endswith(CERTAIN) for name in names) or any(
        path.suffix != '.txt' for split in WORDS for path in _candidates(root, split)
    )


def _only_table(root: Path, taken: Iterable[Path]) -> Path:
    if not root.is_dir():
        raise InputError(f"'{root}' is no folder; --root must be the folder of the data")
    of_others = {path.resolve() for path in taken}
    files = [path for path in _entries(root) if path.is_file()]
    files = [path for path in files if path.resolve() not in of_others]
    left = [path for path in files if path.suffix.lower() in SUFFIXES]
    if len(left) == 1:
        return left[0]
    if left:
        names = listed(f"'{path.name}'" for path in left)
        raise InputError(
            f"'{root}' has no train.csv, .tsv, .txt, .jsonl, .json or .parquet, but {names}; "
            '--train FILE names the one to read, and `inspect` takes a file, too'
        )
    for path in files:
        if helps := UNREAD.get(path.suffix.lower()):
            raise InputError(f"'{path}' {helps}")
    raise NoLabelFilesError(f"'{root}' has no table of labels, such as train.csv or labels.json")
