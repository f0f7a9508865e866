"""Where jobs run: as :class:`Processes` on this machine, or on a :class:`Cluster`."""

import os
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Literal

from dbl.errors import InputError
from dbl.sweeps.training_job import TrainingJob

if TYPE_CHECKING:
    import submitit


class Processes:
    """Runs jobs side by side on this machine, each on a GPU or on its share of the CPU's cores.

    If more jobs run than there are GPUs, some share one.

    Args:
        at_once: How many run side by side. None means one per GPU, or one.
    """

    def __init__(self, at_once: int | None = None) -> None:
        devices = _visible_devices()
        self.at_once = at_once or len(devices) or 1
        self._slots: SimpleQueue[dict[str, str]] = SimpleQueue()
        for k in range(self.at_once):
            self._slots.put(_share(devices, k, self.at_once))
        self._pool = ThreadPoolExecutor(self.at_once)
        self._jobs: list[TrainingJob] = []

    def submit(self, job: TrainingJob) -> Future:
        self._jobs.append(job)
        return self._pool.submit(self._run, job)

    def _run(self, job: TrainingJob) -> None:
        slot = self._slots.get()
        try:
            job(slot)
        finally:
            self._slots.put(slot)

    def stop(self) -> None:
        """Makes running jobs save and end, and starts no waiting ones."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        for job in self._jobs:
            job.ask_to_stop()
        for job in self._jobs:
            job.stop()


class Cluster:
    """Runs jobs with one of submitit's engines.

    Args:
        engine: ``'slurm'``, or ``'local'``, which stands for a cluster on this machine.
        folder: Where submitit keeps its files.
        at_once: How many run side by side. None means all.
        parameters: For submitit's ``AutoExecutor.update_parameters``, as ``slurm_partition``.
    """

    def __init__(
        self,
        engine: Literal['slurm', 'local'],
        folder: Path,
        at_once: int | None = None,
        **parameters: object,
    ) -> None:
        try:
            import submitit
        except ImportError as error:
            raise InputError(
                f'--executor {engine} needs submitit; `pip install submitit` installs it'
            ) from error
        try:
            self._executor = submitit.AutoExecutor(folder=folder, cluster=engine)
            self._executor.update_parameters(**parameters)
        except (RuntimeError, NameError, TypeError, AssertionError) as error:
            raise InputError(f'--executor {engine}: {error}') from error
        self.at_once = at_once or 10**6
        self._submitted: list[submitit.Job] = []

    def submit(self, job: TrainingJob) -> 'submitit.Job':
        submitted = self._executor.submit(job)
        self._submitted.append(submitted)
        return submitted

    def stop(self) -> None:
        """Cancels running and waiting jobs."""
        for submitted in self._submitted:
            if not submitted.done():
                submitted.cancel()


def _visible_devices() -> list[str]:
    import torch  # a table of finished runs does without it

    given = os.environ.get('CUDA_VISIBLE_DEVICES')
    names = given.split(',') if given else map(str, range(torch.cuda.device_count()))
    return list(names) if torch.cuda.is_available() else []


def _share(devices: list[str], k: int, at_once: int) -> dict[str, str]:
    """Environment of the k-th of ``at_once`` jobs that run side by side."""
    import torch

    if devices:
        return {'CUDA_VISIBLE_DEVICES': devices[k % len(devices)]}
    return {'OMP_NUM_THREADS': str(max(1, torch.get_num_threads() // at_once))}
