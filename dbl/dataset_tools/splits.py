"""The splits of a data folder, by name: ``train``, ``test`` and, where there is one, ``val``."""

import os
from pathlib import Path

from dbl.datasets.annotations import SUFFIXES, Annotations, read_annotations

# As sentences call them, in the order of tables.
SPLITS = {'train': 'training', 'test': 'test', 'val': 'validation'}


def split_names(folder: Path) -> list[str]:
    """Names the splits that a folder has or must have: ``val`` is left out where it has none.

    >>> split_names(Path('no such folder'))
    ['train', 'test']
    """
    # A link that leads nowhere is there, too: reading it says what is wrong.
    has_val = any(os.path.lexists(folder / f'val{suffix}') for suffix in SUFFIXES)
    return [name for name in SPLITS if name != 'val' or has_val]


def read_splits(folder: Path) -> dict[str, Annotations]:
    """Reads the splits of a folder.

    Raises:
        InputError: One is missing, is there in two files, or is not of the form.
    """
    return {name: read_annotations(folder / name) for name in split_names(folder)}
