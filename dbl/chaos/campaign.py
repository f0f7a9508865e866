"""A campaign: runs that are struck until enough is tried, each compared with one left alone."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from dbl.chaos.kinds import KINDS, Kind
from dbl.chaos.run import Reference, Run
from dbl.chaos.strike import Strike, has_traceback
from dbl.chaos.training import Hangs
from dbl.files import read_object
from dbl.training.comparison import differences

MEGABYTE = 2**20
# Runs that may end unstruck, besides one for each try: where tries are few, chance alone has
# several in a row end before their moment.
SPARE = 9
# Checkpoints that a disk of its own holds: three that checkpoint.keep=3 leaves, the next one, the
# best, and its part. With less room a training would fail before it is struck.
ROOM = 6


@dataclass
class Result:
    """What came of the tries of a kind.

    Attributes:
        tried: Strikes.
        survived: Those after which the run ended bit for bit as the one left alone.
        hits: Strikes that hit what they were aimed at.
        failures: The run's folder and what was wrong.
        unable: Why nothing was tried.
    """

    tried: int = 0
    survived: int = 0
    hits: int = 0
    failures: list[str] = field(default_factory=list)
    unable: str = ''

    def add(self, folder: Path, strikes: Sequence[Strike], problems: Sequence[str]) -> None:
        """Adds a run's strikes, and how its end was not as it should be."""
        self.tried += len(strikes)
        self.hits += sum(strike.hit for strike in strikes)
        if not problems:
            self.survived += sum(not strike.problems for strike in strikes)
        failed = [f'{"; ".join(s.problems)} ({s.what})' for s in strikes if s.problems]
        self.failures += [f'{folder}: {failure}' for failure in (*failed, *problems)]


class Campaign:
    """Trainings of a config that are struck.

    Args:
        folder: Gets the runs.
        config: As ``demo/db_focal``.
        options: Of ``--cfg-options``.
        reference: The run that was left alone.
        seed: Of the moments; those of one kind do not depend on the others.
        say: Gets a line for each strike.
    """

    def __init__(
        self,
        folder: Path,
        config: str,
        options: Sequence[str],
        reference: Reference,
        seed: int = 0,
        say: Callable[[str], None] = print,
    ) -> None:
        self.folder, self.config, self.options = folder, config, options
        self.reference, self.seed, self.say = reference, seed, say

    def try_kind(self, name: str, tries: int) -> Result:
        """Tries a kind so often. Of runs that end unstruck there may be as many, and SPARE."""
        kind, rng = KINDS[name], Random(f'{self.seed} {name}')
        result = Result(unable=kind.unable(self.reference))
        for number in range(1, 0 if result.unable else 2 * tries + SPARE + 1):
            if result.tried < tries:
                self._struck_run(kind, f'{name}_{number}', tries, result, rng)
        if result.tried < tries and not result.unable:
            result.failures.append(f'{name}: only {result.tried} of {tries} could be aimed')
        return result

    def _struck_run(self, kind: Kind, name: str, tries: int, result: Result, rng: Random) -> None:
        folder, strikes, problems = self.folder / name, [], []
        size = ROOM * self.reference.checkpoint_size + 8 * MEGABYTE
        with (
            kind.place(folder, size),
            Run(folder, self.config, self.options, self.reference) as run,
        ):
            try:
                for strike in struck(kind, run, tries - result.tried, rng):
                    strikes.append(strike)
                    self.say('  '.join([name, strike.what, *strike.problems]))
                problems += ending(run)
            except Hangs as error:
                problems.append(str(error))
        if not strikes:
            self._shorten_reference(folder)
        result.add(folder, strikes, problems)

    def _shorten_reference(self, folder: Path) -> None:
        """Takes the time of a run that ended before it was struck, where it took less."""
        seconds = read_object(folder / 'run.json').get('seconds', self.reference.seconds)
        shorter = min(seconds, self.reference.seconds)
        self.reference = self.reference._replace(seconds=shorter)


def struck(kind: Kind, run: Run, most: int, rng: Random) -> Iterator[Strike]:
    """Strikes a run until it comes to its end, or often enough."""
    strikes = 0
    while strikes < most and not run.over and not run.failed:
        try:
            has_come = kind.moment(run.running_training(), run.reference, rng)
            strike = kind.strike(run, rng) if has_come else None
        except Hangs as error:
            strike = Strike('struck', False, (str(error),))
        if strike is not None:
            strikes += 1
            yield strike


def ending(run: Run) -> list[str]:
    """Lets a run come to its end, and says how that is not the end of the one left alone."""
    if not run.over and not run.failed:
        run.running_training().wait()
    if not run.over:
        last = ['', *run.training.said.splitlines()][-1]
        return [f'ends by itself with status {run.training.status}: {last}']
    return ['a traceback'] * has_traceback(run.training) + differences_from(
        run.reference.folder, run.folder
    )


def differences_from(one: Path, other: Path) -> list[str]:
    """Says how the other finished run is not equal to the one, bit by bit."""
    try:
        different = differences(one, other)
    except (OSError, LookupError, ValueError) as error:  # whatever is missing
        return [f'cannot be compared: {error!r}']
    problems = [f'{len(different)} values differ, as {different[0]}'] if different else []
    odd = {path.name for path in one.iterdir()} ^ {path.name for path in other.iterdir()}
    return problems + ([f'has other files: {", ".join(sorted(odd))}'] if odd else [])
