"""The splits of a data folder by name: ``train``, ``test``, and perhaps ``val``."""

import os
from pathlib import Path

from dbl.datasets.annotation_formats import SUFFIXES, read_annotations
from dbl.datasets.annotations import Annotations

# What sentences call them, in the order of tables.
SPLITS = {'train': 'training', 'test': 'test', 'val': 'validation'}


def split_names(folder: Path) -> list[str]:
    """Names the splits that a folder has or must have. ``val`` is among them if it has one.

    >>> split_names(Path('no such folder'))
    ['train', 'test']
    """
    # A dangling link counts, since reading it says what is wrong.
    has_val = any(os.path.lexists(folder / f'val{suffix}') for suffix in SUFFIXES)
    return [name for name in SPLITS if name != 'val' or has_val]


def read_splits(folder: Path) -> dict[str, Annotations]:
    """Reads the splits of a folder.

    Raises:
        InputError: A split is missing, malformed, or in two files.
    """
    return {name: read_annotations(folder / name) for name in split_names(folder)}
