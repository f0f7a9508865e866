"""What was done to a training, and how the training took it."""

import signal
from collections.abc import Callable
from random import Random
from typing import NamedTuple

from dbl.chaos.moments import being_written
from dbl.chaos.run import Run
from dbl.chaos.training import Training
from dbl.training.run_files import checkpoints
from dbl.training.sentences import STOPPED_BY
from dbl.training.stop_signals import STOPPED


class Strike(NamedTuple):
    """What was done to a training, and how the training took it.

    Attributes:
        what: What was done, in words, with the checkpoints that were there then.
        hit: Whether it hit what it was aimed at.
        problems: What was wrong with the training's end.
    """

    what: str
    hit: bool = True
    problems: tuple[str, ...] = ()


# Strikes a run once. None if the training came to its end first.
Striker = Callable[[Run, Random], Strike | None]


def strike_by_kill(run: Run, what: str) -> Strike | None:
    """The strike on a training that was killed."""
    status = run.training.wait()
    problems = () if status == -signal.SIGKILL else (f'status {status} after SIGKILL',)
    return None if status == 0 else Strike(f'{what}, {checkpoint_names(run)}', True, problems)


def strike_by_signal(run: Run, number: signal.Signals, saved: bool, what: str) -> Strike | None:
    """The strike on a training that got a signal.

    Args:
        run: Whose training it was.
        number: The signal.
        saved: Whether the training had saved before, so that it heeds signals.
        what: What was done, in words.
    """
    training = run.training
    status = training.wait()
    if status == 0:
        return None
    hit = status == STOPPED
    problems = []
    if hit and (f'{STOPPED_BY} {number.name}; ' not in training.said or has_traceback(training)):
        problems.append('does not say in a sentence what stopped it')
    finished = (run.folder / 'metrics.json').exists()  # from then on, signals act as in any program
    heeds = saved and not finished
    if not hit and (heeds or status not in (-number, 128 + number)):
        problems.append(f'status {status} after {number.name}')
    return Strike(f'{what}, {checkpoint_names(run)}', hit, tuple(problems))


def has_traceback(training: Training) -> bool:
    """Whether a training printed a traceback."""
    return 'Traceback' in training.said


def problems_of_ending(training: Training) -> tuple[str, ...]:
    """How an ended training fails to say why in a sentence on one line."""
    lines = training.said.splitlines()
    checks = {
        f'status {training.status}, not 1': training.status != 1,
        'a traceback': has_traceback(training),
        'no sentence at the end': not lines or not lines[-1].startswith('error: '),
    }
    return tuple(problem for problem, found in checks.items() if found)


def checkpoint_names(run: Run) -> str:
    """Names the checkpoints of a run, including the partly written ones."""
    found = [path.name for path in checkpoints(run.folder)]
    return ', '.join([*found, *being_written(run.folder)]) or 'no checkpoint'
