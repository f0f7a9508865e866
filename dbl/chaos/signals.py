"""Signals that ask a training to save and end."""

import signal
from random import Random

from dbl.chaos.moments import at_random
from dbl.chaos.run import Run
from dbl.chaos.strike import Strike, Striker, stopped


def send(number: signal.Signals) -> Striker:
    """Sends a signal to all processes, or the main one, at a random moment.

    It hits where the training has saved; before its first iteration it ends as any program.
    """

    def strike(run: Run, rng: Random) -> Strike | None:
        training = run.going()
        if not at_random(training, run.reference, rng):
            return None
        saved, to_all = training.has_saved, rng.random() < 0.5
        training.send(number, None if to_all else training.pid)
        return stopped(
            run, number, saved, f'{number.name} to {"all" if to_all else "the main one"}'
        )

    return strike
