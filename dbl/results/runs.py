"""Finished runs, read from their folders."""

import math
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dbl.errors import InputError
from dbl.files import read_object
from dbl.longtail import head_medium_tail

SEED_FOLDER = re.compile(r'seed_(\d+)')


@dataclass(frozen=True)
class Run:
    """A finished run of ``python -m dbl train``, read from its folder.

    Attributes:
        folder: Its work dir, ``.../<row>/seed_<k>`` or ``.../<row>``.
        metrics: As ``metrics.json`` has them, between 0 and 1; NaN for a mean over no class.
        given: Its config, as it was given.
        resolved: The same config, with what followed from the data and the machine.
        classes: Names of the classes, in the order of the scores.
        starts: When and in which environment it was started and resumed.
        seconds: Time it took.
    """

    folder: Path
    metrics: dict[str, float]
    given: dict[str, Any]
    resolved: dict[str, Any]
    classes: list[str]
    starts: list[dict[str, Any]]
    seconds: float

    @property
    def row(self) -> str:
        return self._row_folder.name

    @property
    def data_set(self) -> str:
        """Name of the folder that the rows are in."""
        return self._row_folder.parent.name

    @property
    def _row_folder(self) -> Path:
        folder = self.folder.absolute()
        return folder.parent if SEED_FOLDER.fullmatch(folder.name) else folder

    @property
    def seed(self) -> int:
        return self.resolved['seed']

    @property
    def versions(self) -> list[str]:
        """Versions of dbl that it was started and resumed with."""
        return sorted({start['dbl'] for start in self.starts})

    @property
    def class_freq(self) -> list[int]:
        return self.resolved['metric']['class_freq']

    @property
    def num_images(self) -> int:
        return self.resolved['metric']['num_images']

    @property
    def groups(self) -> dict[str, list[int]]:
        """The classes of head, medium and tail."""
        limits = {key: self.resolved['metric'].get(key) for key in ('head', 'tail')}
        return head_medium_tail(self.class_freq, **{k: v for k, v in limits.items() if v})

    @property
    def ap(self) -> np.ndarray:
        """Average precision of each class, (C,), NaN for one without test images."""
        return np.array([self.metrics[f'AP/{name}'] for name in self.classes], dtype=float)

    def scores(self) -> dict[str, np.ndarray]:
        """``images`` (N,), ``logits`` and ``targets`` (N, C) of the test set, last epoch.

        Raises:
            InputError: They are not there, or damaged.
        """
        try:
            with np.load(self.folder / 'scores.npz') as arrays:
                scores = {name: arrays[name] for name in ('images', 'logits', 'targets')}
            shapes = {scores['logits'].shape, scores['targets'].shape}
            if shapes == {(len(scores['images']), len(self.classes))}:
                return scores
        except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile):
            pass
        raise InputError(
            f"'{self.folder / 'scores.npz'}' is missing or damaged; delete the run, train it again"
        )


def read_runs(folders: Sequence[Path]) -> list[Run]:
    """Reads all finished runs in folders and below them, by path.

    Raises:
        InputError: A folder does not exist, or holds a run of version 0.1.0.
    """
    for folder in folders:
        if not folder.is_dir():
            raise InputError(f"folder '{folder}' does not exist")
    found = {
        file.parent.resolve(): file.parent for f in folders for file in f.rglob('metrics.json')
    }
    runs = map(read_run, sorted(path for path in found.values() if path.name != 'replaced'))
    return [run for run in runs if run is not None]


def read_run(folder: Path) -> Run | None:
    """Reads a run, or None if it is not finished: damaged files count as none.

    Raises:
        InputError: The run is of version 0.1.0.
    """
    run, metrics = read_run_file(folder), read_object(folder / 'metrics.json')
    metrics = {key: math.nan if value is None else value for key, value in metrics.items()}
    try:
        configs = run['given'], run['resolved']
        found = Run(folder, metrics, *configs, run['classes'], run['starts'], float(run['seconds']))
        # What the tables and figures take from it.
        same = len(found.ap) == len(found.class_freq) == sum(map(len, found.groups.values()))
        numbers = [metrics[f'mAP/{group}'] + 0.0 for group in ('total', *found.groups)]
        kinds = isinstance(found.given, dict), isinstance(found.seed, int), found.num_images > 0
        whole = same and bool(numbers and found.versions) and all(kinds)
    except (AttributeError, KeyError, TypeError, ValueError):
        return None
    return found if whole else None


def read_run_file(folder: Path) -> dict[str, Any]:
    """Reads what ``run.json`` says of a run, begun or finished, or nothing where there is none.

    Raises:
        InputError: The run is of version 0.1.0.
    """
    run = read_object(folder / 'run.json')
    if 'config' in run:
        raise InputError(
            f"'{folder}' holds a run of dbl 0.1.0, whose config has other keys; show it with dbl "
            '0.1.0, or delete the folder and train it again'
        )
    return run
