"""Finds the label files in a folder: one for each split, or one to split."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from dbl.errors import InputError, shortened
from dbl.label_files.open_table import SUFFIXES

# How people and tools call the splits.
WORDS = {
    'train': ('train', 'training'),
    'test': ('test', 'testing'),
    'val': ('val', 'valid', 'validation', 'dev'),
}
_PICKLE = (
    'is a pickle, which can run code when it is read; save it as train.csv or train.json where you '
    'trust it'
)
_SHEET = 'is a spreadsheet; save it as train.csv'
OTHER_FORMS = {'.pkl': _PICKLE, '.pickle': _PICKLE, '.xlsx': _SHEET, '.xls': _SHEET, '.ods': _SHEET}
# In a folder of its own: Hugging Face's imagefolder, and Roboflow.
INSIDE = ('metadata.csv', 'metadata.jsonl', '_classes.csv')


def find_label_files(
    root: Path, suffix: str = '', given: Mapping[str, Path | None] | None = None
) -> dict[str, Path]:
    """Finds the table of each split: ``train.csv``, ``valid/_classes.csv``, and the like.

    Args:
        root: The folder of the data.
        suffix: Of the file to take where a split has several; ``''`` means that it must have one.
        given: Files that are named instead, by split.

    Returns:
        The files of ``'train'``, ``'test'`` and ``'val'``, as far as there are any. Where there is
        none but a single table of another name, that is ``'train'``.

    Raises:
        InputError: There is no table, or one in a form that is not read, or a split has several.
    """
    found = {name: path for name, path in (given or {}).items() if path is not None}
    for name in WORDS:
        if name not in found and (path := _of_split(root, name, suffix, {*found.values()})):
            found[name] = path
    if 'train' not in found:
        found['train'] = _only_table(root, {*found.values()})
    return {name: found[name] for name in WORDS if name in found}


def _of_split(root: Path, name: str, suffix: str, taken: set[Path]) -> Path | None:
    of_others = {path.resolve() for path in taken}
    there = [path for path in _candidates(root, name) if path.is_file()]
    there = [path for path in there if path.resolve() not in of_others]
    asked = [path for path in there if path.suffix.lower() == suffix]
    if len(asked or there) > 1:
        first, second = (asked or there)[:2]
        raise InputError(f"both '{first}' and '{second}' are there; --{name} names the one to read")
    return next(iter(asked or there), None)


def _candidates(root: Path, name: str) -> Iterator[Path]:
    there = {path.name.lower(): path for path in root.iterdir()} if root.is_dir() else {}
    for word in WORDS[name]:
        yield from (there[f'{word}{s}'] for s in SUFFIXES if f'{word}{s}' in there)
        yield from (root / word / inside for inside in INSIDE)


def _only_table(root: Path, taken: set[Path]) -> Path:
    if not root.is_dir():
        raise InputError(f"'{root}' is no folder; --root must be the folder of the data")
    files = sorted(path for path in root.iterdir() if path.is_file() and path not in taken)
    left = [path for path in files if path.suffix.lower() in SUFFIXES]
    if len(left) == 1:
        return left[0]
    for path in files if not left else []:
        if helps := OTHER_FORMS.get(path.suffix.lower()):
            raise InputError(f"'{path}' {helps}")
    names = shortened(', '.join(f"'{path.name}'" for path in left), 200) or 'no table'
    raise InputError(
        f"'{root}' has no train.csv, .tsv, .txt, .jsonl, .json or .parquet, but {names}; --train "
        'FILE names the one to read'
    )
