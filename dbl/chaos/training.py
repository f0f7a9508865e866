"""A training in a process of its own, and what its folder, its output and /proc tell about it."""

import os
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep
from typing import NamedTuple

from dbl.training.run_files import CHECKPOINT, own_files

# Signals that a shell ignores for background jobs, and nohup for its command.
OFTEN_IGNORED = (signal.SIGINT, signal.SIGHUP)


class Hangs(Exception):
    """A training that neither ends nor goes on."""


class Training:
    """A training that was just started, in a process group of its own.

    Args:
        command: The command that starts it.
        folder: Folder of its run.
        output: The file that its output is added to.
        patience: Seconds after which it counts as hanging.
    """

    def __init__(self, command: Sequence[str], folder: Path, output: Path, patience: float) -> None:
        self.folder, self.output, self.patience = folder, output, patience
        self.struck = False
        self._run, self._saved = _version(folder / 'run.json'), self._checkpoints()
        with output.open('ab') as file:
            self._said_before = file.tell()
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                # Its output must not be lost with it.
                env={**os.environ, 'PYTHONUNBUFFERED': '1'},
                start_new_session=True,
                preexec_fn=_heed_signals,
            )
        self.pid = self.process.pid

    @property
    def ended(self) -> bool:
        return self.process.poll() is not None

    @property
    def status(self) -> int | None:
        """Its exit status: negative after a signal, and None while it runs."""
        return self.process.poll()

    @property
    def said(self) -> str:
        """Its output so far."""
        with self.output.open('rb') as file:
            file.seek(self._said_before)
            return file.read().decode(errors='replace')

    @property
    def has_begun(self) -> bool:
        """Whether it is past its start: it has loaded what it goes on from, and says so."""
        return _version(self.folder / 'run.json') not in (self._run, None)

    @property
    def has_saved(self) -> bool:
        """Whether it has saved a checkpoint of its own."""
        return not self._checkpoints() <= self._saved

    def _checkpoints(self) -> set[tuple[str, int | None]]:
        return {(path.name, _version(path)) for path in own_files(self.folder, CHECKPOINT)}

    def send(self, number: signal.Signals, pid: int | None = None) -> None:
        """Sends a signal to one of its processes, or to all at once."""
        self.struck = True
        with suppress(ProcessLookupError):
            if pid is not None:
                os.kill(pid, number)
            elif group(self.pid):  # while it exists, no other group can have its number
                os.killpg(self.pid, number)

    def wait(self) -> int:
        """Waits until all its processes have ended. Returns its exit status.

        Raises:
            Hangs: It does not end, or leaves a process behind.
        """
        deadline = monotonic() + self.patience
        while not self.ended or group(self.pid):
            if monotonic() > deadline:
                what = 'leaves processes behind' if self.ended else 'does not end'
                self.kill()
                raise Hangs(f'{what} for {self.patience:.0f} s')
            sleep(0.05)
        return self.process.returncode

    def kill(self) -> None:
        """Kills what is left of it."""
        self.send(signal.SIGKILL)
        self.process.wait()


def _version(path: Path) -> int | None:
    """A number that changes when a file is written anew, or None without a file."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return None


def _heed_signals() -> None:
    for number in OFTEN_IGNORED:
        signal.signal(number, signal.SIG_DFL)


class Process(NamedTuple):
    """A running process."""

    pid: int
    parent: int
    group: int


def running() -> Iterator[Process]:
    """Yields the running processes, but none that has ended and waits for its parent."""
    for path in Path('/proc').glob('[0-9]*/stat'):
        try:
            text = path.read_text(encoding='utf-8', errors='replace')
        except OSError:  # it ended meanwhile
            continue
        # The name before it, in brackets, may contain anything.
        state, parent, group, *_ = text.rpartition(')')[2].split()
        if state not in 'ZX':
            yield Process(int(path.parent.name), int(parent), int(group))


def children(pid: int) -> list[int]:
    """The processes that a process has started, such as the workers of a training.

    >>> import subprocess, sys
    >>> child = subprocess.Popen([sys.executable, '-c', 'input()'], stdin=subprocess.PIPE)
    >>> import os
    >>> child.pid in children(os.getpid())
    True
    >>> _ = child.communicate(b'')
    >>> child.pid in children(os.getpid())
    False
    """
    return [process.pid for process in running() if process.parent == pid]


def group(pid: int) -> list[int]:
    """The processes of the group that a process leads, or has led."""
    return [process.pid for process in running() if process.group == pid]
