"""The folder of a run: whether it may start there, what it keeps, and who trains in it."""

import json
import math
import os
import re
import shutil
import socket
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import datetime, timezone
from pathlib import Path
from time import monotonic
from typing import Any

from filelock import FileLock, Timeout

from dbl.errors import InputError
from dbl.files import read_object, whole_file

CHECKPOINT = re.compile(r'(epoch|iter)_\d+')
ARTEFACTS = 'metrics.json scores.npz run.json epoch_*.pth iter_*.pth *.pth.part vis_data'.split()


def default_work_dir(config_path: str | Path) -> Path:
    """``work_dirs/<set>/<row>`` of ``configs/<set>/<row>.py``."""
    path = Path(config_path).absolute()
    return Path('work_dirs') / path.parent.name / path.stem


def checkpoints(folder: Path) -> list[Path]:
    """The checkpoints of a run, within epochs and at their ends, the newest last."""
    found = [path for path in folder.glob('*.pth') if CHECKPOINT.fullmatch(path.stem)]
    return sorted(found, key=lambda path: path.stat().st_mtime_ns)


class RunFolder:
    """A run's folder, held by one training for as long as its block lasts.

    A run starts in a folder without one, goes on with the one that is there (``resume``; where it
    has not saved yet it starts), or takes its place (``overwrite``): then what is there is set
    aside, and goes for good with the new run's first checkpoint.

    Args:
        path: The folder; it is made.
        resume: Go on with the run that is there.
        overwrite: Replace the run that is there.
        by_main: Has the main one of several processes call a function, see
            :func:`dbl.training.distributed.by_main`.

    Raises:
        InputError: The folder holds a run and neither is given, or another training holds it.

    >>> import tempfile
    >>> from dbl.training.run_folder import RunFolder
    >>> with tempfile.TemporaryDirectory() as folder, RunFolder(f'{folder}/run') as run:
    ...     run.resumes
    False
    """

    def __init__(
        self,
        path: str | Path,
        resume: bool = False,
        overwrite: bool = False,
        by_main: Callable[[Callable[[], bool]], bool] = lambda function: function(),
    ) -> None:
        self.path = Path(path)
        self._resume, self._overwrite, self._by_main = resume, overwrite, by_main
        self._stack = ExitStack()

    def __enter__(self) -> 'RunFolder':
        self.resumes = self._by_main(self._open)
        return self

    def __exit__(self, *error) -> None:
        self._stack.close()

    @property
    def checkpoints(self) -> list[Path]:
        """The run's checkpoints, the newest last."""
        return checkpoints(self.path)

    @property
    def seed(self) -> int | None:
        """The seed that the run was started with; None where its file does not say."""
        given = read_object(self.path / 'run.json').get('given')
        return given.get('seed') if isinstance(given, dict) else None

    def _open(self) -> bool:
        """Holds the folder, and says whether the run that is there goes on."""
        with ExitStack() as stack:
            made = [path for path in (self.path, *self.path.parents) if not path.exists()]
            self.path.mkdir(parents=True, exist_ok=True)
            stack.callback(_remove_empty, made)
            self._hold(stack)
            resumes = self._decide()
            self._stack = stack.pop_all()
        return resumes

    def _hold(self, stack: ExitStack) -> None:
        """Locks the folder. The lock falls with this process, however that ends; a forked worker
        does not keep it."""
        record, lock = self.path / 'running.json', self.path / 'lock'
        try:
            stack.enter_context(FileLock(lock, blocking=False))
        except Timeout:
            raise InputError(f'{self._held_by(record)}; wait for it, or stop it') from None
        stack.callback(lock.unlink, missing_ok=True)
        here = socket.gethostname()
        if read_object(record).get('host', here) != here:
            raise InputError(
                f'{self._held_by(record)}. Locks of other hosts are not always seen: if it does '
                f"not run any more, delete '{record}'"
            )
        _write_json(record, {'host': here, 'pid': os.getpid(), 'since': _now()})
        stack.callback(record.unlink, missing_ok=True)

    def _held_by(self, record: Path) -> str:
        found = read_object(record)
        host, pid, since = (found.get(key, 'unknown') for key in ('host', 'pid', 'since'))
        return f"a training is in '{self.path}': host {host}, process {pid}, since {since}"

    def _decide(self) -> bool:
        found, finished = self.checkpoints, (self.path / 'metrics.json').exists()
        if self._resume or self._restarted():
            return bool(found)  # if not, it was stopped before it had begun
        if (finished or found) and not self._overwrite:
            state = 'a finished run' if finished else 'an unfinished run'
            state += '' if found else ' without its checkpoint'
            go_on = 'add --resume to go on with it, ' if found else 'add '
            raise InputError(
                f"'{self.path}' holds {state}; {go_on}--overwrite to start anew, or --work-dir "
                'FOLDER to keep both'
            )
        return False

    def _restarted(self) -> bool:
        """Whether torchrun has started this process again, and the run in the folder is its own."""
        again = int(os.environ.get('TORCHELASTIC_RESTART_COUNT', 0)) > 0
        starts = read_object(self.path / 'run.json').get('starts')
        return again and bool(starts) and starts[-1].get('launch') == _launch()

    def begin(self, environment: Mapping[str, Any], **what: Any) -> None:
        """Writes ``run.json``; a run that is replaced is set aside before.

        Args:
            environment: Where the run is started or resumed.
            what: What it is: the config as ``given`` and as ``resolved``, and its ``classes``.
        """
        if not self.resumes:
            self._set_aside()
        before = read_object(self.path / 'run.json')
        start = {'at': _now(), **environment, 'launch': _launch()}
        self._run = {**what, 'starts': [*before.get('starts', []), start]}
        self._since = monotonic() - float(before.get('seconds', 0))
        self.note_time()

    def note_time(self) -> None:
        """Writes the time taken so far; what a stopped run did after it is not counted."""
        seconds = round(monotonic() - self._since, 3)
        _write_json(self.path / 'run.json', {**self._run, 'seconds': seconds})

    def _set_aside(self) -> None:
        """Moves the run that is there to ``replaced`` inside the folder."""
        artefacts = [path for pattern in ARTEFACTS for path in self.path.glob(pattern)]
        replaced = self.path / 'replaced'
        if replaced.exists():
            # The last start never saved: what it left is worth less than the run it was to replace.
            for path in artefacts:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        elif artefacts:
            replaced.mkdir()
            for path in artefacts:
                path.rename(replaced / path.name)

    def drop_older(self, newest: Path) -> None:
        """Deletes the other checkpoints, and torn ones; with the first one trained also the run
        that it replaces."""
        for path in (*self.checkpoints, *self.path.glob('*.pth.part')):
            if path != newest:
                path.unlink()
        if newest.stem != 'iter_0':
            shutil.rmtree(self.path / 'replaced', ignore_errors=True)

    def finish(self, metrics: Mapping[str, float]) -> None:
        """Writes ``metrics.json``, the mark of a finished run."""
        self.note_time()
        write_metrics(self.path / 'metrics.json', metrics)

    def unfinish(self) -> None:
        """Takes the mark away from a run that trains on, for more epochs."""
        (self.path / 'metrics.json').unlink(missing_ok=True)


def write_metrics(path: Path, metrics: Mapping[str, float]) -> None:
    """Writes flat metrics as JSON, all or nothing; a mean over no class is null."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _write_json(path, {k: None if math.isnan(value) else value for k, value in metrics.items()})


def read_metrics(path: Path) -> dict[str, float]:
    """Reads what :func:`write_metrics` wrote."""
    metrics = json.loads(path.read_text(encoding='utf-8'))
    return {key: math.nan if value is None else value for key, value in metrics.items()}


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    with whole_file(path) as part:
        text = json.dumps(content, indent=1, ensure_ascii=False)
        part.write_text(text + '\n', encoding='utf-8')


def _remove_empty(folders: list[Path]) -> None:
    """Leaves no trace of a run that did not begin."""
    for path in folders:
        if path.exists() and not any(path.iterdir()):
            path.rmdir()


def _launch() -> str:
    """Identifies this start of torchrun's, which its restarts share."""
    return f'{os.environ.get("TORCHELASTIC_RUN_ID")} {os.getppid()}'


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec='seconds')
