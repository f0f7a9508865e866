"""Processes of a training are killed."""

import signal
from random import Random

from dbl.chaos.moments import TIGHT, at_random, being_written, is_evaluating, until
from dbl.chaos.processes import children
from dbl.chaos.run import Run
from dbl.chaos.strike import Strike, killed, of_sentence, state

KILL = signal.SIGKILL


def kill(run: Run, rng: Random) -> Strike | None:
    """Kills all processes at a random moment."""
    training = run.going()
    if not at_random(training, run.reference, rng):
        return None
    training.send(KILL)
    return killed(run, 'all killed')


def kill_main(run: Run, rng: Random) -> Strike | None:
    """Kills the main process alone, as ``kill -9 PID`` does; its workers have to end with it."""
    training = run.going()
    if not at_random(training, run.reference, rng):
        return None
    training.send(KILL, training.pid)
    return killed(run, 'the main process killed')


def kill_saving(run: Run, rng: Random) -> Strike | None:
    """Kills all processes while a checkpoint is written. It hits where a part of one is left."""
    training = run.going()
    aimed = at_random(training, run.reference, rng)
    if not aimed or not until(training, lambda: being_written(run.folder), TIGHT):
        return None
    training.send(KILL)
    strike = killed(run, 'all killed')
    return strike and strike._replace(hit=bool(being_written(run.folder)))


def kill_evaluating(run: Run, rng: Random) -> Strike | None:
    """Kills all processes while an epoch is evaluated. It hits where its metrics are missing."""
    training = run.going()
    aimed = at_random(training, run.reference, rng)
    if not aimed or not until(training, lambda: is_evaluating(run, training)):
        return None
    training.send(KILL)
    strike = killed(run, 'all killed')
    return strike and strike._replace(hit=is_evaluating(run, training))


def kill_worker(run: Run, rng: Random) -> Strike | None:
    """Kills a process that makes batches: the training has to end, and to say why."""
    training = run.going()
    aimed = at_random(training, run.reference, rng)
    if not aimed or not until(training, lambda: children(training.pid)):
        return None
    workers = children(training.pid)
    if not workers:
        return None
    training.send(KILL, rng.choice(workers))
    if training.wait() == 0:  # it needed no more batches
        return None
    return Strike(f'a worker killed, {state(run)}', True, of_sentence(training))
