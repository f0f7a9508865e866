"""Damages the newest checkpoint after a stop: the run must go on from an earlier one."""

import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from random import Random

from dbl.chaos.moments import until
from dbl.chaos.run import Run
from dbl.chaos.strike import Strike, Striker, problems_of_ending
from dbl.errors import InputError
from dbl.training.checkpoint import read_checkpoint
from dbl.training.run_files import checkpoints
from dbl.training.sentences import NONE_IS_WHOLE, TAKES_EARLIER

SMALL = 2**16  # bytes at the end, where a reader looks for a zip file
NEAR = 2**12  # bytes at either end, where a zip file says what is in it
Damage = Callable[[Path, Random], str]  # returns what it did, in words


def cut(path: Path, rng: Random) -> str:
    """Cuts a file, sometimes to little or nothing."""
    size = path.stat().st_size
    left = rng.choice([0, rng.randrange(min(size, SMALL)), rng.randrange(size)])
    with path.open('rb+') as file:
        file.truncate(left)
    return f'{path.name} cut to {left} of {size} bytes'


def flip(path: Path, rng: Random) -> str:
    """Flips one bit of a file: near its beginning, near its end, or anywhere."""
    content = bytearray(path.read_bytes())
    size, near = len(content), min(len(content), NEAR)
    place = rng.choice([rng.randrange(near), rng.randrange(size), size - 1 - rng.randrange(near)])
    bit = rng.randrange(8)
    content[place] ^= 1 << bit
    path.write_bytes(content)
    return f'bit {bit} of byte {place} of {size} of {path.name} flipped'


def replace(path: Path, rng: Random) -> str:
    """Puts a folder, or a link to nothing, in a file's place."""
    path.unlink()
    if rng.random() < 0.5:
        path.mkdir()
        return f'{path.name} replaced by a folder'
    path.symlink_to('nothing')
    return f'{path.name} replaced by a link to nothing'


def after_a_stop(damage: Damage) -> Striker:
    """Stops a training, damages its newest checkpoint, and starts it again.

    The strike hits if the training goes on from an earlier checkpoint. If there is none, the
    training has to say so, and the checkpoint is put back.
    """

    def strike(run: Run, rng: Random) -> Strike | None:
        training = run.training
        training.send(rng.choice([signal.SIGKILL, signal.SIGTERM]))
        found = [] if training.wait() == 0 else checkpoints(run.folder)
        # It may still be damaged by the strike before.
        whole = bool(found) and is_whole(found[-1])
        return _start_on_damaged(run, found, damage, rng) if whole else None

    return strike


def _start_on_damaged(run: Run, found: list[Path], damage: Damage, rng: Random) -> Strike:
    newest = found[-1]
    content = newest.read_bytes()
    what = f'{damage(newest, rng)}, of {", ".join(path.name for path in found)}'
    training = run.running_training()
    if until(training, lambda: training.has_begun):
        return Strike(what, TAKES_EARLIER in training.said)
    training.struck = True
    problems = problems_of_ending(training)
    if len(found) > 1 or NONE_IS_WHOLE not in training.said:
        problems += ('does not go on from an earlier one',)
    _put_back(newest, content)
    return Strike(what, False, problems)


def is_whole(path: Path) -> bool:
    """Whether a checkpoint can be read."""
    try:
        read_checkpoint(path)
    except (OSError, InputError):
        return False
    return True


def _put_back(path: Path, content: bytes) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
    path.write_bytes(content)
