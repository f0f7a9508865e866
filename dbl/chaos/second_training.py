"""Two trainings at once in one folder: one is refused, and the other does not notice."""

import re
from random import Random

from dbl.chaos.moments import at_random, until
from dbl.chaos.run import Run
from dbl.chaos.strike import Strike, of_sentence, state
from dbl.chaos.training import Training

FLAGS = ((), ('--resume',), ('--overwrite',))
AT_ONCE = 0.25  # of the seconds start with the first


def start_second(run: Run, rng: Random) -> Strike | None:
    """Starts a second training in the folder; it hits where one of the two is refused."""
    first = run.going()
    if rng.random() > AT_ONCE and not at_random(first, run.reference, rng):
        return None
    flags = rng.choice(FLAGS)
    second = run.start(*flags)
    until(first, lambda: second.ended)
    run.training = second if first.ended else first
    what = f'a second one with {" ".join(flags) or "no flag"}, {state(run)}'
    if trains(first) and trains(second):
        return Strike(what, False, ('both train',))
    for training in (first, second):
        if training.ended and 'a training is in' in training.said:
            training.struck = True
            return Strike(what, True, of_sentence(training))
    return None  # the first had come to its end


def trains(training: Training) -> bool:
    """Whether a training has said that it holds the folder, and trains there."""
    return bool(re.search('^(starts|goes on with) ', training.said, re.MULTILINE))
