from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import f1_score, precision_recall_curve, precision_score, recall_score

from dbl.errors import InputError
from dbl.evaluation.rare_classes import whose_images
from dbl.evaluation.thresholds import Thresholds, best_f1_thresholds, precision_thresholds

SHAPE = st.shared(st.tuples(st.integers(1, 30), st.integers(1, 5)))
SCORES = arrays(np.float64, SHAPE, elements=st.sampled_from([0, 0.1, 0.25, 0.5, 0.9, 1]))
TARGETS = arrays(np.int64, SHAPE, elements=st.integers(0, 1)).filter(lambda targets: targets.any())


def middles(scores) -> list[float]:
    """All thresholds that tell the scores apart, midway between them, from the highest."""
    levels = sorted({0.0, *np.ravel(scores).tolist()}, reverse=True)
    lowest = [0.0] if 0 in scores else []
    return [(high + low) / 2 for high, low in pairwise(levels)] + lowest


def brute_force_f1(scores, targets) -> float:
    """The first of the best: scikit-learn's F1 for each."""
    found = [(f1_score(targets, scores >= t, zero_division=0), t) for t in middles(scores)]
    best = max(f1 for f1, _ in found)
    return next(t for f1, t in found if f1 >= best - 1e-12)


def brute_force_precision(scores, targets, precision) -> float:
    enough = [
        t for t in middles(scores)
        if precision_score(targets, scores >= t, zero_division=0) >= precision - 1e-12
    ]  # fmt: skip
    return min(enough, default=np.inf)


def pool(array, classes):
    return np.asarray(array)[:, classes].ravel()


@given(SCORES, TARGETS, st.integers(1, 12))
def test_they_are_those_of_brute_force_by_class_or_by_pool(scores, targets, least):
    found = best_f1_thresholds(scores, targets, least)
    counts = targets.sum(axis=0)
    rare = np.flatnonzero(counts < least)
    together = rare if counts[rare].sum() >= least else np.arange(len(counts))
    for c, (value, chosen) in enumerate(zip(found.values, found.chosen, strict=True)):
        own = [c] if counts[c] >= least else together
        assert (chosen == 'own') == (counts[c] >= least)
        assert value == brute_force_f1(pool(scores, own), pool(targets, own))


@given(SCORES, TARGETS, st.integers(1, 12), st.sampled_from([0.1, 0.5, 2 / 3, 0.7, 0.9, 1]))
def test_precision_is_that_of_brute_force_by_class_or_by_pool(scores, targets, least, precision):
    found = precision_thresholds(scores, targets, precision, least)
    for c, chosen in enumerate(found.chosen):
        own = [d for d, other in enumerate(found.chosen) if chosen == 'all' or other == chosen]
        own = [c] if chosen == 'own' else own
        expected = brute_force_precision(pool(scores, own), pool(targets, own), precision)
        assert found.values[c] == expected


@given(SCORES, TARGETS)
def test_no_threshold_of_scikit_learns_curve_is_better(scores, targets):
    found = best_f1_thresholds(scores, targets, least=1)
    decisions = found.decide(scores)
    for c in np.flatnonzero(targets.any(axis=0)):
        precision, recall, _ = precision_recall_curve(targets[:, c], scores[:, c])
        best = (2 * precision * recall / np.maximum(precision + recall, 1e-12)).max()
        assert f1_score(targets[:, c], decisions[:, c]) == pytest.approx(best)


@given(SCORES, TARGETS)
def test_a_higher_precision_takes_no_lower_threshold(scores, targets):
    values = [precision_thresholds(scores, targets, p, least=1).values for p in (0.3, 0.6, 1)]
    assert (values[0] <= values[1]).all()
    assert (values[1] <= values[2]).all()


@given(SCORES, TARGETS, st.integers(1, 12))
def test_the_order_of_images_does_not_matter(scores, targets, least):
    found = best_f1_thresholds(scores, targets, least)
    again = best_f1_thresholds(scores[::-1], targets[::-1], least)
    assert found.values.tolist() == again.values.tolist()
    assert found.chosen == again.chosen


def test_a_worked_example():
    # Taking two: 2 * 1 / (2 + 2). Taking three: 2 * 2 / (3 + 2), the best. All four: 2 * 2 / 6.
    found = best_f1_thresholds([[0.8], [0.6], [0.4], [0.1]], [[1], [0], [1], [0]], least=1)
    assert found.values.tolist() == [0.25]
    assert found.chosen == ['own']


def test_of_equal_f1_the_highest_is_taken():
    # One of one, and two of four: both have 2/3.
    scores, targets = [[0.9], [0.5], [0.5], [0.3], [0.1]], [[1], [0], [0], [1], [0]]
    assert f1_score(targets, np.array(scores) >= 0.2) == pytest.approx(2 / 3)
    assert best_f1_thresholds(scores, targets, least=1).values.tolist() == [0.7]


def test_tied_scores_are_never_parted():
    scores, targets = np.array([[0.5]] * 4), [[1], [1], [0], [0]]
    found = best_f1_thresholds(scores, targets, least=1)
    assert found.values.tolist() == [0.25]
    assert found.decide(scores).all()


def test_rare_classes_share_the_best_micro_f1():
    rng = np.random.default_rng(0)
    targets = rng.random((200, 6)) < [0.5, 0.3, 0.04, 0.03, 0.02, 0.02]
    scores = (rng.random((200, 6)) + targets) / 2
    found = best_f1_thresholds(scores, targets, least=20)
    assert found.chosen == ['own', 'own', 'rare', 'rare', 'rare', 'rare']
    (shared,) = set(found.values[2:])
    rare, own = targets[:, 2:], scores[:, 2:]
    best = max(f1_score(rare, own >= t, average='micro') for t in np.linspace(0, 1, 101))
    assert f1_score(rare, own >= shared, average='micro') >= best


def test_rare_classes_with_too_few_positives_together_take_the_pool_of_all():
    targets = np.zeros((50, 3), dtype=int)
    targets[:20, 0] = targets[:3, 1] = 1
    scores = np.random.default_rng(1).random((50, 3))
    found = best_f1_thresholds(scores, targets, least=5)
    assert found.chosen == ['own', 'all', 'all']
    assert found.values[1] == found.values[2] == brute_force_f1(scores.ravel(), targets.ravel())
    assert found.values[0] == brute_force_f1(scores[:, 0], targets[:, 0])


def test_least_is_the_number_that_suffices():
    positive = np.arange(12)[:, None] < [10, 9, 1]
    assert whose_images(positive) == ['own', 'rare', 'rare']
    assert whose_images(positive[:, :2]) == ['own', 'all']
    assert whose_images(positive, least=20) == ['rare', 'rare', 'rare']
    assert whose_images(positive, least=21) == ['all', 'all', 'all']


def test_a_class_that_all_images_show_is_always_predicted():
    scores = np.array([[0.9], [0.2], [0.6]])
    for found in (
        best_f1_thresholds(scores, [[1]] * 3, least=1),
        precision_thresholds(scores, [[1]] * 3, precision=1, least=1),
    ):
        assert found.values.tolist() == [0.1]
        assert found.decide(scores).all()


def test_one_image():
    found = best_f1_thresholds([[0.8, 0.3]], [[1, 0]])
    assert found.values.tolist() == [0.55, 0.55]
    assert found.chosen == ['all', 'all']


def test_scores_of_zero_and_neighbouring_floats_are_still_told_apart():
    high = np.nextafter(0.7, 1)
    assert best_f1_thresholds([[0.7], [high]], [[0], [1]], least=1).values.tolist() == [high]
    assert best_f1_thresholds([[0.0], [0.0]], [[1], [0]], least=1).values.tolist() == [0]
    tiny = np.nextafter(0, 1)
    assert best_f1_thresholds([[tiny], [0.0]], [[1], [0]], least=1).values.tolist() == [tiny]


def test_scores_in_float32_are_decided_on_as_they_were_learnt():
    rng = np.random.default_rng(2)
    targets = rng.random((300, 4)) < 0.3
    scores = ((rng.random((300, 4)) + targets) / 2).astype(np.float32)
    found = best_f1_thresholds(scores, targets)
    assert (found.decide(scores) == found.decide(scores.astype(np.float64))).all()
    again = Thresholds(np.array(found.values.tolist()), found.chosen)  # as a file keeps them
    assert (again.decide(scores) == found.decide(scores)).all()


def test_the_lowest_threshold_of_a_precision_has_the_most_recall():
    # Precision by images taken: 1, 1/2, 2/3, 3/4, 3/5. It falls short at two, and is back at four.
    scores = [[0.9], [0.8], [0.6], [0.4], [0.2]]
    targets = [[1], [0], [1], [1], [0]]
    found = [precision_thresholds(scores, targets, p, least=1) for p in (0.6, 0.75, 0.8)]
    np.testing.assert_allclose([own.values[0] for own in found], [0.1, 0.3, 0.85])
    recall = [recall_score(targets, own.decide(scores)) for own in found]
    assert recall == [1, 1, pytest.approx(1 / 3)]


def test_a_precision_that_is_reached_nowhere_predicts_nothing():
    found = precision_thresholds([[0.9], [0.5], [1.0]], [[0], [1], [0]], precision=0.5, least=1)
    assert found.values.tolist() == [np.inf]
    assert found.chosen == ['own']
    assert not found.decide([[1.0]]).any()


def test_rare_classes_share_the_threshold_of_a_precision():
    """One of them falls short, and both together do not."""
    scores = np.array([[0.9, 0.9, 0.1], [0.7, 0.8, 0.85], [0.6, 0.1, 0.3], [0.2, 0.1, 0.1]])
    targets = np.array([[1, 1, 0], [1, 1, 0], [1, 0, 1], [0, 0, 0]])
    found = precision_thresholds(scores, targets, precision=0.75, least=3)
    assert found.chosen == ['own', 'rare', 'rare']
    np.testing.assert_allclose(found.values, [0.1, 0.2, 0.2])
    taken = found.decide(scores)[:, 1:]
    assert precision_score(targets[:, 1:], taken, average='micro') == 0.75
    assert precision_score(targets[:, 1:], taken, average=None).tolist() == [1, 0.5]


@pytest.mark.parametrize(
    'learn', [best_f1_thresholds, lambda s, y: precision_thresholds(s, y, 0.5)]
)
@pytest.mark.parametrize(
    ('scores', 'targets', 'message'),
    [
        ([[0.5, np.nan]], [[1, 0]], r'scores must lie in \[0, 1\], but got nan'),
        ([[0.5, 1.5]], [[1, 0]], r'but got 1\.5; take the sigmoid of logits'),
        ([[0.5, -0.5]], [[1, 0]], r'but got -0\.5; take the sigmoid'),
        (np.zeros((3, 2)), np.ones((3, 3)), r'got \(3, 2\) and \(3, 3\)'),
        (np.zeros(3), np.ones(3), r'one shape \(N, C\)'),
        (np.zeros((0, 2)), np.ones((0, 2)), r'got \(0, 2\)'),
        ([[0.5]], [[0.5]], r'targets must be 0 or 1, but got 0\.5'),
        ([[0.5]], [[-1]], 'targets must be 0 or 1, but got -1'),
    ],
)
def test_they_refuse(learn, scores, targets, message):
    with pytest.raises(ValueError, match=message):
        learn(scores, targets)


def test_images_without_any_class_are_the_users_to_put_right():
    with pytest.raises(InputError, match='no validation image shows any class'):
        best_f1_thresholds(np.full((4, 2), 0.5), np.zeros((4, 2)))


@pytest.mark.parametrize('precision', [0, -1, 1.1, np.nan])
def test_a_precision_is_a_share(precision):
    with pytest.raises(ValueError, match=r'precision must lie in \(0, 1\]'):
        precision_thresholds([[0.5]], [[1]], precision)


@pytest.mark.parametrize('least', [0, -3])
def test_least_is_at_least_one(least):
    with pytest.raises(ValueError, match=f'least must be at least 1, but got {least}'):
        best_f1_thresholds([[0.5]], [[1]], least)
