"""Finished runs, on their test set and on many test sets resampled from it."""

from collections.abc import Sequence

import numpy as np

from dbl.claims.claim import Measure
from dbl.errors import InputError
from dbl.evaluation.resampling import resampled_ap, resampled_counts, resampled_f1
from dbl.results.f1_table import decisions_of
from dbl.results.runs import GROUPS, Run

DRAWS = 2000


class Resampled:
    """Finished runs of several rows, on one test set and on many resampled from it.

    Args:
        runs: Runs on one data set. Their scores are read.
        draws: How many test sets to draw, B.
        seed: Seed of the draws.
        measure: Average precision, or F1 with a threshold from validation.

    Attributes:
        measured: By row and seed, (1 + B, C): first on the test set itself, then on the resampled
            ones.

    Raises:
        InputError: The runs have scores of different test sets, or damaged scores.
    """

    def __init__(
        self, runs: Sequence[Run], draws: int = DRAWS, seed: int = 0, measure: Measure = 'map'
    ) -> None:
        self.groups = runs[0].groups
        self.trained = np.array(runs[0].class_freq) > 0
        self.seed = seed
        first, counts = runs[0].scores(), None
        self.measured: dict[str, dict[int, np.ndarray]] = {}
        for run in runs:
            scores = run.scores()
            if any(not np.array_equal(scores[key], first[key]) for key in ('images', 'targets')):
                raise InputError(
                    f"'{run.folder}' was tested on other images or labels than "
                    f"'{runs[0].folder}'; train and test both on one data set"
                )
            if counts is None:
                counts = self._counts(scores['targets'], draws)
            if measure == 'f1':
                found = resampled_f1(*decisions_of(run), counts)
            else:
                found = resampled_ap(scores['logits'], scores['targets'], counts)
            self.measured.setdefault(run.row, {})[run.seed] = found

    def _counts(self, targets: np.ndarray, draws: int) -> np.ndarray:
        once = np.ones((1, len(targets)), dtype=np.int32)
        return np.concatenate(
            [once, resampled_counts(targets, draws, np.random.default_rng(self.seed))]
        )

    def means(self, row: str, seed: int) -> np.ndarray:
        """mAP, or macro F1, in points, (1 + B, 4): total, head, medium, tail."""
        ap = np.where(self.trained, self.measured[row][seed], np.nan)
        members = [range(ap.shape[1]), *(self.groups[group] for group in GROUPS[1:])]
        known = ~np.isnan(ap[0])
        means = [100 * ap[:, [c for c in own if known[c]]] for own in members]
        return np.stack(
            [own.mean(axis=1) if own.size else np.full(len(ap), np.nan) for own in means], axis=1
        )

    def seeds_of(self, *rows: str) -> list[int]:
        """The seeds that all the given rows have."""
        return sorted(set.intersection(*(set(self.measured.get(row, ())) for row in rows)))

    def best_other(self, row: str, without: Sequence[str] = ()) -> str | None:
        """The row with the highest mean among the others that share a seed with ``row``."""
        rows = [other for other in self.measured if other not in (row, *without)]
        others = [other for other in rows if self.seeds_of(row, other)]
        return max(others, key=self._mean, default=None)

    def _mean(self, row: str) -> float:
        return float(np.mean([self.means(row, seed)[0, 0] for seed in self.measured[row]]))

    def difference(self, row: str, other: str) -> tuple[np.ndarray, np.ndarray]:
        """A row's means minus another's, by seed, (S, 4), and its 95 % interval, (2, 4).

        Pictures and seeds are resampled together. A draw is the same for both rows.
        """
        seeds = self.seeds_of(row, other)
        return self.with_interval([self.means(row, s) - self.means(other, s) for s in seeds])

    def alone(self, row: str) -> tuple[np.ndarray, np.ndarray]:
        """A row's means, by seed, (S, 4), and their 95 % interval, (2, 4)."""
        return self.with_interval([self.means(row, s) for s in self.seeds_of(row)])

    def with_interval(self, found: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """Splits what was found for each seed, (1 + B, 4), into the test set's and an interval."""
        by_seed = np.stack(found)
        interval = np.percentile(self.over_seeds(by_seed[:, 1:]), [2.5, 97.5], axis=0)
        return by_seed[:, 0], interval

    def over_seeds(self, drawn: np.ndarray) -> np.ndarray:
        """Means over resampled seeds, always the same ones: (S, B, ...) to (B, ...)."""
        num_seeds, draws = drawn.shape[:2]
        generator = np.random.default_rng((self.seed, num_seeds))
        chosen = generator.integers(num_seeds, size=(num_seeds, draws))
        return drawn[chosen, np.arange(draws)].mean(axis=0)

    def gain(self, row: str, other: str) -> np.ndarray:
        """What each class gains in AP from ``other`` to ``row``, by seed, (S, 1 + B, C)."""
        seeds = self.seeds_of(row, other)
        return np.stack([self.measured[row][s] - self.measured[other][s] for s in seeds])
