"""Lets one training at a time into a run's folder."""

import os
import socket
from contextlib import ExitStack
from datetime import datetime, timezone
from pathlib import Path

from filelock import FileLock, Timeout

from dbl.errors import InputError
from dbl.files import read_object
from dbl.training.run_numbers import write_object
from dbl.training.sentences import IS_HELD


def hold(folder: Path, shown: Path, stack: ExitStack) -> None:
    """Locks a folder until the stack ends.

    The lock ends with this process, however that ends. A forked worker does not keep it.

    Args:
        folder: Absolute, as it must be found at the end, wherever the process is then.
        shown: The folder as the user named it.
        stack: What ends with the training.

    Raises:
        InputError: Another training holds the folder.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
    ...     hold(Path(name), Path(name), stack)
    ...     sorted(path.name for path in Path(name).iterdir())
    ['lock', 'running.json']
    """
    record, lock = folder / 'running.json', folder / 'lock'
    try:
        stack.enter_context(FileLock(lock, blocking=False))
    except Timeout:
        raise InputError(f'{_held_by(shown, record)}; wait for it, or stop it') from None
    here = socket.gethostname()
    if read_object(record).get('host', here) != here:
        raise InputError(
            f'{_held_by(shown, record)}. Locks of other hosts are not always seen: if it no '
            f"longer runs, delete '{record}'"
        )
    stack.callback(lock.unlink, missing_ok=True)
    write_object(record, {'host': here, 'pid': os.getpid(), 'since': now()})
    stack.callback(record.unlink, missing_ok=True)


def _held_by(shown: Path, record: Path) -> str:
    found = read_object(record)
    host, pid, since = (found.get(key, 'unknown') for key in ('host', 'pid', 'since'))
    return f"{IS_HELD} '{shown}': host {host!r}, process {pid!r}, since {since!r}"


def now() -> str:
    """The time, in UTC, to the second."""
    return datetime.now(timezone.utc).isoformat(timespec='seconds')
