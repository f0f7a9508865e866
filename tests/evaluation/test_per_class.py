import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import precision_recall_fscore_support

from dbl.evaluation import average_precision, f1_scores
from dbl.evaluation.per_class import per_class

SHAPE = st.shared(st.tuples(st.integers(1, 30), st.integers(1, 6)))
LABELS = arrays(np.int64, SHAPE, elements=st.integers(0, 1))
# Classes: found in part, never predicted, not shown but predicted, neither.
DECISIONS = np.array([[1, 0, 1, 0], [1, 0, 0, 0], [0, 0, 1, 0], [1, 0, 0, 0]])
TARGETS = np.array([[1, 1, 0, 0], [1, 0, 0, 0], [1, 1, 0, 0], [0, 0, 0, 0]])


@given(LABELS, LABELS.map(lambda labels: labels[::-1]))
def test_it_is_scikit_learns_where_a_class_is_shown(decisions, targets):
    found = per_class(decisions, targets)
    shown = targets.any(axis=0)
    # Its own forms of one label per image take a single column.
    columns = range(targets.shape[1])
    each = [
        precision_recall_fscore_support(
            targets[:, c], decisions[:, c], labels=[1], average=None, zero_division=0
        )
        for c in columns
    ]
    expected = np.array(each)[..., 0].T
    for values, other in zip((found.precision, found.recall, found.f1), expected[:3], strict=True):
        np.testing.assert_allclose(values[shown], other[shown], atol=1e-12)
        assert np.isnan(values[~shown]).all()
    assert found.support.tolist() == expected[3].tolist()
    assert found.predicted.tolist() == decisions.sum(axis=0).tolist()


def test_a_worked_example():
    found = per_class(DECISIONS, TARGETS)
    np.testing.assert_allclose(found.precision, [2 / 3, 0, np.nan, np.nan])
    np.testing.assert_allclose(found.recall, [2 / 3, 0, np.nan, np.nan])
    np.testing.assert_allclose(found.f1, [2 / 3, 0, np.nan, np.nan])
    assert found.support.tolist() == [3, 2, 0, 0]
    assert found.predicted.tolist() == [3, 0, 2, 0]


def test_means_leave_out_what_average_precision_leaves_out():
    found = per_class(DECISIONS, TARGETS)
    absent = np.isnan(average_precision(DECISIONS, TARGETS))
    assert np.isnan(found.f1).tolist() == absent.tolist()
    means = found.means({'head': [0], 'medium': [1, 2], 'tail': [3]})
    assert list(means) == [
        f'{measure}/{group}'
        for measure in ('precision', 'recall', 'F1')
        for group in ('total', 'head', 'medium', 'tail')
    ]
    assert means['F1/total'] == pytest.approx(1 / 3)
    assert means['recall/head'] == pytest.approx(2 / 3)
    assert means['precision/medium'] == 0
    assert np.isnan(means['recall/tail'])
    assert {type(value) for value in means.values()} == {float}


def test_the_released_codes_macro_f1_counts_an_absent_class_as_0():
    found = per_class(DECISIONS, TARGETS)
    released = f1_scores(DECISIONS, TARGETS)
    assert released['macro'] == pytest.approx(np.nansum(found.f1) / 4)
    assert found.means({})['F1/total'] == pytest.approx(np.nansum(found.f1) / 2)


def test_a_class_that_was_not_trained_on_can_be_left_out_of_the_means():
    found = per_class(DECISIONS, TARGETS)
    means = found.means({'tail': [1, 3]}, counted=[True, False, True, True])
    assert means['recall/total'] == means['precision/total'] == pytest.approx(2 / 3)
    assert np.isnan(means['recall/tail'])


def test_all_positives_and_one_image():
    found = per_class([[True, False]], [[1, 1]])
    assert found.precision.tolist() == found.recall.tolist() == found.f1.tolist() == [1, 0]
    found = per_class(np.ones((3, 1)), np.ones((3, 1)))
    assert [found.precision.item(), found.recall.item(), found.f1.item()] == [1, 1, 1]


@pytest.mark.parametrize(
    ('decisions', 'targets', 'message'),
    [
        (np.zeros((3, 2)), np.zeros((3, 3)), r'got \(3, 2\) and \(3, 3\)'),
        (np.zeros(3), np.zeros(3), r'one shape \(N, C\)'),
        (np.zeros((0, 2)), np.zeros((0, 2)), r'got \(0, 2\)'),
        ([[0.7]], [[1]], r'decisions must be 0 or 1, but got 0\.7'),
        ([[np.nan]], [[1]], 'decisions must be 0 or 1, but got nan'),
        ([[1]], [[-1]], 'targets must be 0 or 1, but got -1'),
    ],
)
def test_it_refuses(decisions, targets, message):
    with pytest.raises(ValueError, match=message):
        per_class(decisions, targets)
