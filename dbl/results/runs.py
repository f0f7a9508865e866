import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dbl.errors import InputError
from dbl.longtail import head_medium_tail

SEED_FOLDER = re.compile(r'seed_(\d+)')


@dataclass(frozen=True)
class Run:
    """A finished run of ``tools/train.py``, read from its folder.

    Attributes:
        folder: Its work dir, ``.../<row>/seed_<k>`` or ``.../<row>``.
        metrics: As ``metrics.json`` has them, between 0 and 1; NaN for a mean over no class.
        config: All values of its config.
        starts: When and in which environment it was started and resumed.
        seconds: Time it took.
    """

    folder: Path
    metrics: dict[str, float]
    config: dict[str, Any]
    starts: list[dict[str, Any]]
    seconds: float

    @property
    def row(self) -> str:
        named_by_seed = SEED_FOLDER.fullmatch(self.folder.name)
        return (self.folder.parent if named_by_seed else self.folder).name

    @property
    def data_set(self) -> str:
        """Name of the folder that the rows are in."""
        named_by_seed = SEED_FOLDER.fullmatch(self.folder.name)
        return self.folder.absolute().parents[1 if named_by_seed else 0].name

    @property
    def seed(self) -> int:
        return self.config['randomness']['seed']

    @property
    def versions(self) -> list[str]:
        """Versions of dbl that it was started and resumed with."""
        return sorted({start['dbl'] for start in self.starts})

    @property
    def classes(self) -> list[str]:
        return [key.removeprefix('AP/') for key in self.metrics if key.startswith('AP/')]

    @property
    def class_freq(self) -> list[int]:
        return self.config['test_evaluator']['class_freq']

    @property
    def groups(self) -> dict[str, list[int]]:
        """The classes of head, medium and tail."""
        limits = {key: self.config['test_evaluator'].get(key) for key in ('head', 'tail')}
        return head_medium_tail(self.class_freq, **{k: v for k, v in limits.items() if v})

    @property
    def ap(self) -> np.ndarray:
        """Average precision of each class, (C,), NaN for one without test images."""
        return np.array([self.metrics[f'AP/{name}'] for name in self.classes], dtype=float)

    def scores(self) -> dict[str, np.ndarray]:
        """``images`` (N,), ``logits`` and ``targets`` (N, C) of the test set, last epoch.

        Raises:
            InputError: They are not there.
        """
        if not (self.folder / 'scores.npz').is_file():
            raise InputError(
                f"'{self.folder}' has no scores.npz; delete the run and train it again"
            )
        with np.load(self.folder / 'scores.npz') as arrays:
            return dict(arrays)


def read_runs(folders: Sequence[Path]) -> list[Run]:
    """Reads all finished runs in folders and below them, by path; others are passed over."""
    found = {path.parent for folder in folders for path in folder.rglob('metrics.json')}
    runs = map(read_run, sorted(path for path in found if path.name != 'replaced'))
    return [run for run in runs if run is not None]


def read_run(folder: Path) -> Run | None:
    """Reads a run; None if it is not finished: a half-written file counts as none."""
    metrics, run = (_read_json(folder / name) for name in ('metrics.json', 'run.json'))
    if not metrics or not run:
        return None
    metrics = {key: math.nan if value is None else value for key, value in metrics.items()}
    return Run(folder, metrics, run['config'], run['starts'], run['seconds'])


def _read_json(path: Path) -> dict:
    try:
        content = json.loads(path.read_text(encoding='utf-8'))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
