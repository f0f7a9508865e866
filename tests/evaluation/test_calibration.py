import json

import numpy as np
import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV, calibration_curve
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, log_loss

from dbl.errors import InputError
from dbl.evaluation import average_precision
from dbl.evaluation.calibration import calibrated, isotonic, platt, temperature
from dbl.evaluation.calibration_error import (
    brier_score,
    expected_calibration_error,
    reliability_curve,
)

LEARN = [temperature, platt, isotonic]
SHAPE = st.shared(st.tuples(st.integers(1, 30), st.integers(1, 4)))
LOGITS = arrays(np.float64, SHAPE, elements=st.integers(-40, 40).map(lambda z: z / 8))
TARGETS = arrays(np.int64, SHAPE, elements=st.integers(0, 1)).filter(lambda targets: targets.any())
SCORES = arrays(np.float64, SHAPE, elements=st.floats(0, 1))


@pytest.fixture
def learnt():
    """Logits whose true probability is known: sigmoid(a z + b) by class; and their labels."""
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(4000, 3)) * 3
    probabilities = expit(logits * [0.5, 2.0, 1.0] + [-1.0, 0.5, -3.0])
    return logits, rng.random(logits.shape) < probabilities, probabilities


@pytest.mark.parametrize('learn', LEARN)
def test_it_is_plain_data(learn, learnt):
    logits, targets, _ = learnt
    calibration = learn(logits, targets)
    again = json.loads(json.dumps(calibration))
    assert again == calibration
    np.testing.assert_array_equal(calibrated(logits, again), calibrated(logits, calibration))


def test_a_checkpoint_of_plain_data_takes_it(learnt, tmp_path):
    for learn in LEARN:
        torch.save(learn(*learnt[:2]), tmp_path / 'c.pth')
        again = torch.load(tmp_path / 'c.pth', weights_only=True)
        assert again == learn(*learnt[:2])


@given(LOGITS, TARGETS, st.sampled_from([1, 3, 10]))
def test_no_class_changes_its_order(logits, targets, least):
    fits = [temperature(logits, targets), platt(logits, targets, least)]
    for calibration in [*fits, isotonic(logits, targets, least)]:
        scores = calibrated(logits, calibration)
        assert scores.shape == logits.shape
        assert ((scores >= 0) & (scores <= 1)).all()
        order = np.argsort(logits, axis=0, kind='stable')
        assert (np.diff(np.take_along_axis(scores, order, axis=0), axis=0) >= 0).all()


def test_average_precision_stays(learnt):
    logits, targets, _ = learnt
    ap = average_precision(logits, targets)
    for learn in (temperature, platt):
        found = average_precision(calibrated(logits, learn(logits, targets)), targets)
        assert found.tolist() == ap.tolist()
    ties = average_precision(calibrated(logits, isotonic(logits, targets)), targets)
    np.testing.assert_allclose(ties, ap, atol=0.05)
    assert (ties != ap).any()


def test_temperature_is_the_one_of_the_least_log_loss(learnt):
    logits, targets, _ = learnt
    calibration = temperature(logits, targets)
    (slope,) = set(calibration['slope'])
    assert calibration['offset'] == [0, 0, 0]
    assert calibration['chosen'] == ['all'] * 3

    def loss(factor):
        return log_loss(targets.ravel(), expit(factor * logits).ravel())

    assert all(loss(slope) < loss(slope * other) for other in (0.5, 0.9, 0.999, 1.001, 1.1, 2))


def test_temperature_is_scikit_learns_on_one_class():
    """Regression on the logit alone, without a penalty or an intercept."""
    rng = np.random.default_rng(1)
    logits = rng.normal(size=(500, 1)) * 5
    targets = rng.random((500, 1)) < expit(logits / 3)
    own = LogisticRegression(C=np.inf, fit_intercept=False).fit(logits, targets.ravel())
    assert temperature(logits, targets)['slope'] == [pytest.approx(own.coef_.item(), rel=1e-4)]


@pytest.mark.parametrize(('sign', 'slope'), [(1, 100), (-1, 0.01)], ids=['right', 'wrong'])
def test_temperature_stays_within_bounds(sign, slope):
    logits, targets = np.array([[3.0], [-3.0]]), np.array([[1], [0]])
    found = temperature(sign * logits, targets)['slope']
    assert found == [pytest.approx(slope, rel=1e-3)]


def test_platt_finds_the_true_probabilities(learnt):
    logits, targets, probabilities = learnt
    calibration = platt(logits, targets)
    np.testing.assert_allclose(calibration['slope'], [0.5, 2, 1], rtol=0.12)
    np.testing.assert_allclose(calibration['offset'], [-1, 0.5, -3], atol=0.4)
    np.testing.assert_allclose(calibrated(logits, calibration), probabilities, atol=0.05)


class Given(ClassifierMixin, BaseEstimator):
    """A classifier whose decision function is its input."""

    def fit(self, inputs, targets):
        self.classes_ = np.unique(targets)
        return self

    def decision_function(self, inputs):
        return np.ravel(inputs)


@pytest.mark.parametrize(('scale', 'shift'), [(0.01, 0), (1, 0), (1, -20), (500, 0)])
def test_platt_is_scikit_learns(scale, shift):
    """Fitted to the same images as it is applied to: its split gives it the whole set."""
    rng = np.random.default_rng(2)
    logits = rng.normal(size=(300, 1))
    targets = rng.random((300, 1)) < expit(2 * logits - 1)
    logits = scale * logits + shift
    own = calibrated(logits, platt(logits, targets))
    everything = [(np.arange(300), np.arange(300))]
    other = CalibratedClassifierCV(Given(), method='sigmoid', cv=everything, ensemble=True)
    expected = other.fit(logits, targets.ravel()).predict_proba(logits)[:, 1:]
    np.testing.assert_allclose(own, expected, atol=1e-5)


def test_platt_is_nearly_logistic_regression_on_many_images(learnt):
    logits, targets, _ = learnt
    calibration = platt(logits, targets)
    for c in range(3):
        own = LogisticRegression(C=np.inf).fit(logits[:, [c]], targets[:, c])
        assert calibration['slope'][c] == pytest.approx(own.coef_.item(), rel=0.02)
        assert calibration['offset'][c] == pytest.approx(own.intercept_.item(), rel=0.02)


def test_platt_stays_finite_where_a_class_makes_no_mistake():
    logits = np.array([[3.0], [2.0], [-1.0], [-4.0], [-5.0]])
    scores = calibrated(logits, platt(logits, [[1], [1], [0], [0], [0]], least=1))
    # Platt's targets: 3/4 for two positives, and 1/5 for three negatives.
    assert scores.max() < 0.9
    assert scores.min() > 0.1
    assert scores[1, 0] > 0.6 > 0.4 > scores[2, 0]


def test_platt_keeps_the_order_of_logits_that_mislead():
    rng = np.random.default_rng(3)
    logits = rng.normal(size=(400, 1))
    targets = rng.random((400, 1)) < expit(-logits - 2)
    calibration = platt(logits, targets)
    assert calibration['slope'] == [pytest.approx(0.01 / logits.std())]
    scores = calibrated(logits, calibration)
    np.testing.assert_allclose(scores, targets.mean(), atol=0.02)
    assert (np.argsort(scores, axis=0) == np.argsort(logits, axis=0)).all()


@pytest.mark.parametrize('label', [0, 1])
def test_a_class_of_one_label_is_calibrated_with_platts_target(label):
    logits = np.linspace(-2, 2, 9)[:, None] + [0, 0.1]
    targets = np.column_stack([np.full(9, label), np.arange(9) > 4])
    calibration = platt(logits, targets, least=1)
    assert calibration['chosen'] == ['own' if label else 'all', 'own']
    scores = calibrated(logits, calibration)
    assert np.isfinite(scores).all()
    if label:
        np.testing.assert_allclose(scores[:, 0], 10 / 11, atol=0.02)


@pytest.mark.parametrize('learn', [platt, isotonic])
def test_rare_classes_are_pooled(learn):
    rng = np.random.default_rng(4)
    logits = rng.normal(size=(300, 4))
    targets = rng.random((300, 4)) < expit(logits - [0, 3, 3.5, 4])
    least = int(targets[:, 1:].sum(axis=0).max()) + 1
    calibration = learn(logits, targets, least)
    assert calibration['chosen'] == ['own', 'rare', 'rare', 'rare']
    pooled = learn(logits[:, 1:].reshape(-1, 1), targets[:, 1:].reshape(-1, 1), least)
    alone = learn(logits[:, :1], targets[:, :1], least)
    expected = [calibrated(logits[:, [c]], pooled if c else alone) for c in range(4)]
    np.testing.assert_array_equal(calibrated(logits, calibration), np.hstack(expected))


def test_isotonic_is_scikit_learns_beyond_what_it_saw_too(learnt):
    logits, targets, _ = learnt
    scores = calibrated(3 * logits, isotonic(logits, targets))
    for c in range(3):
        own = IsotonicRegression(out_of_bounds='clip').fit(logits[:, c], targets[:, c])
        np.testing.assert_allclose(scores[:, c], own.predict(3 * logits[:, c]), atol=1e-12)


def test_one_image():
    for learn in LEARN:
        scores = calibrated([[1.0, -1.0]], learn([[1.0, -1.0]], [[1, 0]]))
        assert scores.shape == (1, 2)
        assert scores[0, 0] > scores[0, 1]


@pytest.mark.parametrize('learn', LEARN)
@pytest.mark.parametrize(
    ('logits', 'targets', 'message'),
    [
        (np.zeros((3, 2)), np.ones((3, 3)), r'got \(3, 2\) and \(3, 3\)'),
        (np.zeros(3), np.ones(3), r'one shape \(N, C\)'),
        (np.zeros((0, 2)), np.ones((0, 2)), r'got \(0, 2\)'),
        ([[0.5]], [[0.5]], r'targets must be 0 or 1, but got 0\.5'),
    ],
)
def test_they_refuse(learn, logits, targets, message):
    with pytest.raises(ValueError, match=message):
        learn(logits, targets)


@pytest.mark.parametrize('value', [np.nan, np.inf, -np.inf])
def test_logits_that_are_not_finite_are_refused(value):
    for learn in LEARN:
        with pytest.raises(InputError, match='the logits are not finite'):
            learn([[value], [0.0]], [[1], [0]])
    calibration = temperature([[1.0], [0.0]], [[1], [0]])
    with pytest.raises(InputError, match='the logits are not finite'):
        calibrated([[value]], calibration)


@pytest.mark.parametrize('learn', [platt, isotonic])
def test_images_without_any_class_are_the_users_to_put_right(learn):
    with pytest.raises(InputError, match='no validation image shows any class'):
        learn(np.zeros((4, 2)), np.zeros((4, 2)))


@pytest.mark.parametrize('shape', [(2, 3), (2, 1), (2,)])
def test_a_calibration_is_of_its_classes_alone(shape):
    calibration = temperature(np.zeros((3, 2)), np.ones((3, 2)))
    with pytest.raises(ValueError, match='expected logits of 2 classes, as the calibration has'):
        calibrated(np.zeros(shape), calibration)


@given(SCORES, TARGETS, st.integers(1, 20), st.sampled_from(['width', 'count']))
@example(
    np.repeat([0.0, 0.25, 0.5, 1.0], [13, 1, 1, 7])[:, None], np.ones((22, 1), int), 9, 'count'
)
def test_the_curve_is_scikit_learns(scores, targets, bins, equal):
    mean, share, count = reliability_curve(scores[:, 0], targets[:, 0], bins, equal)
    strategy = {'width': 'uniform', 'count': 'quantile'}[equal]
    expected = calibration_curve(
        targets[:, 0], scores[:, 0], n_bins=bins, strategy=strategy, pos_label=1
    )
    np.testing.assert_allclose([share, mean], expected, atol=1e-12)
    assert count.sum() == len(scores)
    assert (count > 0).all()


@given(SCORES, TARGETS, st.integers(1, 20))
def test_the_error_is_that_of_a_plain_loop(scores, targets, bins):
    expected = np.zeros(scores.shape[1])
    for c in range(scores.shape[1]):
        for b in range(bins):
            low, high = np.linspace(0, 1, bins + 1)[b : b + 2]
            inside = (scores[:, c] > low) & (scores[:, c] <= high) | (scores[:, c] == 0) & (b == 0)
            if inside.any():
                gap = abs(scores[inside, c].mean() - targets[inside, c].mean())
                expected[c] += inside.mean() * gap
    found = expected_calibration_error(scores, targets, bins)
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_the_error_of_a_worked_example():
    # Bins (0, 1/2] and (1/2, 1]: |0.2 - 1/2| and |0.8 - 1|, of two images and of one.
    scores, targets = [[0.1], [0.3], [0.8]], [[0], [1], [1]]
    found = expected_calibration_error(scores, targets, bins=2)
    assert found.tolist() == [pytest.approx(2 / 3 * 0.3 + 1 / 3 * 0.2)]
    # Of equal counts, cut at the median 0.3, which is in the lower one: the same two bins.
    assert expected_calibration_error(scores, targets, 2, 'count').tolist() == found.tolist()


def test_probabilities_have_next_to_no_error(learnt):
    logits, targets, probabilities = learnt
    for equal in ('width', 'count'):
        assert expected_calibration_error(probabilities, targets, equal=equal).max() < 0.03
        assert expected_calibration_error(expit(logits), targets, equal=equal).max() > 0.1


def test_calibration_lowers_error_and_brier_score_on_other_images(learnt):
    logits, targets, _ = learnt
    for learn in (platt, isotonic):
        scores = calibrated(logits[2000:], learn(logits[:2000], targets[:2000]))
        for measure in (expected_calibration_error, brier_score):
            raw = measure(expit(logits[2000:]), targets[2000:])
            assert (measure(scores, targets[2000:]) < raw).all()


@given(SCORES, TARGETS)
def test_the_brier_score_is_scikit_learns(scores, targets):
    found = brier_score(scores, targets)
    for c in range(scores.shape[1]):
        expected = brier_score_loss(targets[:, c], scores[:, c], pos_label=1)
        assert found[c] == pytest.approx(expected)


@pytest.mark.parametrize('measure', [reliability_curve, expected_calibration_error, brier_score])
@pytest.mark.parametrize(
    ('scores', 'targets', 'message'),
    [
        ([[np.nan]], [[1]], r'scores must lie in \[0, 1\], but got nan'),
        ([[2.0]], [[1]], 'take the sigmoid of logits'),
        (np.zeros((3, 2)), np.zeros((2, 3)), r'got \(3, 2\) and \(2, 3\)'),
        ([[0.5]], [[2]], 'targets must be 0 or 1, but got 2'),
    ],
)
def test_the_measures_refuse(measure, scores, targets, message):
    with pytest.raises(ValueError, match=message):
        measure(scores, targets)


def test_bins_are_of_two_kinds_and_at_least_one():
    with pytest.raises(ValueError, match=r"equal must be 'width' or 'count', but got 'mass'"):
        reliability_curve([0.5], [1], equal='mass')
    with pytest.raises(ValueError, match='bins must be at least 1, but got 0'):
        expected_calibration_error([[0.5]], [[1]], bins=0)
