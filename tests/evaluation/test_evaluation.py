import numpy as np
import pytest
import torch
from scipy.sparse import csr_array
from sklearn.metrics import average_precision_score, f1_score

from dbl.errors import InputError
from dbl.evaluation import (
    MultiLabelMetric,
    average_precision,
    f1_scores,
    group_means,
)


@pytest.mark.parametrize('levels', [2, 5, 1000], ids='coarse ties fine'.split())
@pytest.mark.parametrize('dtype', [np.float32, np.float64])
def test_average_precision_is_scikit_learns_ties_included(levels, dtype):
    rng = np.random.default_rng(levels)
    scores = rng.integers(0, levels, (300, 7)).astype(dtype) / levels
    targets = rng.random((300, 7)) < [0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 1.0]
    targets[0] = True
    expected = average_precision_score(targets, scores, average=None)
    np.testing.assert_allclose(average_precision(scores, targets), expected, rtol=0, atol=1e-12)


def test_average_precision_of_a_worked_example():
    # Ranks of the positives: 1 and 3, so (1/1 + 2/3) / 2.
    ap = average_precision([[0.9], [0.8], [0.7], [0.1]], [[1], [0], [1], [0]])
    assert ap.tolist() == [pytest.approx(5 / 6)]


def test_average_precision_takes_infinite_scores():
    assert average_precision([[np.inf], [0.0], [-np.inf]], [[1], [0], [1]]).item() == pytest.approx(
        5 / 6
    )


def test_a_class_without_positives_is_nan():
    ap = average_precision(np.random.default_rng(0).random((5, 2)), [[1, 0]] * 5)
    assert ap[0] == 1
    assert np.isnan(ap[1])


@pytest.mark.parametrize(
    ('scores', 'targets', 'message'),
    [
        (np.zeros((3, 2)), np.zeros((3, 3)), r'\(3, 2\) and \(3, 3\)'),
        (np.zeros(3), np.zeros(3), r'one shape \(N, C\)'),
        ([[np.nan]], [[1]], 'NaN'),
    ],
)
def test_average_precision_refuses(scores, targets, message):
    with pytest.raises(ValueError, match=message):
        average_precision(scores, targets)


def test_group_means_leave_nan_out():
    ap = np.array([0.5, np.nan, 0.1, 0.3])
    means = group_means(ap, {'head': [0, 1], 'medium': [1], 'tail': [2, 3]})
    assert means['total'] == pytest.approx(0.3)
    assert means['head'] == 0.5
    assert np.isnan(means['medium'])
    assert means['tail'] == pytest.approx(0.2)


def test_f1_of_a_worked_example():
    # Class 0: one hit, one false alarm: 2/3. Class 1: one miss: 0. Together 2*1/(2+1+1).
    f1 = f1_scores([[1.0, -1.0], [1.0, -1.0]], [[1, 1], [0, 0]])
    assert f1 == {'micro': pytest.approx(0.5), 'macro': pytest.approx(1 / 3)}


def test_f1_is_scikit_learns():
    rng = np.random.default_rng(0)
    logits, targets = rng.normal(size=(50, 4)), rng.random((50, 4)) < 0.3
    for average, value in f1_scores(logits, targets).items():
        assert value == pytest.approx(f1_score(targets, logits > 0, average=average))
    assert f1_scores([[1], [1], [-1], [-1]], [[1], [0], [0], [0]])['micro'] == pytest.approx(2 / 3)


CLASSES = ['cat', 'dog', 'owl']


def test_metric_is_flat_and_in_order():
    rng = np.random.default_rng(0)
    logits, targets = rng.normal(size=(5, 3)).astype(np.float32), np.eye(3)[[0, 1, 2, 0, 1]]
    metric = MultiLabelMetric(class_freq=[200, 50, 3])
    metrics = metric.compute(logits, targets, CLASSES)
    ap, f1 = average_precision(logits, targets), f1_scores(logits, targets)
    assert metric.groups == {'head': [0], 'medium': [1], 'tail': [2]}
    assert list(metrics.items()) == [
        ('mAP/total', pytest.approx(ap.mean())),
        ('mAP/head', ap[0]),
        ('mAP/medium', ap[1]),
        ('mAP/tail', ap[2]),
        ('F1/micro', f1['micro']),
        ('F1/macro', f1['macro']),
        ('AP/cat', ap[0]),
        ('AP/dog', ap[1]),
        ('AP/owl', ap[2]),
    ]
    assert {type(value) for value in metrics.values()} == {float}


def test_groups_follow_the_thresholds():
    metric = MultiLabelMetric(class_freq=[200, 50, 3], head=30, tail=3)
    assert metric.groups == {'head': [0, 1], 'medium': [2], 'tail': []}


def test_a_class_without_test_images_is_in_no_mean():
    metric = MultiLabelMetric(class_freq=[200, 50, 3])
    metrics = metric.compute(np.zeros((2, 3), np.float32), np.eye(3)[[0, 1]], CLASSES)
    assert np.isnan([metrics['mAP/tail'], metrics['AP/owl']]).all()
    assert metrics['mAP/total'] == pytest.approx(0.5)


def test_a_class_without_training_images_is_in_no_mean():
    """It counted in the tail's: what chance gave it."""
    metric = MultiLabelMetric(class_freq=[200, 3, 0])
    logits = np.array([[2, 1, -3], [1, 2, -1], [0, 0, -2]], dtype=np.float32)
    metrics = metric.compute(logits, np.eye(3), CLASSES)
    assert metrics['AP/owl'] == pytest.approx(1 / 2)
    assert metrics['mAP/tail'] == metrics['AP/dog'] == 1
    assert metrics['mAP/total'] == 1


@pytest.mark.parametrize('value', [np.nan, np.inf, -np.inf])
def test_metric_refuses_logits_that_are_not_finite(value):
    logits = np.array([[0.0, value, 1.0]])
    with pytest.raises(InputError, match=r'diverged; lower optimizer\.lr and start anew'):
        MultiLabelMetric(class_freq=[200, 50, 3]).compute(logits, np.ones((1, 3)), CLASSES)


def test_metric_wants_a_name_a_class():
    with pytest.raises(ValueError, match='zip'):
        MultiLabelMetric(class_freq=[200, 50]).compute(np.zeros((1, 2)), np.ones((1, 2)), CLASSES)


@pytest.mark.parametrize('label', [-1, 0.1, 2, np.nan])
def test_a_target_that_is_neither_0_nor_1_is_refused(label):
    """They counted as negative, or as positive."""
    targets = np.array([[1, 0], [0, 1], [label, 0]])
    with pytest.raises(ValueError, match='targets must be 0 or 1'):
        average_precision(np.zeros((3, 2)), targets)


@pytest.mark.parametrize('kind', ['bfloat16', 'with a gradient', 'sparse targets'])
def test_average_precision_takes_what_a_model_gives(kind):
    scores, targets = torch.tensor([[0.5, 0.25], [0.75, 1.0], [0.0, 0.5]]), torch.eye(3, 2)
    expected = average_precision(scores, targets)
    given = {
        'bfloat16': (scores.bfloat16(), targets.bfloat16()),
        'with a gradient': (scores.requires_grad_(), targets),
        'sparse targets': (scores.detach(), csr_array(targets.numpy())),
    }[kind]
    assert np.array_equal(average_precision(*given), expected)
