"""Signals that kill processes of a training, or ask it to save and end."""

import signal
from random import Random

from dbl.chaos.moments import TIGHT, being_written, is_evaluating, until
from dbl.chaos.run import Run
from dbl.chaos.strike import (
    Strike,
    Striker,
    checkpoint_names,
    problems_of_ending,
    strike_by_kill,
    strike_by_signal,
)
from dbl.chaos.training import children

KILL = signal.SIGKILL


def kill(run: Run, rng: Random) -> Strike | None:
    """Kills all processes."""
    run.training.send(KILL)
    return strike_by_kill(run, 'all killed')


def kill_main(run: Run, rng: Random) -> Strike | None:
    """Kills the main process alone, as ``kill -9 PID`` does; its workers have to end with it."""
    run.training.send(KILL, run.training.pid)
    return strike_by_kill(run, 'the main process killed')


def kill_saving(run: Run, rng: Random) -> Strike | None:
    """Kills all processes while a checkpoint is written. It hits if a part is left."""
    if not until(run.training, lambda: being_written(run.folder), TIGHT):
        return None
    strike = kill(run, rng)
    return strike and strike._replace(hit=bool(being_written(run.folder)))


def kill_evaluating(run: Run, rng: Random) -> Strike | None:
    """Kills all processes while an epoch is evaluated. It hits if its metrics are missing."""
    training = run.training
    if not until(training, lambda: is_evaluating(run, training)):
        return None
    strike = kill(run, rng)
    return strike and strike._replace(hit=is_evaluating(run, training))


def kill_worker(run: Run, rng: Random) -> Strike | None:
    """Kills a process that makes batches: the training has to end, and to say why."""
    training = run.training
    until(training, lambda: children(training.pid))
    workers = children(training.pid)
    if not workers:
        return None
    training.send(KILL, rng.choice(workers))
    if training.wait() == 0:  # it needed no more batches
        return None
    what = f'a worker killed, {checkpoint_names(run)}'
    return Strike(what, True, problems_of_ending(training))


def send(number: signal.Signals) -> Striker:
    """Sends a signal to all processes, or to the main one alone.

    It hits if the training has saved. Before its first iteration, it ends as any program does.
    """

    def strike(run: Run, rng: Random) -> Strike | None:
        training = run.training
        saved, to_all = training.has_saved, rng.random() < 0.5
        training.send(number, None if to_all else training.pid)
        what = f'{number.name} to {"all" if to_all else "the main one"}'
        return strike_by_signal(run, number, saved, what)

    return strike
