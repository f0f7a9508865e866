"""A disk that fills up: the training ends with a sentence, and goes on once there is room."""

import os
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random

from dbl.chaos.damage import is_whole
from dbl.chaos.moments import being_written, in_training, until
from dbl.chaos.run import Reference, Run
from dbl.chaos.strike import Strike, problems_of_ending
from dbl.chaos.training import Training, children
from dbl.training.run_files import checkpoints


def in_saved_training(training: Training, reference: Reference, rng: Random) -> bool:
    """Waits for a random moment after the first checkpoint and the start of the workers.

    A limit on file sizes would also hit the batches of workers that start later: they are files.
    """
    return (
        until(training, lambda: training.has_saved)
        and until(training, lambda: not reference.has_workers or children(training.pid))
        and in_training(training, reference, rng)
    )


def limit_files(run: Run, rng: Random) -> Strike | None:
    """Forbids a training to write files as large as a checkpoint."""
    training = run.training
    most = int(run.reference.checkpoint_size * rng.uniform(0.1, 1))
    training.struck = True
    with suppress(ProcessLookupError):
        resource.prlimit(training.pid, resource.RLIMIT_FSIZE, (most, most))
    return None if training.wait() == 0 else _without_room(run, f'files up to {most} bytes')


def fill_disk(run: Run, rng: Random) -> Strike | None:
    """Fills the disk that a run is on, until less than a checkpoint fits."""
    training, filler = run.training, run.folder / 'filler'
    left = rng.choice([0, rng.randrange(run.reference.checkpoint_size)])
    training.struck = True
    until(training, lambda: fill(filler, left))
    strike = None if training.wait() == 0 else _without_room(run, f'{left} bytes left')
    filler.unlink(missing_ok=True)
    return strike


def fill(filler: Path, left: int) -> None:
    """Grows a file until its disk has at most ``left`` bytes free."""
    more = shutil.disk_usage(filler.parent).free - left
    if more > 0:
        with filler.open('ab') as file, suppress(OSError):
            os.posix_fallocate(file.fileno(), file.tell(), more)


def _without_room(run: Run, what: str) -> Strike:
    """The strike on a training that ran out of room. What it saved before must be whole."""
    found, problems = checkpoints(run.folder), problems_of_ending(run.training)
    problems += tuple(f'{path.name} is not whole' for path in found if not is_whole(path))
    if torn := being_written(run.folder):
        problems += (f'{torn[0]} is left behind',)
    names = ', '.join(path.name for path in found) or 'no checkpoint'
    return Strike(f'{what}, {names}', True, problems)


@contextmanager
def small_disk(folder: Path, size: int) -> Iterator[None]:
    """Mounts a disk of ``size`` bytes in memory for a block, and keeps a copy of its content."""
    folder.mkdir(parents=True)
    command = ['mount', '-t', 'tmpfs', '-o', f'size={size}', 'chaos', str(folder)]
    subprocess.run(command, check=True, capture_output=True)
    copy = folder.with_name(f'{folder.name}.copy')
    try:
        yield
        shutil.copytree(folder, copy, symlinks=True)
    finally:
        subprocess.run(['umount', '--lazy', folder], check=True)
        folder.rmdir()
    copy.rename(folder)


def may_mount() -> bool:
    """Whether this user may mount a disk."""
    try:
        with tempfile.TemporaryDirectory() as folder, small_disk(Path(folder) / 'disk', 2**20):
            return True
    except (OSError, subprocess.CalledProcessError):
        return False
