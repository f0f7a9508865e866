"""What the paper claims of its rows, put to finished runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from logging import getLogger
from typing import NamedTuple

import numpy as np

from dbl.analysis.figures_of_runs import labels_of
from dbl.analysis.sampling_variance import sampling_variance
from dbl.analysis.variance_and_gain import spearman
from dbl.errors import InputError
from dbl.evaluation.resampling import resampled_ap, resampled_counts
from dbl.results.paper import NAMES
from dbl.results.runs import GROUPS, Run
from dbl.results.same_configuration import check_comparable

DRAWS = 2000
VARIANCE = 'unevenly sampled classes gain most, RS to DB'
ENOUGH_SEEDS = 5


class NoClaim(InputError):
    """Runs of rows that no claim is about."""


class Claim(NamedTuple):
    """A claim: one row beats another in a group, or loses to it.

    Attributes:
        text: In words.
        row: As ``'rs'``.
        other: The row that it is compared with; None for the best of all others.
        group: Of classes, or ``'total'``.
        sign: 1 where the row is to be better, -1 where it is to be worse.
    """

    text: str
    row: str
    other: str | None
    group: str
    sign: int = 1


CLAIMS = (
    Claim('re-sampling lifts the tail', 'rs', 'erm', 'tail'),
    Claim('re-sampling costs the head', 'rs', 'erm', 'head', -1),
    Claim('R-BCE repairs the head', 'r_bce', 'rs', 'head'),
    Claim('NTR lifts the tail', 'db', 'r_bce', 'tail'),
    Claim('focal adds', 'db_focal', 'db', 'total'),
    Claim('DB-Focal is the best row', 'db_focal', None, 'total'),
    Claim('re-weighting on top of re-sampling hurts', 'rs_rw_focal', 'rs_focal', 'total', -1),
    Claim('class-balanced weights on top of it hurt', 'rs_cb_focal', 'rs_focal', 'total', -1),
)


@dataclass(frozen=True)
class Answer:
    """What finished runs say of a claim.

    Attributes:
        claim: In words.
        pair: The rows, as ``'RS - ERM'``.
        group: That decides.
        seeds: Those that both rows have.
        mean: (4,), the difference in points: total, head, medium, tail.
        low: (4,), where its interval of 95 % begins.
        high: (4,), where it ends.
        verdict: ``'shown'``, ``'the opposite'`` or ``'not shown'``, with the number of seeds where
            they are few.
        digits: To show of the numbers.
    """

    claim: str
    pair: str
    group: str
    seeds: list[int]
    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    verdict: str
    digits: int = 1


def verdict_of(low: float, high: float, by_seed: np.ndarray, sign: int = 1) -> str:
    """Judges a difference: its interval, and whether every seed agrees in sign.

    >>> verdict_of(0.5, 2.0, np.array([1.0, 1.1, 0.9, 1.2, 1.3]))
    'shown'
    >>> verdict_of(-2.0, -0.5, np.array([-1.0, -1.2]))
    'the opposite (2 seeds)'
    >>> verdict_of(0.5, 2.0, np.array([1.0, -0.1, 0.9, 1.2, 1.3]))
    'not shown'
    """
    low, high = sorted([sign * low, sign * high])
    by_seed = sign * by_seed
    verdict, num_seeds = 'not shown', len(by_seed)
    if low > 0 and (by_seed > 0).all():
        verdict = 'shown'
    elif high < 0 and (by_seed < 0).all():
        verdict = 'the opposite'
    few = f' ({num_seeds} seed{"s" if num_seeds > 1 else ""})'
    return verdict if num_seeds >= ENOUGH_SEEDS else verdict + few


class Resampled:
    """Finished runs of several rows, on one test set and on many that are drawn anew from it.

    Args:
        runs: Of one data set; their scores are read.
        draws: Test sets to draw, B.
        seed: Of the draws.

    Attributes:
        ap: By row and seed, (1 + B, C): of the test set itself first, then of those drawn anew.

    Raises:
        InputError: The runs have scores of different test sets, or theirs are damaged.
    """

    def __init__(self, runs: Sequence[Run], draws: int = DRAWS, seed: int = 0) -> None:
        self.groups = runs[0].groups
        self.trained = np.array(runs[0].class_freq) > 0
        self.generator = np.random.default_rng(seed)
        first, counts = runs[0].scores(), None
        self.ap: dict[str, dict[int, np.ndarray]] = {}
        for run in runs:
            scores = run.scores()
            if any(not np.array_equal(scores[key], first[key]) for key in ('images', 'targets')):
                raise InputError(
                    f"'{run.folder}' was tested on other images, or labels, than "
                    f"'{runs[0].folder}'; train and test both on one data set"
                )
            if counts is None:
                counts = self._counts(scores['targets'], draws)
            found = resampled_ap(scores['logits'], scores['targets'], counts)
            self.ap.setdefault(run.row, {})[run.seed] = found

    def _counts(self, targets: np.ndarray, draws: int) -> np.ndarray:
        once = np.ones((1, len(targets)), dtype=np.int32)
        return np.concatenate([once, resampled_counts(targets, draws, self.generator)])

    def mean_ap(self, row: str, seed: int) -> np.ndarray:
        """mAP in points, (1 + B, 4): total, head, medium, tail."""
        ap = np.where(self.trained, self.ap[row][seed], np.nan)
        members = [range(ap.shape[1]), *(self.groups[group] for group in GROUPS[1:])]
        known = ~np.isnan(ap[0])
        means = [100 * ap[:, [c for c in own if known[c]]] for own in members]
        return np.stack(
            [own.mean(axis=1) if own.size else np.full(len(ap), np.nan) for own in means], axis=1
        )

    def seeds_of(self, *rows: str) -> list[int]:
        """The seeds that all of some rows have."""
        return sorted(set.intersection(*(set(self.ap.get(row, ())) for row in rows)))

    def best_other(self, row: str) -> str | None:
        """The row with the highest mean mAP of those that share a seed with one, but for it."""
        others = [other for other in self.ap if other != row and self.seeds_of(row, other)]
        return max(others, key=self._mean, default=None)

    def _mean(self, row: str) -> float:
        return float(np.mean([self.mean_ap(row, seed)[0, 0] for seed in self.ap[row]]))

    def difference(self, row: str, other: str) -> tuple[np.ndarray, np.ndarray]:
        """A row's mAP minus another's, by seed, (S, 4), and its interval of 95 %, (2, 4).

        Pictures and seeds are drawn anew together; a draw is the same for both rows.
        """
        seeds = self.seeds_of(row, other)
        by_seed = np.stack([self.mean_ap(row, s) - self.mean_ap(other, s) for s in seeds])
        interval = np.percentile(self.over_seeds(by_seed[:, 1:]), [2.5, 97.5], axis=0)
        return by_seed[:, 0], interval

    def over_seeds(self, drawn: np.ndarray) -> np.ndarray:
        """Means over seeds that are drawn anew as well: (S, B, ...) to (B, ...)."""
        num_seeds, draws = drawn.shape[:2]
        chosen = self.generator.integers(num_seeds, size=(num_seeds, draws))
        return drawn[chosen, np.arange(draws)].mean(axis=0)

    def gain(self, row: str, other: str) -> np.ndarray:
        """What each class gains in AP from another row to a row, by seed, (S, 1 + B, C)."""
        seeds = self.seeds_of(row, other)
        return np.stack([self.ap[row][s] - self.ap[other][s] for s in seeds])


def answered(runs: Sequence[Run], draws: int = DRAWS) -> list[Answer]:
    """Answers all claims whose rows are among finished runs.

    Raises:
        NoClaim: There are no two rows of a claim.
        InputError: The runs are not comparable.
    """
    check_comparable(runs)
    found = Resampled(runs, draws)
    every = answers(found)
    try:
        every += correlation(found, sampling_variance(labels_of(runs[0])))
    except InputError as error:
        getLogger('dbl').warning(f"{error}; Spearman's correlation is left out")
    if not every:
        rows = ', '.join(found.ap)
        raise NoClaim(f'no claim is about two of the rows that there are: {rows}')
    return every


def answers(found: Resampled, claims: Sequence[Claim] = CLAIMS) -> list[Answer]:
    """Answers the claims whose rows there are, in their order."""
    others = [(claim, claim.other or found.best_other(claim.row) or '') for claim in claims]
    return [
        _answer(found, claim, other) for claim, other in others if found.seeds_of(claim.row, other)
    ]


def _answer(found: Resampled, claim: Claim, other: str) -> Answer:
    by_seed, (low, high) = found.difference(claim.row, other)
    g = GROUPS.index(claim.group)
    return Answer(
        claim.text,
        f'{NAMES.get(claim.row, claim.row)} - {NAMES.get(other, other)}',
        claim.group,
        found.seeds_of(claim.row, other),
        by_seed.mean(axis=0),
        low,
        high,
        verdict_of(low[g], high[g], by_seed[:, g], claim.sign),
    )


def correlation(found: Resampled, variance: np.ndarray) -> list[Answer]:
    """Answers section 4.4: the classes that are sampled most unevenly gain most from RS to DB.

    Args:
        found: The runs.
        variance: Of the normalised sampling frequency within each class, (C,).
    """
    seeds = found.seeds_of('db', 'rs')
    if not seeds:
        return []
    gain = found.gain('db', 'rs')
    by_seed = np.array([spearman(variance, own[0]) for own in gain])
    means = [spearman(variance, own) for own in found.over_seeds(gain[:, 1:])]
    low, high = np.nanpercentile(means, [2.5, 97.5])
    mean = spearman(variance, gain[:, 0].mean(axis=0))
    verdict = verdict_of(low, high, by_seed)
    values = (np.array([x, np.nan, np.nan, np.nan]) for x in (mean, low, high))
    pair = "Spearman's correlation"
    return [Answer(VARIANCE, pair, 'total', seeds, *values, verdict, digits=2)]
