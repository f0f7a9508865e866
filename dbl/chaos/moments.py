"""The moments at which a training is struck."""

from collections.abc import Callable
from pathlib import Path
from random import Random
from time import monotonic, sleep

from dbl.chaos.run import Reference, Run
from dbl.chaos.training import Hangs, Training
from dbl.files import read_object
from dbl.training.run_files import checkpoints, own_files
from dbl.training.run_numbers import read_log

IN_START_UP = 0.1  # share of the strikes
POLL = 0.005  # seconds
TIGHT = 0.0005  # a checkpoint is written in a few thousandths of a second
# Waits for a moment of a training. False if the training ends first.
Moment = Callable[[Training, Reference, Random], bool]


def until(training: Training, condition: Callable[[], object], poll: float = POLL) -> bool:
    """Waits until a condition holds. Returns False if the training ends first.

    Raises:
        Hangs: Neither happens in time.
    """
    deadline = monotonic() + training.patience
    while not training.ended:
        if condition():
            return True
        if monotonic() > deadline:
            training.kill()
            raise Hangs(f'does not go on within {training.patience:.0f} s')
        sleep(poll)
    return False


def after(training: Training, seconds: float) -> bool:
    """Waits for some time. Returns False if the training ends first."""
    deadline = monotonic() + seconds
    return until(training, lambda: monotonic() > deadline)


def at_random(training: Training, reference: Reference, rng: Random) -> bool:
    """Waits for a random moment, one time in ten during the start.

    Returns False if the training ends first.
    """
    if rng.random() < IN_START_UP:
        return after(training, rng.uniform(0, reference.start_up))
    return in_training(training, reference, rng)


def in_training(training: Training, reference: Reference, rng: Random) -> bool:
    """Waits for a random moment after the start."""
    begun = until(training, lambda: training.has_begun)
    return begun and after(training, rng.uniform(0, reference.seconds))


def being_written(folder: Path) -> list[str]:
    """The names of the checkpoints that are not completely written."""
    return [path.name for path in own_files(folder, r'.*\.pth\.part')]


def is_evaluating(run: Run, training: Training) -> bool:
    """Whether a training is evaluating an epoch: its checkpoint is there, its metrics are not.

    A training that goes on from such a checkpoint has to begin first.
    """
    newest = checkpoints(run.folder)[-1:] if training.has_begun else []
    if not newest or not newest[0].stem.startswith('epoch'):
        return False
    resolved = read_object(run.folder / 'run.json').get('resolved', {})
    step = int(newest[0].stem.rpartition('_')[2]) * resolved.get('iterations_per_epoch', 0)
    done, due = (evaluations(folder).count(step) for folder in (run.folder, run.reference.folder))
    return done < due


def evaluations(folder: Path) -> list[float]:
    """The iterations after which a run was evaluated, once for each line that says so."""
    rows = read_log(folder / 'vis_data' / 'scalars.json')
    return [row['step'] for row in rows if 'lr' not in row]
