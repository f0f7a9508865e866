"""Finished runs, read from their folders."""

import math
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from logging import getLogger
from pathlib import Path
from typing import Any

import numpy as np

from dbl.arrays import names_in, read_arrays
from dbl.errors import InputError
from dbl.files import open_text
from dbl.results.paper import MeanAP
from dbl.results.run_file import OldRun, groups_of, read_run_file
from dbl.training.run_numbers import read_log, read_metrics
from dbl.training.variants import by_variant

SET_ASIDE = {'replaced', 'replaced.part'}  # by a training with --overwrite
SEED_FOLDER = re.compile(r'seed_(\d+)')
GROUPS = MeanAP._fields


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
        return groups_of(self.resolved['metric'])

    @property
    def ap(self) -> np.ndarray:
        """Average precision of each class, (C,), or NaN for a class without test images."""
        return np.array([self.metrics[f'AP/{name}'] for name in self.classes], dtype=float)

    def scalars(self) -> list[dict[str, float]]:
        """What it logged, see :func:`~dbl.training.run_numbers.read_log`."""
        return read_log(self.folder / 'vis_data' / 'scalars.json')

    def scores(self, variant: str = '') -> dict[str, np.ndarray]:
        """``images`` (N,), ``logits`` and ``targets`` (N, C).

        Args:
            variant: Whose: ``''`` for the test set and the last epoch, or ``'ema_'``,
                ``'selected_'`` and ``'val_'``, as far as they apply, in that order.

        Raises:
            InputError: They are missing or damaged, or of other classes.
        """
        path = self.folder / f'{variant}scores.npz'
        with open_text(path):
            named = {'classes'} & names_in(path)  # older runs do not name them
            scores = read_arrays(path, ['images', 'logits', 'targets', *named])
        classes = scores.pop('classes', None)
        problem = _problem_of_scores(len(self.classes), **scores)
        if classes is not None and classes.tolist() != self.classes:
            problem = 'its classes are not those of run.json'
        if problem:
            raise InputError(f"'{path}' is damaged: {problem}; delete the run, and train it again")
        return scores


def _problem_of_scores(
    num_classes: int, images: np.ndarray, logits: np.ndarray, targets: np.ndarray
) -> str | None:
    """Says what is wrong with the scores of a test set, if anything."""
    shapes = images.shape, logits.shape, targets.shape
    if images.ndim != 1 or {*shapes[1:]} != {(len(images), num_classes)}:
        return f'images, logits and targets of {num_classes} classes have the shapes {shapes}'
    if images.dtype.kind != 'U':
        return f'images must be text, but are {images.dtype}'
    if logits.dtype.kind != 'f' or not np.isfinite(logits).all():
        return 'logits must be finite numbers'
    if targets.dtype.kind not in 'biuf' or not ((targets == 0) | (targets == 1)).all():
        return 'targets must be 0 or 1'
    return None


def read_runs(folders: Sequence[Path]) -> list[Run]:
    """Reads all finished runs in folders and below them, sorted by path.

    A damaged run is left out, with a warning.

    Raises:
        InputError: A folder does not exist, or holds a run of version 0.1.0.
    """
    for folder in folders:
        if not folder.is_dir():
            raise InputError(f"folder '{folder}' does not exist")
    found = {
        file.parent.resolve(): file.parent for f in folders for file in f.rglob('metrics.json')
    }
    runs = []
    for path in sorted(path for path in found.values() if path.name not in SET_ASIDE):
        try:
            runs.append(read_run(path))
        except OldRun:
            raise
        except InputError as error:
            getLogger('dbl').warning(f'{error}; the run is left out')
    return [run for run in runs if run is not None]


def finished_runs(folders: Sequence[Path]) -> list[Run]:
    """Reads all finished runs in folders and below them, at least one.

    Raises:
        InputError: There is none, or as in :func:`read_runs`.
    """
    runs = read_runs(folders)
    if not runs:
        named = ', '.join(f"'{folder}'" for folder in folders)
        raise InputError(
            f'no finished run in {named}; `python -m dbl train` and `python -m dbl table1 run` '
            'make them'
        )
    return runs


def read_run(folder: Path) -> Run | None:
    """Reads a run, or None if it is not finished.

    Raises:
        InputError: Its files are damaged, or it is of version 0.1.0 (an OldRun).
    """
    if not os.path.lexists(folder / 'metrics.json'):
        return None
    file, metrics = read_run_file(folder), read_metrics(folder / 'metrics.json')
    parts = (file[key] for key in ('given', 'resolved', 'classes', 'starts', 'seconds'))
    run = Run(folder, metrics, *parts)
    if problem := _problem_of_metrics(run):
        raise InputError(f"'{folder / 'metrics.json'}' is damaged: {problem}")
    return run


def _problem_of_metrics(run: Run) -> str | None:
    """Says which mean is missing or does not follow from its classes, if any."""
    needed = [f'AP/{name}' for name in run.classes]
    needed += [f'{own}mAP/{group}' for own in ('', *by_variant(run.metrics)) for group in GROUPS]
    if missing := [key for key in needed if key not in run.metrics]:
        return f'it has no {missing[0]}'
    ap = np.where(run.class_freq, run.ap, math.nan)
    for name, members in {'total': range(len(ap)), **run.groups}.items():
        known = [ap[c] for c in members if not math.isnan(ap[c])]
        implied, mean = np.mean(known) if known else math.nan, run.metrics[f'mAP/{name}']
        if not np.isclose(mean, implied, rtol=0, atol=1e-6, equal_nan=True):
            return f'mAP/{name} is {mean:.6f}, but its classes imply {implied:.6f}'
    return None
