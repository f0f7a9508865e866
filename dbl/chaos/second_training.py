"""Two trainings at once in one folder: one is refused, and the other does not notice."""

import re
from random import Random

from dbl.chaos.moments import at_random, until
from dbl.chaos.run import Reference, Run
from dbl.chaos.strike import Strike, checkpoint_names, problems_of_ending
from dbl.chaos.training import Training
from dbl.training.sentences import GOES_ON, IS_HELD, STARTS

FLAGS = ((), ('--resume',), ('--overwrite',))
AT_ONCE = 0.25  # share of the second trainings that start with the first


def at_once_or_later(training: Training, reference: Reference, rng: Random) -> bool:
    """Waits for a random moment, except for some of the strikes."""
    return rng.random() <= AT_ONCE or at_random(training, reference, rng)


def start_second(run: Run, rng: Random) -> Strike | None:
    """Starts a second training in the folder. The strike hits if one of the two is refused."""
    first, flags = run.training, rng.choice(FLAGS)
    second = run.start(*flags, output='_second')
    until(first, lambda: second.ended)
    run.training = second if first.ended else first
    what = f'a second training with {" ".join(flags) or "no flag"}, {checkpoint_names(run)}'
    if trains(first) and trains(second):
        return Strike(what, False, ('both train',))
    for training in (first, second):
        if training.ended and IS_HELD in training.said:
            training.struck = True
            return Strike(what, True, problems_of_ending(training))
    return None  # the first had come to its end


def trains(training: Training) -> bool:
    """Whether a training has said that it holds the folder, and trains there."""
    return bool(re.search(f'^({STARTS}|{GOES_ON}) ', training.said, re.MULTILINE))
