import time

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from dbl.errors import InputError
from dbl.evaluation.resampling import resampled_ap, resampled_counts


@pytest.fixture
def drawn():
    rng = np.random.default_rng(0)
    targets = (rng.random((200, 5)) < [0.3, 0.1, 0.05, 0.02, 0.0]).astype(int)
    targets[0, :4] = 1
    scores = np.round(rng.normal(size=(200, 5)) + targets, 1)  # with many ties
    return scores, targets, resampled_counts(targets, 30, rng)


def test_it_is_that_of_pictures_repeated(drawn):
    """scikit-learn's, on the pictures as often as they were drawn."""
    scores, targets, counts = drawn
    found = resampled_ap(scores, targets, counts)
    for b, count in enumerate(counts):
        for c in range(4):
            own = np.repeat(targets[:, c], count), np.repeat(scores[:, c], count)
            assert found[b, c] == pytest.approx(average_precision_score(*own), abs=1e-12)
    assert np.isnan(found[:, 4]).all()


def test_no_class_loses_its_last_positive(drawn):
    _, targets, counts = drawn
    assert (counts.sum(axis=1) == 200).all()
    assert ((counts @ targets)[:, :4] > 0).all()
    assert len(np.unique(counts, axis=0)) == len(counts)


def test_a_class_whose_pictures_have_rarer_ones_keeps_one():
    """It has no stratum of its own: such draws are made again."""
    targets = np.array([[1, 1, 0], [1, 0, 1], [0, 1, 0], [0, 0, 1]] + [[0, 0, 0]] * 5)
    counts = resampled_counts(targets, 200, np.random.default_rng(0))
    assert ((counts @ targets) > 0).all()


def test_a_set_on_which_no_draw_succeeds_is_told_soon():
    """The last 150 classes have two pictures each, in two strata of two pictures."""
    own = np.eye(150, dtype=int)
    targets = np.block([[own, own + np.roll(own, 1, axis=1)], [own, 0 * own]])
    before = time.monotonic()
    with pytest.raises(InputError, match='50 of 50 draws of test images leave some class without'):
        resampled_counts(targets, 50, np.random.default_rng(0))
    assert time.monotonic() - before < 20


def test_pictures_are_drawn_as_often_as_one_another():
    targets = (np.random.default_rng(1).random((60, 3)) < 0.5).astype(int)
    counts = resampled_counts(targets, 4000, np.random.default_rng(0))
    np.testing.assert_allclose(counts.mean(axis=0), 1, atol=0.08)
    assert 0.8 < counts.var(axis=0).mean() < 1
