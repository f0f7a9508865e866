"""Micro and macro F1 by group, held against scikit-learn; on resampled test sets, too."""

import numpy as np
import pytest
from sklearn.metrics import f1_score

from dbl.evaluation import group_f1, shared_threshold
from dbl.evaluation.resampling import resampled_counts, resampled_f1


@pytest.fixture
def drawn():
    rng = np.random.default_rng(0)
    targets = (rng.random((200, 6)) < [0.5, 0.4, 0.2, 0.1, 0.05, 0.03]).astype(int)
    targets[0] = 1
    scores = np.clip(0.35 * targets + 0.65 * rng.random((200, 6)), 0, 1)
    return scores, targets


def test_it_is_that_of_scikit_learn(drawn):
    scores, targets = drawn
    present, groups = scores > 0.5, {'head': [0, 1], 'medium': [2, 3], 'tail': [4, 5]}
    found = group_f1(present, targets, groups)
    for name, own in {'total': range(6), **groups}.items():
        for average, value in zip(('micro', 'macro'), found[name], strict=True):
            expected = f1_score(targets[:, list(own)], present[:, list(own)], average=average)
            assert value == pytest.approx(expected)


def test_a_class_without_positives_is_left_out_of_macro_and_its_alarms_count_in_micro():
    found = group_f1([[1, 1], [1, 0]], [[1, 0], [1, 0]], {'head': [0], 'tail': [1]})
    assert found['total'] == (pytest.approx(4 / 5), 1)
    assert np.isnan(found['tail']).all()


def test_the_threshold_is_the_best_of_all_that_are_tried(drawn):
    scores, targets = drawn
    tried = np.arange(40, 61) / 100
    f1 = [f1_score(targets, scores >= own, average='micro') for own in tried]
    assert shared_threshold(scores, targets) == tried[int(np.argmax(f1))]
    assert shared_threshold(scores, targets, low=0.0, high=0.1) <= 0.1


def test_on_resampled_sets_it_is_that_of_the_repeated_rows(drawn):
    scores, targets = drawn
    counts = resampled_counts(targets, 5, np.random.default_rng(1))
    found = resampled_f1(scores > 0.5, targets, counts)
    for row, own in zip(found, counts, strict=True):
        again = np.repeat(np.arange(len(targets)), own)
        expected = f1_score(targets[again], scores[again] > 0.5, average=None)
        np.testing.assert_allclose(row, expected)
