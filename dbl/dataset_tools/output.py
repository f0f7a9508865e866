"""The output folder of a data set."""

import os
from collections.abc import Mapping
from pathlib import Path

from dbl.dataset_tools.splits import SPLITS
from dbl.datasets.annotation_formats import read_annotations, write_json
from dbl.datasets.annotations import Annotations
from dbl.errors import InputError

IMAGES = 'images'


def missing_images(folder: Path, *splits: Annotations) -> list[Path]:
    """Lists the missing images of some splits, since labels are enough to build a set.

    >>> missing_images(Path('data'), Annotations(['cat'], ['no.jpg'], [[0]]))
    [PosixPath('data/no.jpg')]
    """
    paths = (folder / path for split in splits for path in split.image_paths)
    return [path for path in paths if not os.path.isfile(path)]


def check_output(out: Path) -> None:
    """Raises InputError if annotations not made here would be hidden or replaced."""
    for split in SPLITS:
        tables = [out / f'{split}{suffix}' for suffix in ('.csv', '.jsonl')]
        made = out / f'{split}.json'
        if any(map(os.path.lexists, tables)) or (os.path.lexists(made) and not _is_ours(made)):
            raise InputError(f"'{out}' holds {split} annotations of yours; choose another --out")


def write_splits(out: Path, splits: Mapping[str, Annotations]) -> Path | None:
    """Writes a .json for each split into a folder that :func:`check_output` found free.

    Returns:
        The val.json of an earlier build, if one was removed. It does not belong to these splits.
    """
    val = out / 'val.json'
    stale = val.exists() and 'val' not in splits
    # First, so that it never lies beside a new training set with pictures that it lists.
    val.unlink(missing_ok=True)
    for name, split in splits.items():
        write_json(out / f'{name}.json', split)
    return val if stale else None


def _is_ours(path: Path) -> bool:
    try:
        return 'from' in read_annotations(path).built
    except (InputError, TypeError):
        return False


def link_images(root: Path, out: Path) -> None:
    """Links ``out/images`` to ``root``, so that paths never leave the folder of the annotations.

    Raises:
        InputError: Something else is there already.
    """
    link = out / IMAGES
    ours = link.is_symlink() and ((out / 'train.json').exists() or link.resolve() == root.resolve())
    if ours:
        link.unlink()
    elif link.is_symlink() or link.exists():
        raise InputError(f"'{link}' is in the way of a link to '{root}'; choose another --out")
    link.symlink_to(os.path.relpath(root.resolve(), out.resolve()), target_is_directory=True)
