"""Trains many runs, and says what became of them."""

import math
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from logging import LogRecord, getLogger
from multiprocessing import get_context
from typing import Literal, TypeVar

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

import dbl
from dbl.config_values import changed_values
from dbl.errors import InputError, listed
from dbl.experiment import build_experiment
from dbl.results.run_file import OldRun, read_run_file
from dbl.results.runs import read_run
from dbl.results.same_configuration import material_values
from dbl.sweeps.run_jobs import Executor, run_jobs
from dbl.sweeps.training_job import TrainingJob, config_of

T = TypeVar('T')


def train_all(
    jobs: Sequence[TrainingJob],
    executor: Executor,
    console: Console,
    on: Literal['test', 'val'] = 'test',
) -> list[str]:
    """Trains all unfinished runs, with one progress display. A failure stops no other run.

    Args:
        jobs: The runs.
        executor: Trains them.
        console: Gets a line for each run: its mAP.
        on: Whose mAP to show: ``'test'``, or ``'val'`` alone for a choice on validation.

    Returns:
        The runs that failed, with their logs.

    Raises:
        InputError: A folder holds a run of another configuration, or a config cannot be trained.
            Nothing is trained then.
    """
    check_begun(jobs)
    todo = unfinished(jobs)
    check_trainable(todo)
    console.print(f'{len(jobs) - len(todo)} of {len(jobs)} runs are finished, {len(todo)} to train')
    failed = []
    with _progress(console) as progress:
        bar = progress.add_task('runs', total=len(jobs), completed=len(jobs) - len(todo))
        for job, error in run_jobs(todo, executor):
            progress.advance(bar)
            if error is not None:
                failed.append(f"{job.name} ('{job.log}': {error})")
            console.print(escape(failed[-1] if error else f'{job.name}: {_result(job, on)}'))
    return failed


def unfinished(jobs: Sequence[TrainingJob]) -> list[TrainingJob]:
    """The jobs without a sound run. A warning names damaged runs."""
    todo = []
    for job in jobs:
        try:
            if read_run(job.work_dir) is not None:
                continue
        except InputError as error:
            getLogger('dbl').warning(f'{error}; {job.name} is trained again')
        todo.append(job)
    return todo


def raise_failed(failed: Sequence[str]) -> None:
    """Raises an InputError if any runs failed."""
    if failed:
        raise InputError(
            f'{len(failed)} of the runs failed; the same command tries again: {"; ".join(failed)}'
        )


def _progress(console: Console) -> Progress:
    columns = TextColumn('{task.description}'), BarColumn(), MofNCompleteColumn()
    return Progress(*columns, TimeElapsedColumn(), console=console)


def _result(job: TrainingJob, on: Literal['test', 'val']) -> str:
    try:
        run = read_run(job.work_dir)
    except InputError as error:
        return str(error)
    if run is None:
        return 'ended without metrics'
    mean_ap = run.metrics.get({'test': '', 'val': 'val/'}[on] + 'mAP/total', math.nan)
    return f'{on} mAP {100 * mean_ap:.2f}, {run.seconds:.0f} s'


def check_begun(jobs: Sequence[TrainingJob]) -> None:
    """Raises an InputError if a folder holds a run of another configuration or version.

    The run may be finished or only begun.
    """
    for row in _by_row(jobs):
        wanted = {**material_values(_named(row[0], config_of)), 'dbl': [dbl.__version__]}
        for job in row:
            try:
                begun = read_run_file(job.work_dir)
            except OldRun:
                raise
            except InputError:  # there is none, or a damaged one, which is trained again
                continue
            versions = sorted({start['dbl'] for start in begun['starts']})
            changes = changed_values({**material_values(begun['given']), 'dbl': versions}, wanted)
            if changes:
                raise InputError(
                    f"'{job.work_dir}' holds a run with other values: {listed(changes, 500)}; "
                    'choose another --work-dir, or delete that folder'
                )


def check_trainable(jobs: Sequence[TrainingJob]) -> None:
    """Builds the parts of each row once, and raises an InputError if that fails.

    This happens in a process of its own, because this one must not hold a GPU while others train.
    """
    with ProcessPoolExecutor(1, get_context('spawn'), _begin_building) as pool:
        for first, *_ in _by_row(jobs):
            try:
                _named(first, lambda job: pool.submit(build_parts, job).result())
            except BrokenProcessPool as error:
                raise InputError(
                    f'{first.name}: something has killed the process that built its parts, perhaps '
                    'the system for lack of memory'
                ) from error


def _begin_building() -> None:
    """Leaves interrupts to the process that waits, and says what holds for all rows once."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    said: set[str] = set()

    def is_new(record: LogRecord) -> bool:
        before = len(said)
        said.add(record.getMessage())
        return len(said) > before

    getLogger('dbl').addFilter(is_new)


def build_parts(job: TrainingJob) -> None:
    """Builds all parts of a job's experiment, but reads no pretrained weights."""
    config = config_of(job)
    if config.get('precision') == 'float16':
        config.precision = 'bfloat16'  # the GPU that it needs may be elsewhere
    config.cuda_graph = None
    build_experiment(config, pretrained=False)


def _by_row(jobs: Sequence[TrainingJob]) -> list[list[TrainingJob]]:
    """Groups the jobs by config and options. Those of a group differ in seed and folder."""
    rows: dict[tuple, list[TrainingJob]] = {}
    for job in jobs:
        rows.setdefault((job.config, *job.options), []).append(job)
    return list(rows.values())


def _named(job: TrainingJob, function: Callable[[TrainingJob], T]) -> T:
    """Calls a function on a job, and puts the name of the job into its InputErrors."""
    try:
        return function(job)
    except InputError as error:
        raise InputError(f'{job.name}: {error}') from error
