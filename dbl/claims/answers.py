"""What finished runs say about the paper's claims."""

from collections.abc import Sequence
from dataclasses import dataclass
from logging import getLogger

import numpy as np

from dbl.analysis.figures_of_runs import labels_of
from dbl.analysis.sampling_variance import sampling_variance
from dbl.analysis.variance_and_gain import spearman
from dbl.claims.claim import CLAIMS, Claim
from dbl.claims.resampled import DRAWS, Resampled
from dbl.claims.verdict import verdict_of
from dbl.errors import InputError
from dbl.results.paper import NAMES
from dbl.results.runs import GROUPS, Run
from dbl.results.same_configuration import check_comparable

VARIANCE = 'unevenly sampled classes gain most, RS to DB'


class NoClaim(InputError):
    """No claim is about the rows of the runs."""


@dataclass(frozen=True)
class Answer:
    """What finished runs say about a claim.

    Attributes:
        claim: The claim, in words.
        pair: The two rows, as ``'RS - ERM'``.
        group: The group that decides.
        seeds: The seeds that both rows have.
        mean: (4,), the difference in points: total, head, medium, tail.
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


def answered(runs: Sequence[Run], draws: int = DRAWS) -> list[Answer]:
    """Answers all claims whose rows are among finished runs.

    Raises:
        NoClaim: No claim has both its rows among the runs.
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
        raise NoClaim(f'no claim compares two of these rows: {rows}')
    return every


def answers(found: Resampled, claims: Sequence[Claim] = CLAIMS) -> list[Answer]:
    """Answers the claims whose rows have runs, in the order of the claims."""
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
