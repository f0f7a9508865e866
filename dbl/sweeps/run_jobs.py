import signal
import sys
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Protocol

from dbl.sweeps.training_job import TrainingJob
from dbl.training.stop_signals import SIGNALS

WAIT = 0.3  # seconds


class Running(Protocol):
    """A submitted job."""

    def done(self) -> bool: ...

    def exception(self) -> BaseException | None: ...


class Executor(Protocol):
    """What runs jobs: :class:`~dbl.sweeps.Processes` or :class:`~dbl.sweeps.Cluster`."""

    at_once: int

    def submit(self, job: TrainingJob) -> Running: ...

    def stop(self) -> None: ...


def run_jobs(
    jobs: Iterable[TrainingJob], executor: Executor
) -> Iterator[tuple[TrainingJob, BaseException | None]]:
    """Runs jobs, and yields each when it has ended, with its error if it failed.

    If the iteration is left early, even by an interrupt, the jobs that still run are stopped.
    """
    waiting = list(jobs)
    running: list[tuple[TrainingJob, Running]] = []
    with stopped_at_the_end(executor):
        while waiting or running:
            while waiting and len(running) < executor.at_once:
                job = waiting.pop(0)
                running.append((job, submit(job, executor)))
            ended = [pair for pair in running if pair[1].done()]
            running = [pair for pair in running if pair not in ended]
            for job, future in ended:
                yield job, future.exception()
            time.sleep(0 if ended else WAIT)


def submit(job: TrainingJob, executor: Executor) -> Running:
    """Submits a job. A job that is refused counts as failed."""
    try:
        return executor.submit(job)
    except Exception as error:  # a cluster may refuse it for any reason
        refused: Future = Future()
        refused.set_exception(error)
        return refused


@contextmanager
def stopped_at_the_end(executor: Executor) -> Iterator[None]:
    """Stops an executor, however the block is left: by what stops a training, too."""
    # A signal that is ignored, as nohup does, stays ignored.
    heard = [n for n in SIGNALS if n != signal.SIGINT and signal.getsignal(n) != signal.SIG_IGN]
    before = {number: signal.signal(number, _exit) for number in heard}
    try:
        yield
    finally:
        executor.stop()
        for number, handler in before.items():
            signal.signal(number, handler)


def _exit(number: int, frame) -> None:
    print('stopped; the same command goes on from here', file=sys.stderr)
    sys.exit(128 + number)
