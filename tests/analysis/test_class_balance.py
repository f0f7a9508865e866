import numpy as np
import pytest
import torch
from matplotlib.figure import Figure

from dbl.analysis.class_balance import compute_class_balance, plot_class_balance
from dbl.losses.distribution_balanced import rebalanced_weight

LABELS = np.array([[0, 1, 1], [0, 1, 0], [1, 1, 0], [0, 1, 1], [0, 0, 1]])


def test_a_worked_example():
    """Class 1 on four images, 2 on three, 0 on one."""
    balance = compute_class_balance(LABELS, alpha=0.1, beta=10, mu=0.2)
    assert balance.classes.tolist() == [1, 2, 0]
    np.testing.assert_allclose(balance.images, np.array([4, 3, 1]) / (8 / 3))
    draws = np.array([8 / 3, 3 / 2, 5 / 4])
    np.testing.assert_allclose(balance.resampled, draws / draws.mean())


def test_the_weights_are_those_of_the_loss():
    labels = (np.random.default_rng(0).random((200, 8)) < np.geomspace(0.6, 0.03, 8)).astype(int)
    labels = labels[labels.any(axis=1)]
    balance = compute_class_balance(labels, alpha=0.2, beta=5, mu=0.4)
    targets, class_freq = torch.tensor(labels).double(), torch.tensor(labels.sum(axis=0))
    weight = rebalanced_weight(targets, class_freq, 0.2, 5, 0.4).numpy()
    drawn = (labels / labels.sum(axis=0)).sum(axis=1, keepdims=True) * labels
    expected = (drawn * weight).sum(axis=0)
    expected = (expected / expected.mean())[balance.classes]
    np.testing.assert_allclose(balance.reweighted, expected, rtol=1e-6)


def test_weights_without_smoothing_would_level_all_classes():
    """With a small slope the logistic function is a line through 0, which alpha lifts to 0."""
    balance = compute_class_balance(LABELS, alpha=-0.5, beta=1e-6, mu=0)
    np.testing.assert_allclose(balance.reweighted, 1, rtol=1e-6)


@pytest.mark.filterwarnings('error')
def test_a_class_without_images_has_no_share():
    labels = np.concatenate([LABELS, np.zeros((5, 1), int)], axis=1)
    balance = compute_class_balance(labels, alpha=0.1, beta=10, mu=0.2)
    assert [own[-1] for own in balance] == [3, 0, 0, 0]


def test_what_is_drawn_is_what_was_computed():
    axes = Figure().subplots()
    balance = compute_class_balance(LABELS, alpha=0.1, beta=10, mu=0.2)
    plot_class_balance(axes, balance, ['a', 'b', 'c'])
    np.testing.assert_allclose([bar.get_height() for bar in axes.patches], balance.images)
    for line, share in zip(axes.lines, balance[2:], strict=False):
        np.testing.assert_allclose(line.get_ydata(), share)
    assert [label.get_text() for label in axes.get_xticklabels()] == ['b', 'c', 'a']
    axes.figure.draw_without_rendering()
