"""The paper's claims, put to made runs whose answers are known."""

import numpy as np
import pytest

from dbl.claims.answers import Answer, answers
from dbl.claims.claim import Claim
from dbl.claims.resampled import Resampled
from dbl.claims.table import claim_lines
from dbl.claims.verdict import verdict_of


class MadeRun:
    """A finished run whose scores are drawn: the higher ``skill``, the better by class."""

    def __init__(self, row, seed, skill, targets):
        rng = np.random.default_rng([seed, *row.encode()])
        self.row, self.seed, self.folder = row, seed, f'{row}/seed_{seed}'
        self.class_freq, self.classes = [200, 50, 5], ['a', 'b', 'c']
        self.groups = {'head': [0], 'medium': [1], 'tail': [2]}
        logits = rng.normal(size=targets.shape) + np.array(skill) * targets
        images = np.array([f'{i}.jpg' for i in range(len(targets))])
        self._scores = {'images': images, 'logits': logits, 'targets': targets}

    def scores(self):
        return self._scores


@pytest.fixture
def targets():
    return (np.random.default_rng(0).random((400, 3)) < [0.3, 0.2, 0.1]).astype(np.uint8)


@pytest.fixture
def found(targets):
    skills = {'erm': (2, 1, 0), 'rs': (1, 1, 1.5), 'r_bce': (1, 1, 1.5)}
    runs = [MadeRun(r, seed, s, targets) for r, s in skills.items() for seed in range(5)]
    return Resampled(runs, draws=200)


def test_what_is_so_is_shown_and_what_is_not_is_not(found):
    claims = [
        Claim('re-sampling lifts the tail', 'rs', 'erm', 'tail'),
        Claim('re-sampling costs the head', 'rs', 'erm', 'head', -1),
        Claim('it lifts the head', 'rs', 'erm', 'head'),
        Claim('nothing changes', 'r_bce', 'rs', 'total'),
        Claim('nobody has trained it', 'db', 'rs', 'total'),
    ]
    verdicts = [answer.verdict for answer in answers(found, claims)]
    assert verdicts == ['shown', 'shown', 'the opposite', 'not shown']


def test_two_claims_on_the_same_rows_have_the_same_interval(found):
    claims = [Claim(text, 'rs', 'erm', 'tail') for text in ('one', 'another')]
    first, second = answers(found, claims)
    assert (first.low == second.low).all()
    assert (first.high == second.high).all()


def test_the_best_other_row_is_compared_with(found):
    (answer,) = answers(found, [Claim('the best', 'erm', None, 'total')])
    assert answer.pair in ('ERM - RS', 'ERM - R-BCE')
    best = max(
        ('rs', 'r_bce'), key=lambda row: np.mean([found.means(row, s)[0, 0] for s in range(5)])
    )
    assert answer.pair == {'rs': 'ERM - RS', 'r_bce': 'ERM - R-BCE'}[best]


def test_the_mean_is_that_of_the_metric(found, targets):
    """Of the test set itself; and it lies within the interval of those drawn anew."""
    from dbl.evaluation import average_precision

    (answer,) = answers(found, [Claim('', 'rs', 'erm', 'tail')])
    runs = {(r.row, r.seed): r for r in [MadeRun(row, s, k, targets) for s in range(5)
            for row, k in (('erm', (2, 1, 0)), ('rs', (1, 1, 1.5)))]}  # fmt: skip
    ap = {key: average_precision(r.scores()['logits'], targets) for key, r in runs.items()}
    by_seed = [100 * (ap['rs', s] - ap['erm', s]) for s in range(5)]
    np.testing.assert_allclose(answer.mean[1:], np.mean(by_seed, axis=0))
    np.testing.assert_allclose(answer.mean[0], np.mean(by_seed))
    assert (answer.low < answer.mean).all()
    assert (answer.mean < answer.high).all()


def test_an_interval_covers_what_it_should(targets):
    """Of 60 pairs of rows of one skill about 95 % have 0 in the interval."""
    misses = 0
    for trial in range(60):
        rng = np.random.default_rng(trial)
        drawn = (rng.random((300, 3)) < [0.3, 0.2, 0.1]).astype(np.uint8)
        runs = [MadeRun(row, trial, (1, 1, 1), drawn) for row in ('rs', 'erm')]
        (answer,) = answers(
            Resampled(runs, draws=200, seed=trial), [Claim('', 'rs', 'erm', 'total')]
        )
        misses += not answer.low[0] < 0 < answer.high[0]
    assert misses <= 8


def test_few_seeds_are_said():
    assert verdict_of(0.5, 1, np.array([0.7])) == 'shown (1 seed)'
    assert verdict_of(0.5, 1, np.array([0.7] * 4)) == 'shown (4 seeds)'
    assert verdict_of(-1, 1, np.array([0.7] * 5)) == 'not shown'
    assert verdict_of(-1, -0.5, np.array([-0.7] * 5), sign=-1) == 'shown'


def test_runs_of_other_test_sets_are_refused(targets):
    from dbl.errors import InputError

    runs = [MadeRun('erm', 0, (1, 1, 1), targets), MadeRun('rs', 0, (1, 1, 1), targets[::-1])]
    with pytest.raises(InputError, match=r"'rs/seed_0' was tested on other images or labels"):
        Resampled(runs, draws=10)


@pytest.mark.parametrize(
    ('low', 'high', 'said'),
    [
        (0.04, 1.41, '+0.70 [0.04, 1.41]'),
        (-0.04, 1.41, '+0.70 [-0.04, 1.41]'),
        (0.2, 1.41, '+0.7 [0.2, 1.4]'),
        (0.0, 1.41, '+0.7 [0.0, 1.4]'),
    ],
)
def test_an_end_near_0_shows_its_side(low, high, said):
    """A claim was called shown beside [0.0, 1.4]."""
    ends = np.array([low]), np.array([high])
    answer = Answer('a claim', 'DB - RS', 'total', [0], np.array([0.7]), *ends, 'shown')
    assert claim_lines([answer])[1][4] == said
