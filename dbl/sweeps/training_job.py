import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from mmengine.config import Config

from dbl.config import load_config, parse_options
from dbl.errors import InputError
from dbl.results.runs import read_run
from dbl.training.run_files import checkpoints

TRAIN = [sys.executable, '-m', 'dbl', 'train']


@dataclass
class TrainingJob:
    """A run of ``python -m dbl train`` in a process of its own, which goes on where it was stopped.

    Calling it trains until the run is finished. Its output is added to ``log.txt`` in the work dir.

    Args:
        config: Path of the config.
        seed: Seed of the run.
        work_dir: Folder of the run.
        options: ``KEY=VALUE`` texts, as for ``--cfg-options``.
        name: Its name in messages to the user.
    """

    config: Path
    seed: int
    work_dir: Path
    options: list[str] = field(default_factory=list)
    name: str = ''
    _process: subprocess.Popen | None = field(default=None, init=False, repr=False, compare=False)
    _asked_to_stop: bool = field(default=False, init=False, repr=False, compare=False)

    @property
    def log(self) -> Path:
        return self.work_dir / 'log.txt'

    @property
    def finished(self) -> bool:
        """Whether there is a sound run. A damaged one is trained again."""
        with suppress(InputError):
            return read_run(self.work_dir) is not None
        return False

    @property
    def command(self) -> list[str]:
        options = ['--cfg-options', *self.options] if self.options else []
        go_on = '--resume' if checkpoints(self.work_dir) else '--overwrite'
        run = ['--seed', str(self.seed), '--work-dir', str(self.work_dir), go_on]
        return [*TRAIN, str(self.config), *run, *options]

    def __call__(self, environment: Mapping[str, str] | None = None) -> None:
        """Trains, with additional environment variables, unless the run is finished.

        Raises:
            RuntimeError: The training failed, for example because another process trains in the
                folder. The message is its error, or the signal that ended it.
        """
        if self.finished or self._asked_to_stop:  # it may have finished since it was checked
            return
        self.work_dir.mkdir(parents=True, exist_ok=True)
        with self.log.open('a', encoding='utf-8') as log:
            begin = log.tell()
            self._process = subprocess.Popen(
                self.command,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                env={**os.environ, **(environment or {})},
                start_new_session=True,  # we pass an interrupt on, so that it saves
            )
            try:
                if not self._asked_to_stop:  # while it was started
                    ended(self._process)
            finally:
                self._terminate()  # on an interrupt
                self._wait()
            status = self._process.wait()
        if status < 0:
            raise RuntimeError(f'ended by {signal.Signals(-status).name}')
        if status:
            raise RuntimeError(self._error(begin) or f'exit status {status}')

    def ask_to_stop(self) -> None:
        """Makes a training save and end, or not begin, without waiting for it."""
        self._asked_to_stop = True  # first: another thread may be starting the process
        self._terminate()

    def stop(self) -> None:
        """Makes a training save and end, or not begin, and waits for it."""
        self.ask_to_stop()
        self._wait()

    def _terminate(self) -> None:
        if self._process is not None and self._process.returncode is None:
            with suppress(ProcessLookupError):  # it has ended meanwhile
                os.kill(self._process.pid, signal.SIGTERM)

    def _wait(self) -> None:
        if self._process is not None and self._process.returncode is None:
            with suppress(ChildProcessError):  # another thread has waited for it
                ended(self._process)

    def checkpoint(self, *args):
        """Queues the rest of the run. Submitit calls it when the cluster wants the machine back."""
        from submitit.helpers import DelayedSubmission

        self.stop()
        return DelayedSubmission(self, *args)

    def __getstate__(self) -> dict:
        return {**vars(self), '_process': None, '_asked_to_stop': False}

    def _error(self, begin: int) -> str:
        """The last error in the log, or the last line. Another training may write there as well."""
        written = self.log.read_bytes()[begin:].decode(errors='replace').split('\n')
        lines = [line for line in written if line.strip()]
        errors = [line for line in lines if line.startswith('error: ')]
        return (errors or lines or [''])[-1]


def ended(process: subprocess.Popen) -> None:
    """Waits until a process has ended.

    Popen's own wait takes a lock. A signal handler that waits as well would hang on it.
    """
    if hasattr(os, 'waitid'):
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    else:  # macOS with an older Python, Windows
        process.wait()


def config_of(job: TrainingJob) -> Config:
    """The config that a job trains, as it is given.

    Raises:
        InputError: See :func:`~dbl.config.load_config`; or the options set a seed.
    """
    options = parse_options(job.options)
    if 'seed' in options:
        raise InputError(f'got seed={options["seed"]}, but --seeds sets it; leave it out')
    return load_config(job.config, options)
