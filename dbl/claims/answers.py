"""What finished runs say about the paper's claims."""

from collections.abc import Sequence
from dataclasses import dataclass
from logging import getLogger

import numpy as np

from dbl.analysis.figures_of_runs import labels_of
from dbl.analysis.sampling_variance import sampling_variance
from dbl.analysis.variance_and_gain import spearman
from dbl.claims.claim import CLAIMS, CLAIMS_BY, Claim, Measure
from dbl.claims.resampled import DRAWS, Resampled
from dbl.claims.verdict import verdict_of
from dbl.errors import InputError
from dbl.results.paper import NAMES
from dbl.results.runs import GROUPS, Run

VARIANCE = 'unevenly sampled classes gain most, RS to DB'


class NoClaim(InputError):
    """No claim is about the rows of the runs."""


@dataclass(frozen=True)
class Answer:
    """What finished runs say about a claim.

    Attributes:
        claim: The claim, in words.
        pair: The two rows, as ``'RS - ERM'``, or the one row.
        group: The group that decides.
        seeds: The seeds that both rows have.
        mean: (4,), the difference in points, or the row's own: total, head, medium, tail.
        low: (4,), the lower end of its 95 % interval.
        high: (4,), the upper end.
        verdict: ``'shown'``, ``'the opposite'`` or ``'not shown'``, with the number of seeds if
            there are few.
        digits: How many decimals to show.
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


def answered(runs: Sequence[Run], draws: int = DRAWS, measure: Measure = 'map') -> list[Answer]:
    """Answers all claims whose rows are among finished runs.

    Args:
        runs: Comparable ones, see :func:`~dbl.results.same_configuration.check_comparable`.
        draws: Number of test sets to draw.
        measure: What to compare.

    Raises:
        NoClaim: No claim has both its rows among the runs.
        InputError: The runs have no scores of the same test images.
    """
    found = Resampled(runs, draws, measure=measure)
    every = answers(found, CLAIMS_BY[measure])
    if measure == 'map':
        every += _correlation(found, runs[0])
    if not every:
        rows = ', '.join(found.measured)
        other = 'f1' if measure == 'map' else 'map'
        raise NoClaim(
            f'no claim compares two of these rows: {rows}; other rows have claims with --measure '
            f'{other}'
        )
    return every


def _correlation(found: Resampled, run: Run) -> list[Answer]:
    try:
        return correlation(found, sampling_variance(labels_of(run)))
    except InputError as error:
        getLogger('dbl').warning(f"{error}; Spearman's correlation is left out")
        return []


def answers(found: Resampled, claims: Sequence[Claim] = CLAIMS) -> list[Answer]:
    """Answers the claims whose rows have runs, in the order of the claims."""
    asked = [(claim, rows) for claim in claims if (rows := rows_of(found, claim))]
    return [_answer(found, claim, rows) for claim, rows in asked if found.seeds_of(*rows)]


def rows_of(found: Resampled, claim: Claim) -> list[str]:
    """The row of a claim, and the one that it is compared with, if any; none without such one."""
    if claim.below is not None:
        return [claim.row]
    other = claim.other or found.best_other(claim.row, claim.without)
    return [claim.row, other] if other else []


def _answer(found: Resampled, claim: Claim, rows: Sequence[str]) -> Answer:
    alone = claim.below is not None
    by_seed, (low, high) = found.alone(*rows) if alone else found.difference(*rows)
    g, sign, limit = GROUPS.index(claim.group), -1 if alone else claim.sign, claim.below or 0
    return Answer(
        claim.text,
        ' - '.join(NAMES.get(row, row) for row in rows),
        claim.group,
        found.seeds_of(*rows),
        by_seed.mean(axis=0),
        low,
        high,
        verdict_of(low[g] - limit, high[g] - limit, by_seed[:, g] - limit, sign),
    )


def correlation(found: Resampled, variance: np.ndarray) -> list[Answer]:
    """Answers section 4.4: the classes that are sampled most unevenly gain most from RS to DB.

    Args:
        found: The runs.
        variance: Variance of the normalised sampling frequency within each class, (C,).
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
    pair = "Spearman's correlation"
    shown = _in_total(mean), _in_total(low), _in_total(high)
    return [Answer(VARIANCE, pair, 'total', seeds, *shown, verdict, digits=2)]


def _in_total(value: float) -> np.ndarray:
    return np.array([value, np.nan, np.nan, np.nan])
