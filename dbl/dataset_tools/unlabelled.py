"""Passes over the files of a split that have no labels, as Kaggle's test.csv."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from dbl.dataset_tools.splits import SPLITS
from dbl.errors import InputError
from dbl.label_files.label_columns import NoLabelsError
from dbl.label_files.reading import Reading
from dbl.label_files.table import Table

Source = TypeVar('Source', bound=Path | Table)


def read_each(
    files: Mapping[str, Source],
    read: Callable[[str, Source], Reading],
    passable: Collection[str] = (),
    passed: Collection[Path] = (),
) -> dict[str, Reading]:
    """Reads the file of each split, and says with the training file which ones it passes over.

    Args:
        files: By split, or tables that are open.
        read: Reads the file of a split.
        passable: Splits whose file may lack labels, since their images are split off.
        passed: Files that are passed over anyhow.

    Raises:
        InputError: A file cannot be read, or has no labels.
    """
    readings, without = {}, [*passed]
    for name, source in files.items():
        path = source.path if isinstance(source, Table) else source
        try:
            readings[name] = read(name, source)
        except NoLabelsError as error:
            if name == 'train':
                raise
            if name not in passable:
                raise _needed(name, path) from error
            without.append(path)
    if without:
        names = ', '.join(f"'{path.name}'" for path in without)
        said = {**readings['train'].understood, 'passed over': f'{names}: without labels'}
        readings['train'] = replace(readings['train'], understood=said)
    return readings


def _needed(name: str, path: Path) -> InputError:
    return InputError(
        f"'{path}' has no labels, which a {SPLITS[name]} set needs; --test-fraction 0.3 passes it "
        'over, and takes test images from the training images; or --test-list FILE, which may be '
        'this one, lists them'
    )
