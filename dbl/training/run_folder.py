"""The folder of a run: whether it may start there, what it keeps, and who trains in it."""

import os
import re
import shutil
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from time import monotonic
from typing import Any

from dbl.errors import InputError
from dbl.files import delete, read_object
from dbl.training.lock import hold, now
from dbl.training.run_files import (
    BEGUN,
    BEST,
    CHECKPOINT,
    DECIDED,
    SCORES,
    TORN,
    checkpoints,
    own_files,
)
from dbl.training.run_numbers import is_number, write_metrics, write_object


class RunFolder:
    """A run's folder, held by one training for as long as its block lasts.

    A folder without a run gets a new one. With ``resume`` the run in the folder goes on, or starts
    if it has not saved yet. With ``overwrite`` a new run replaces it. The old run is set aside, and
    deleted once the new one has saved its first trained checkpoint. Files of other names stay.

    Args:
        path: The folder, which is made if it is missing.
        resume: Go on with the run in the folder.
        overwrite: Replace the run in the folder.
        by_main: Has the main one of several processes call a function; see
            :func:`dbl.training.distributed.by_main`.

    Raises:
        InputError: The folder holds a run and neither option is given, or another training holds
            the folder.

    >>> import tempfile
    >>> from dbl.training.run_folder import RunFolder
    >>> with tempfile.TemporaryDirectory() as folder, RunFolder(f'{folder}/run') as run:
    ...     run.resumes
    False
    """

    resumes = False
    _held = False

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
        self._held = False
        self._stack.close()

    @property
    def checkpoints(self) -> list[Path]:
        """The run's checkpoints, the newest last."""
        return checkpoints(self.path)

    @property
    def finished(self) -> bool:
        """Whether the run has been trained to its end."""
        return (self.path / 'metrics.json').exists()

    @property
    def finished_epoch(self) -> int | None:
        """The epoch after which a finished run ended, or None if it does not say."""
        epoch = read_object(self.path / 'run.json').get('epoch')
        return epoch if self.finished and type(epoch) is int else None

    @property
    def seed(self) -> int | None:
        """The seed that the run was started with, or None if its file does not say."""
        given = read_object(self.path / 'run.json').get('given')
        seed = given.get('seed') if isinstance(given, dict) else None
        return seed if type(seed) is int else None

    @property
    def starts(self) -> list[dict[str, Any]]:
        """When and in which environment the run was started and resumed."""
        starts = read_object(self.path / 'run.json').get('starts')
        return [s for s in starts if isinstance(s, dict)] if isinstance(starts, list) else []

    @property
    def _replaced(self) -> Path:
        return self.path / 'replaced'

    @property
    def _half_replaced(self) -> Path:
        """Where the files of a run are gathered, so that ``replaced`` has all of them or none."""
        return self.path / 'replaced.part'

    def _open(self) -> bool:
        """Holds the folder, and says whether the run in it goes on."""
        with ExitStack() as stack:
            folder = self.path.absolute()
            made = [path for path in (folder, *folder.parents) if not path.exists()]
            folder.mkdir(parents=True, exist_ok=True)
            stack.callback(_remove_empty, made)
            hold(folder, self.path, stack)
            resumes = self._decide()
            self._stack, self._held = stack.pop_all(), True
        return resumes

    def _decide(self) -> bool:
        found = self.checkpoints
        if found and (self._resume or self._restarted()):
            return True
        if not self._overwrite:
            self._check_nothing_is_lost()
        for folder in (self._replaced, self._half_replaced):
            if os.path.lexists(folder) and not _was_set_aside(folder):
                raise InputError(
                    f"'{folder}' holds other files than a run's, but a replaced run is set aside "
                    'there; rename it, or add --work-dir FOLDER'
                )
        return False

    def _check_nothing_is_lost(self) -> None:
        names = [path.name for path in own_files(self.path) if not re.fullmatch(BEGUN, path.name)]
        if names:
            state = 'a finished run' if 'metrics.json' in names else 'an unfinished run'
            state += '' if self.checkpoints else ' without its checkpoint'
            go_on = 'add --resume to go on with it, ' if self.checkpoints else 'add '
            raise InputError(
                f"'{self.path}' holds {state}; {go_on}--overwrite to start anew, or --work-dir "
                'FOLDER to keep both'
            )

    def _restarted(self) -> bool:
        """Whether torchrun has started this process again, and the run in the folder is its own."""
        again = os.environ.get('TORCHELASTIC_RESTART_COUNT', '0') != '0'
        return again and any(start.get('launch') == _launch() for start in self.starts[-1:])

    def begin(self, environment: Mapping[str, Any], **what: Any) -> None:
        """Writes ``run.json``. If a run is replaced, it is set aside first.

        Args:
            environment: Where the run is started or resumed.
            what: What the run is: its config as ``given`` and as ``resolved``, and its ``classes``.

        Raises:
            InputError: The folder is not held.
        """
        if not self._held:
            raise InputError('hold the run folder first: with RunFolder(...) as run')
        if not self.resumes:
            self._set_aside()
        start = {'at': now(), **environment, 'launch': _launch()}
        ended = {} if self.finished_epoch is None else {'epoch': self.finished_epoch}
        self._run = {**what, 'starts': [*self.starts, start], **ended}
        before = read_object(self.path / 'run.json').get('seconds', 0)
        self._since = monotonic() - (max(0, before) if is_number(before) else 0)
        self.note_time()

    def note_time(self) -> None:
        """Writes the time taken so far. If the run stops, its time since then is not counted."""
        seconds = round(monotonic() - self._since, 3)
        write_object(self.path / 'run.json', {**self._run, 'seconds': seconds})

    def _set_aside(self) -> None:
        """Moves the run in the folder to ``replaced`` inside it."""
        files = own_files(self.path)
        if self._replaced.exists():
            # The last start never saved: what it left is worth less than the run it was to replace.
            for path in files:
                delete(path)
        elif files or self._half_replaced.exists():
            self._half_replaced.mkdir(exist_ok=True)
            for path in files:
                path.rename(self._half_replaced / path.name)
            self._half_replaced.rename(self._replaced)

    def drop_older(self, newest: Path, keep: int | None = 1) -> None:
        """Deletes older checkpoints, torn ones, and later ones that were passed over.

        After the first trained checkpoint, the run that this one replaces is deleted, too.

        Args:
            newest: The checkpoint that was just saved.
            keep: Number of checkpoints to keep: the newest, and those at the ends of epochs before
                it. None keeps all of these.
        """
        found = self.checkpoints
        before = reversed(found[: found.index(newest)])
        kept = [newest, *(path for path in before if path.name.startswith('epoch'))][:keep]
        for path in own_files(self.path, rf'{CHECKPOINT}|{TORN}|{BEST}\.part'):
            if path not in kept:
                delete(path)
        if newest.stem != 'iter_0' and _was_set_aside(self._replaced):
            shutil.rmtree(self._replaced, ignore_errors=True)

    def finish(self, metrics: Mapping[str, float], epoch: int) -> None:
        """Writes ``metrics.json``, the mark of a finished run, and how many epochs it took."""
        self._run['epoch'] = epoch
        self.note_time()
        write_metrics(self.path / 'metrics.json', metrics)

    def unfinish(self) -> None:
        """Removes the mark, and what was measured and decided, from a run that trains on."""
        for path in own_files(self.path, rf'metrics\.json|{DECIDED}|{SCORES}'):
            delete(path)


def _was_set_aside(folder: Path) -> bool:
    """Whether a folder holds only a run's own files. Any other folder is a user's."""
    own = folder.is_dir() and not folder.is_symlink()
    return own and len(own_files(folder)) == len(list(folder.iterdir()))


def _remove_empty(folders: list[Path]) -> None:
    """Removes empty folders, so that a run that did not begin leaves no trace."""
    for path in folders:
        if path.exists() and not any(path.iterdir()):
            path.rmdir()


def _launch() -> str:
    """Identifies this launch by torchrun, which its restarts share."""
    return f'{os.environ.get("TORCHELASTIC_RUN_ID")} {os.getppid()}'
