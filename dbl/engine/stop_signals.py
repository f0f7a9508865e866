import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from mmengine.dist import is_main_process
from mmengine.hooks import Hook
from torch.utils.data import DataLoader

from dbl.engine.agreement import any_process
from dbl.engine.freed_memory import keep_freed_memory
from dbl.registry import HOOKS

SIGNALS = [number for number in signal.Signals if number.name in ('SIGTERM', 'SIGUSR1')]
STOPPED = 75  # EX_TEMPFAIL of sysexits.h: try again later


@HOOKS.register_module()
class StopSignalsHook(Hook):
    """On SIGTERM and SIGUSR1 saves after the current iteration, and exits with status 75.

    SIGUSR1 is what SLURM's ``--signal=USR1@120`` sends before its limit. In a validation nothing is
    saved: the epoch's checkpoint is there, and the validation is made up for when the run goes on.
    """

    priority = 'LOWEST'

    def before_train(self, runner) -> None:
        self._received: str | None = None
        self._previous = {number: signal.signal(number, self._receive) for number in SIGNALS}

    def after_train(self, runner) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)

    def after_train_iter(self, runner, *args, **kwargs) -> None:
        if any_process(self._received is not None, runner.iter):
            runner.save_mid_epoch(runner.iter + 1)
            self._exit()

    def after_val_iter(self, runner, batch_idx: int, *args, **kwargs) -> None:
        if any_process(self._received is not None, batch_idx):
            self._exit()

    def _receive(self, number: int, frame) -> None:
        self._received = signal.Signals(number).name

    def _exit(self) -> None:
        for number in SIGNALS:  # a second one would change the status
            signal.signal(number, signal.SIG_IGN)
        if is_main_process():
            received = self._received or 'a signal to another process'
            print(f'stopped by {received}; --resume goes on from here', file=sys.stderr)
        sys.exit(STOPPED)


@contextmanager
def blocked_signals() -> Iterator[None]:
    """Holds the signals back, and from workers that are started meanwhile, until they are deaf."""
    if not hasattr(signal, 'pthread_sigmask'):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class ShieldedLoader(DataLoader):
    """A loader that starts its workers with the signals held back."""

    def __iter__(self) -> Iterator:
        with blocked_signals():
            return super().__iter__()


def start_worker(start: Callable[[int], None] | None, worker: int) -> None:
    """Starts a worker of a loader so that a signal to a whole group of processes leaves it alone.

    SLURM and torchrun send their signals to all processes. A worker that ended would take the
    iteration with it that the main process finishes first.
    """
    keep_freed_memory()
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    if start is not None:
        start(worker)


def _end_with_the_parent() -> None:
    """Ends a worker when its own parent, and nobody else, sends SIGTERM, or is gone.

    torch's own watch begins later: of a parent that died before, it would not know.
    """
    parent = multiprocessing.parent_process()
    while parent.is_alive():
        received = signal.sigtimedwait([signal.SIGTERM], 1)
        if received is not None and received.si_pid == parent.pid:
            break
    os._exit(0)
