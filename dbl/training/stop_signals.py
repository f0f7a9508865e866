"""The signals on which a training saves and ends, while its workers wait for it."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess

NAMES = ('SIGTERM', 'SIGUSR1', 'SIGINT', 'SIGHUP')  # the last two: Ctrl-C, a closed terminal
SIGNALS = [number for number in signal.Signals if number.name in NAMES]
STOPPED = 75  # EX_TEMPFAIL of sysexits.h: try again later


class StopSignals:
    """Notes the signals that ask a training to stop, for as long as its block lasts.

    SIGUSR1 is what SLURM's ``--signal=USR1@120`` sends before its limit. Outside the main thread
    nothing is noted, since Python gives signals to that thread alone.

    Attributes:
        received: Name of the signal; None before one has come.
    """

    received: str | None = None

    def __enter__(self) -> 'StopSignals':
        main = threading.current_thread() is threading.main_thread()
        # A signal that the caller set to be ignored, as nohup does, stays ignored.
        numbers = [n for n in SIGNALS if main and signal.getsignal(n) != signal.SIG_IGN]
        self._before = {number: signal.signal(number, self._note) for number in numbers}
        return self

    def __exit__(self, *error) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _note(self, number: int, frame) -> None:
        self.received = signal.Signals(number).name


def ignore_stop_signals() -> None:
    """Makes a process that saved and ends deaf to another signal, which would change its status."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)


@contextmanager
def blocked_signals() -> Iterator[None]:
    """Holds the signals back, also in workers started meanwhile, until these are deaf to them."""
    if not hasattr(signal, 'pthread_sigmask'):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def leave_signals_to_the_parent() -> None:
    """Makes a worker of a loader deaf to a signal that goes to a whole group of processes.

    SLURM and torchrun send their signals to all processes. The main process first finishes its
    iteration, which a worker that ended would take with it.
    """
    parent = multiprocessing.parent_process()
    if parent is None or not hasattr(signal, 'sigtimedwait'):  # no worker; macOS and Windows
        return
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: BaseProcess) -> None:
    """Ends a worker when its own parent, and nobody else, sends SIGTERM, or is gone.

    torch's own watch begins later, and would not notice a parent that died before.
    """
    while parent.is_alive():
        received = signal.sigtimedwait([signal.SIGTERM], 1)
        if received is not None and received.si_pid == parent.pid:
            break
    os._exit(0)
