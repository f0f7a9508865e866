"""The processes of this machine, as Linux shows them in /proc."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple


class Process(NamedTuple):
    """A process that runs."""

    pid: int
    parent: int
    group: int


def running() -> Iterator[Process]:
    """Yields the processes that run. Those that have ended and wait for their parent do not."""
    for path in Path('/proc').glob('[0-9]*/stat'):
        try:
            text = path.read_text(encoding='utf-8', errors='replace')
        except OSError:  # it ended meanwhile
            continue
        # The name before it, in brackets, may hold anything.
        state, parent, group, *_ = text.rpartition(')')[2].split()
        if state not in 'ZX':
            yield Process(int(path.parent.name), int(parent), int(group))


def children(pid: int) -> list[int]:
    """The processes that a process has started, as the workers of a training.

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
