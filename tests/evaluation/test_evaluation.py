import numpy as np
import pytest
from sklearn.metrics import average_precision_score, f1_score

from dbl.evaluation import (
    MultiLabelMetric,
    average_precision,
    f1_scores,
    group_means,
    metrics_table,
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


def run_metric(metric, logits, targets):
    import torch

    metric.dataset_meta = {'classes': ['cat', 'dog', 'owl']}
    for start in range(0, len(logits), 2):
        part = slice(start, start + 2)
        batch = {
            'img_path': [f'{i}.jpg' for i in range(len(logits))[part]],
            'targets': torch.tensor(targets[part]),
        }
        metric.process(batch, [{'logits': z} for z in torch.tensor(logits[part])])
    return metric.evaluate(len(logits))


def test_metric_gathers_batches_and_saves_scores(tmp_path):
    rng = np.random.default_rng(0)
    logits, targets = rng.normal(size=(5, 3)).astype(np.float32), np.eye(3)[[0, 1, 2, 0, 1]]
    file = tmp_path / 'new' / 'scores.npz'
    metric = MultiLabelMetric(class_freq=[200, 50, 3], scores_file=str(file))
    metrics = run_metric(metric, logits, targets)
    ap = average_precision(logits, targets)
    assert metrics['AP'] == dict(zip(['cat', 'dog', 'owl'], ap, strict=True))
    assert metrics['mAP/total'] == pytest.approx(ap.mean())
    assert [metrics[f'mAP/{g}'] for g in ('head', 'medium', 'tail')] == ap.tolist()
    saved = np.load(file)
    assert saved['images'].tolist() == [f'{i}.jpg' for i in range(5)]
    np.testing.assert_array_equal(saved['logits'], logits)
    np.testing.assert_array_equal(saved['targets'], targets)


def test_metric_names_classes_without_positives(monkeypatch):
    said = []
    monkeypatch.setattr('dbl.evaluation.metric.print_log', lambda text, *_: said.append(text))
    metric = MultiLabelMetric(class_freq=[200, 50, 3])
    metrics = run_metric(metric, np.zeros((2, 3), np.float32), np.eye(3)[[0, 1]])
    assert said == ['No test image shows owl: left out of the means.']
    assert np.isnan(metrics['mAP/tail'])
    assert metrics['mAP/total'] == pytest.approx(0.5)


def test_table_shows_percent_and_leaves_classes_out():
    from rich.console import Console

    console = Console(width=100, record=True)
    console.print(
        metrics_table({'mAP/total': 0.12345, 'mAP/tail': float('nan'), 'AP/cat': 1.0}, 'x')
    )
    text = console.export_text()
    assert '12.35' in text or '12.34' in text
    assert 'cat' not in text
