"""Trains many runs, and says what became of them."""

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

import dbl
from dbl.engine.config_values import changed_values
from dbl.errors import InputError
from dbl.json_file import read_object
from dbl.results.runs import read_run
from dbl.results.same_configuration import material_values
from dbl.sweeps.run_jobs import Executor, run_jobs
from dbl.sweeps.training_job import TrainingJob, config_of


def train_all(jobs: Sequence[TrainingJob], executor: Executor, console: Console) -> list[str]:
    """Trains what is not finished, with one progress display; a failure does not stop the others.

    Returns:
        The runs that failed, with their logs.

    Raises:
        InputError: A folder holds a run of another configuration; nothing is trained.
    """
    check_begun(jobs)
    todo = [job for job in jobs if not job.finished]
    console.print(f'{len(jobs) - len(todo)} of {len(jobs)} runs are finished, {len(todo)} to train')
    failed = []
    with _progress(console) as progress:
        bar = progress.add_task('runs', total=len(jobs), completed=len(jobs) - len(todo))
        for job, error in run_jobs(todo, executor):
            progress.advance(bar)
            if error is not None:
                failed.append(f"{job.name} ('{job.log}': {error})")
            console.print(escape(failed[-1] if error else f'{job.name}: {_result(job)}'))
    return failed


def raise_failed(failed: Sequence[str]) -> None:
    """Raises InputError if runs failed."""
    if failed:
        raise InputError(
            f'{len(failed)} runs failed; the same command tries them again: {"; ".join(failed)}'
        )


def _progress(console: Console) -> Progress:
    columns = TextColumn('{task.description}'), BarColumn(), MofNCompleteColumn()
    return Progress(*columns, TimeElapsedColumn(), console=console)


def _result(job: TrainingJob) -> str:
    run = read_run(job.work_dir)
    if run is None:
        return 'ended without metrics'
    return f'mAP {100 * run.metrics["mAP/total"]:.2f}, {run.seconds:.0f} s'


def check_begun(jobs: Sequence[TrainingJob]) -> None:
    """Raises InputError where a folder holds a run, begun or finished, of another configuration or
    version; and for a config that cannot be trained."""
    wanted: dict[tuple, dict] = {}
    for job in jobs:
        key = (job.config, *job.options)
        if key not in wanted:
            wanted[key] = _wanted(job)
        begun = read_object(job.work_dir / 'run.json')
        config, starts = begun.get('config'), begun.get('starts')
        if not isinstance(config, dict) or not isinstance(starts, list):
            continue
        versions = sorted({start.get('dbl') for start in starts})
        before = {**material_values(config), 'dbl': versions}
        changes = changed_values(before, {**wanted[key], 'dbl': [dbl.__version__]})
        if changes:
            raise InputError(
                f"'{job.work_dir}' holds a run with other values: {', '.join(changes)[:500]}; give "
                'another --work-dir, or delete that folder'
            )


def _wanted(job: TrainingJob) -> dict:
    try:
        return material_values(config_of(job).to_dict())
    except InputError as error:
        raise InputError(f'{job.name}: {error}') from error
