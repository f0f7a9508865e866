"""Runs a function in a child of this process, within limits, and tells how it ended."""

import faulthandler
import os
import resource
import signal
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

RAISED = 70  # the status of a child whose function raised


class Limits(NamedTuple):
    """What a child may take.

    Attributes:
        memory: Bytes that are in use at once, this process's own among them.
        addresses: Bytes that it may ask for beyond this process's, used or not. More than
            ``memory``: what asks for too much is to be seen, not to fail where nobody looks.
        seconds: On a processor; four times as many by the clock, as others work, too.
    """

    memory: int = 2 * 10**9
    addresses: int = 4 * 10**9
    seconds: int = 30


@dataclass
class Ended:
    """How a child ended.

    Attributes:
        status: The exit status, or, below 0, the signal.
        output: What it wrote, and the traceback of what its function raised.
        seconds: On a processor.
        memory: Most bytes in use at once, as if it had mapped its files itself.
    """

    status: int
    output: bytes
    seconds: float
    memory: int


class Child:
    """A forked child that runs a function in a folder; what it writes goes to a file."""

    def __init__(self, function: Callable[[], None], folder: Path, output: Path, limits: Limits):
        self.output = output
        sys.stdout.flush()
        sys.stderr.flush()
        self.pid = os.fork()
        if self.pid == 0:
            _run_and_exit(function, folder, output, limits)

    def ended(self, status: int, usage: resource.struct_rusage) -> Ended:
        """What ``os.wait4`` said of the child."""
        seconds = usage.ru_utime + usage.ru_stime
        memory = usage.ru_maxrss * 1024 + self._left_out() * resource.getpagesize()
        return Ended(os.waitstatus_to_exitcode(status), self.output.read_bytes(), seconds, memory)

    def _left_out(self) -> int:
        """Pages of files that this process has mapped, and the child has not used.

        A fork leaves them out until they are used. A child that was killed, or became another
        program, does not say.
        """
        path = _pages_file(self.output)
        if not path.exists():
            return 0
        own = int(path.read_text())
        path.unlink()
        return max(0, pages_of_this_process()[2] - own)

    def wait(self) -> Ended:
        """Waits for its end."""
        return self.ended(*os.wait4(self.pid, 0)[1:])


def _run_and_exit(function: Callable, folder: Path, output: Path, limits: Limits) -> None:
    status = RAISED
    try:
        _write_to(output)
        os.chdir(folder)
        _limit(limits)
        status = _status_of(function)
        sys.stdout.flush()
        _pages_file(output).write_text(str(pages_of_this_process()[2]))
    finally:
        os._exit(status)  # nothing of this process's own is to run at its end


def _pages_file(output: Path) -> Path:
    return output.with_name(f'{output.name}.pages')


def _write_to(output: Path) -> None:
    file = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for descriptor in (1, 2):  # libraries write there, too
        os.dup2(file, descriptor)
    stream = os.fdopen(file, 'w', encoding='utf-8', errors='surrogateescape')
    sys.stdout = sys.stderr = stream
    faulthandler.enable(stream)


def _limit(limits: Limits) -> None:
    addresses = pages_of_this_process()[0] * resource.getpagesize() + limits.addresses
    resource.setrlimit(resource.RLIMIT_AS, (addresses, addresses))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.seconds, limits.seconds + 5))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.alarm(4 * limits.seconds)
    for number in (signal.SIGALRM, signal.SIGXCPU):
        signal.signal(number, signal.SIG_DFL)
        faulthandler.register(number, sys.stderr, chain=True)  # says where, before it ends


def _status_of(function: Callable) -> int:
    try:
        function()
    except SystemExit as error:
        if isinstance(error.code, str):
            print(error.code)
            return 1
        return error.code or 0
    except BaseException:
        traceback.print_exc()
        return RAISED
    return 0


def pages_of_this_process() -> list[int]:
    """Pages of memory: addresses, in use, and of these the ones of mapped files."""
    return list(map(int, Path('/proc/self/statm').read_text().split()))
