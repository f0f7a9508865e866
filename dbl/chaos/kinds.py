"""The kinds of strikes in a campaign."""

import signal
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import NamedTuple

from dbl.chaos import damage, full_disk, second_training, signals
from dbl.chaos.moments import Moment, at_random
from dbl.chaos.run import Reference
from dbl.chaos.strike import Striker


class Kind(NamedTuple):
    """A kind of strike.

    Attributes:
        strike: Strikes a run once, when its training has come to the moment.
        what: The kind, in words.
        hits: What the strikes that hit their aim have done, in words. Empty if all strikes hit.
        moment: Waits until a training is to be struck.
        place: Prepares the place of a run, given its folder and a size in bytes.
        unable: Says why the kind cannot be tried, or nothing.
    """

    strike: Striker
    what: str
    hits: str = ''
    moment: Moment = at_random
    place: Callable[[Path, int], AbstractContextManager] = lambda folder, size: nullcontext()
    unable: Callable[[Reference], str] = lambda reference: ''


def _no_workers(reference: Reference) -> str:
    return '' if reference.has_workers else 'no workers; set train_dataloader.num_workers=1'


def _no_disk(reference: Reference) -> str:
    return '' if full_disk.may_mount() else 'this user may not mount a disk'


EARLIER = 'went on from an earlier one'
KINDS = {
    'kill': Kind(signals.kill, 'SIGKILL of all processes, at random moments'),
    'kill_main': Kind(signals.kill_main, 'SIGKILL of the main process alone, at random moments'),
    'kill_saving': Kind(
        signals.kill_saving, 'SIGKILL while a checkpoint is written', 'left a part of it'
    ),
    'kill_evaluating': Kind(
        signals.kill_evaluating, 'SIGKILL while an epoch is evaluated', 'left it without metrics'
    ),
    'kill_worker': Kind(
        signals.kill_worker, 'SIGKILL of a worker of the loader', unable=_no_workers
    ),
    **{
        f'sig{name}': Kind(
            signals.send(signal.Signals[f'SIG{name.upper()}']),
            f'SIG{name.upper()} at random moments',
            'saved, status 75',
        )
        for name in ('term', 'usr1', 'int', 'hup')
    },
    'file_limit': Kind(
        full_disk.limit_files,
        'no file may be as large as a checkpoint',
        moment=full_disk.in_saved_training,
    ),
    'full_disk': Kind(
        full_disk.fill_disk, 'the disk is full', place=full_disk.small_disk, unable=_no_disk
    ),
    'cut': Kind(damage.after_a_stop(damage.cut), 'the newest checkpoint is cut', EARLIER),
    'flip': Kind(
        damage.after_a_stop(damage.flip), 'a bit of the newest checkpoint is flipped', EARLIER
    ),
    'replace': Kind(
        damage.after_a_stop(damage.replace),
        'a folder, or a link to nothing, replaces the newest checkpoint',
        EARLIER,
    ),
    'second': Kind(
        second_training.start_second,
        'a second training starts in the folder',
        moment=second_training.at_once_or_later,
    ),
}
