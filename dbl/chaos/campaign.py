"""A campaign: it strikes runs until enough is tried, and compares each with one left alone."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from dbl.chaos.kinds import KINDS, Kind
from dbl.chaos.run import Reference, Run
from dbl.chaos.strike import Strike, has_traceback
from dbl.chaos.training import Hangs
from dbl.files import read_object
from dbl.results.comparison import differences

MEGABYTE = 2**20
# Runs that may end unstruck, besides one for each try. Where tries are few, several runs in a row
# may end before their moment by chance.
SPARE = 9
# Checkpoints that a run's own disk has room for: the three that checkpoint.keep=3 leaves, the next
# one, the best, and its part. With less room, a training would fail before it is struck.
ROOM = 6


@dataclass
class Result:
    """The outcome of the tries of one kind.

    Attributes:
        tried: How many strikes there were.
        survived: Strikes after which the run ended bit for bit like the one left alone.
        hits: Strikes that hit what they were aimed at.
        failures: For each failure, the run's folder and what was wrong.
        unable: Why the kind could not be tried. Empty if it could.
    """

    tried: int = 0
    survived: int = 0
    hits: int = 0
    failures: list[str] = field(default_factory=list)
    unable: str = ''

    def add(self, folder: Path, strikes: Sequence[Strike], problems: Sequence[str]) -> None:
        """Adds a run's strikes, and what was wrong with its end."""
        self.tried += len(strikes)
        self.hits += sum(strike.hit for strike in strikes)
        if not problems:
            self.survived += sum(not strike.problems for strike in strikes)
        failed = [f'{"; ".join(s.problems)} ({s.what})' for s in strikes if s.problems]
        self.failures += [f'{folder}: {failure}' for failure in (*failed, *problems)]


class Campaign:
    """Strikes trainings of one config.

    Args:
        folder: Where the runs go.
        config: The config, such as ``demo/db_focal``.
        options: ``KEY=VALUE`` texts, as for ``--cfg-options``.
        reference: The run that was left alone.
        seed: Seed of the moments. Those of one kind do not depend on the other kinds.
        say: Called with a line for each strike.
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
        """Tries a kind ``tries`` times. As many runs, and SPARE more, may end unstruck."""
        kind, rng = KINDS[name], Random(f'{self.seed} {name}')
        result = Result(unable=kind.unable(self.reference))
        for number in range(1, 0 if result.unable else 2 * tries + SPARE + 1):
            if result.tried < tries:
                self._struck_run(kind, f'{name}_{number}', tries, result, rng)
        if result.tried < tries and not result.unable:
            result.failures.append(f'{name}: only {result.tried} of {tries} tries came to a strike')
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
        """Takes over the time of a run that ended before it was struck, if it was shorter."""
        seconds = read_object(folder / 'run.json').get('seconds', self.reference.seconds)
        shorter = min(seconds, self.reference.seconds)
        self.reference = self.reference._replace(seconds=shorter)


def struck(kind: Kind, run: Run, most: int, rng: Random) -> Iterator[Strike]:
    """Strikes a run until it ends or has been struck often enough."""
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
    """Lets a run come to its end, and says how that differs from the run left alone."""
    if not run.over and not run.failed:
        run.running_training().wait()
    if not run.over:
        last = ['', *run.training.said.splitlines()][-1]
        return [f'ends by itself with status {run.training.status}: {last}']
    return ['a traceback'] * has_traceback(run.training) + differences_from(
        run.reference.folder, run.folder
    )


def differences_from(one: Path, other: Path) -> list[str]:
    """Says how two finished runs differ, bit by bit."""
    try:
        different = differences(one, other)
    except (OSError, LookupError, ValueError) as error:  # whatever is missing
        return [f'cannot be compared: {error!r}']
    problems = [f'{len(different)} values differ, such as {different[0]}'] if different else []
    odd = {path.name for path in one.iterdir()} ^ {path.name for path in other.iterdir()}
    return problems + ([f'has other files: {", ".join(sorted(odd))}'] if odd else [])
