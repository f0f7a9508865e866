"""The folder that features are written to, beside their labels."""

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from dbl.dataset_tools.splits import SPLITS
from dbl.datasets.annotation_formats import read_annotations, write_json
from dbl.datasets.annotations import Annotations
from dbl.errors import InputError

READ = ('.npy', '.npz', '.json', '.jsonl', '.csv')  # by a FeatureMatrix
WRITTEN = ('.npy', '.npz', '.json', '.npy.part', '.npz.part')
FROM = 'features of '  # how the labels of features say what they are of


def write_labels(path: Path, annotations: Annotations, name: str) -> None:
    """Writes the labels of features to a .json, with the name of what the features are of."""
    write_json(path, replace(annotations, built={**annotations.built, 'from': f'{FROM}{name}'}))


def make_room(out: Path) -> None:
    """Makes a folder for features, and deletes those of an earlier time.

    Otherwise an interruption would leave features of two kinds.

    Raises:
        InputError: The folder holds files of one's own.
    """
    check_free(out)
    out.mkdir(parents=True, exist_ok=True)
    for path in files_of(out):
        path.unlink()


def check_free(out: Path) -> None:
    """Refuses a folder with labels or features of somebody's own, which would be lost.

    Raises:
        InputError: A file of a split is there that dbl did not write.
    """
    if out.exists() and not out.is_dir():
        raise InputError(f"--out '{out}' is a file; name a folder")
    own = files_of(out)
    for path in (out / f'{split}{suffix}' for split in SPLITS for suffix in READ):
        if path.exists() and path not in own:
            raise InputError(f"'{path}' is there already; choose another --out")


def files_of(folder: Path) -> list[Path]:
    """The files in a folder that dbl has written: labels that say so, and their features."""
    found = []
    for labels in (folder / f'{split}.json' for split in SPLITS):
        with suppress(InputError):
            if str(read_annotations(labels).built.get('from')).startswith(FROM):
                parts = (labels.with_suffix(suffix) for suffix in WRITTEN)
                found += [path for path in parts if path.exists()]
    return found
