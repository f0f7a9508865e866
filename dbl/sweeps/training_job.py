import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from mmengine.config import Config

from dbl.engine import config_parser, load_config
from dbl.results.runs import read_run

TRAIN = Path(__file__).parents[2] / 'tools' / 'train.py'


@dataclass
class TrainingJob:
    """A run of ``tools/train.py`` in a process of its own, which goes on where it was stopped.

    Calling it trains until the run is finished; its output is added to ``log.txt`` in the work dir.

    Args:
        config: Path of the config.
        seed: Of the run.
        work_dir: Of the run.
        options: ``KEY=VALUE`` texts, as for ``--cfg-options``.
        name: What the user calls it.
    """

    config: Path
    seed: int
    work_dir: Path
    options: list[str] = field(default_factory=list)
    name: str = ''

    @property
    def log(self) -> Path:
        return self.work_dir / 'log.txt'

    @property
    def finished(self) -> bool:
        return read_run(self.work_dir) is not None

    @property
    def command(self) -> list[str]:
        options = ['--cfg-options', *self.options] if self.options else []
        run = ['--seed', str(self.seed), '--work-dir', str(self.work_dir), '--resume']
        return [sys.executable, str(TRAIN), str(self.config), *run, *options]

    def __call__(self, environment: Mapping[str, str] | None = None) -> None:
        """Trains, with more environment variables.

        Raises:
            RuntimeError: The training failed, with the last line that it printed, or another
                process trains in the folder.
        """
        self.work_dir.mkdir(parents=True, exist_ok=True)
        with self.log.open('a', encoding='utf-8') as log:
            lock(log)
            variables = {**os.environ, **(environment or {})}
            self._process = subprocess.Popen(
                self.command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=variables
            )
            try:
                ended(self._process)
            finally:
                self.stop()  # on an interrupt
            status = self._process.wait()
        if status:
            raise RuntimeError(self._last_line() or f'exit status {status}')

    def stop(self) -> None:
        """Has a training that runs save, and end."""
        process = getattr(self, '_process', None)
        if process is not None and process.returncode is None:
            with suppress(ProcessLookupError, ChildProcessError):  # it has ended, meanwhile
                os.kill(process.pid, signal.SIGTERM)
                ended(process)

    def checkpoint(self, *args):
        """What submitit calls when the cluster wants the machine back: queues the rest."""
        from submitit.helpers import DelayedSubmission

        self.stop()
        return DelayedSubmission(self, *args)

    def __getstate__(self) -> dict:
        return {key: value for key, value in vars(self).items() if key != '_process'}

    def _last_line(self) -> str:
        lines = self.log.read_text(encoding='utf-8', errors='replace').split('\n')
        return next((line for line in reversed(lines) if line.strip()), '')


def ended(process: subprocess.Popen) -> None:
    """Waits until a process has ended.

    Popen's own wait takes a lock, on which a signal's handler that waits as well would hang.
    """
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)


def lock(log) -> None:
    """Marks a folder as being trained in, by a lock that the training inherits with its output."""
    try:
        fcntl.flock(log, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise RuntimeError('another process trains in this folder') from None


def config_of(job: TrainingJob) -> Config:
    """The config that a job trains.

    Raises:
        InputError: See :func:`~dbl.engine.load_config`.
    """
    options = ['--cfg-options', *job.options] if job.options else []
    args = config_parser('').parse_args([str(job.config), *options])
    return load_config(args.config, args.cfg_options)
