import numpy as np
from matplotlib.figure import Figure

from dbl.analysis.conditional_probability import (
    compute_conditional_probability,
    plot_conditional_probability,
)

LABELS = np.array([[0, 1, 1], [0, 1, 0], [1, 1, 0], [0, 1, 1], [0, 0, 1]])
# Of class 1's four images two show 2 and one shows 0; of 2's three, two show 1; of 0's one, 1.
SHARES = [[1, 2 / 3, 1], [2 / 4, 1, 0], [1 / 4, 0, 1]]


def test_a_worked_example():
    probability = compute_conditional_probability(LABELS)
    assert probability.classes.tolist() == [1, 2, 0]
    np.testing.assert_allclose(probability.shares, SHARES)


def test_the_given_class_runs_along_x():
    axes = Figure().subplots()
    names = ['a$\\frac$', 'b', 'c']
    plot_conditional_probability(axes, compute_conditional_probability(LABELS), names)
    np.testing.assert_allclose(axes.images[0].get_array(), SHARES)
    assert [label.get_text() for label in axes.get_xticklabels()] == ['b', 'c', 'a$\\frac$']
    assert [label.get_text() for label in axes.get_yticklabels()] == ['b', 'c', 'a$\\frac$']
    assert 'given' in axes.get_xlabel()
    axes.figure.draw_without_rendering()
