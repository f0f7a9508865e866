import numpy as np
from matplotlib.figure import Figure

from dbl.analysis.class_distribution import compute_class_distribution, plot_class_distribution

LABELS = np.array([[0, 1, 1], [0, 1, 0], [1, 1, 0], [0, 1, 1], [0, 0, 1]])


def test_a_worked_example():
    """Class 1 on four images, 2 on three, 0 on one; an epoch has one draw a class."""
    distribution = compute_class_distribution(LABELS)
    assert distribution.classes.tolist() == [1, 2, 0]
    assert distribution.class_freq.tolist() == [4, 3, 1]
    np.testing.assert_allclose(distribution.draws, [1 + 2 / 3 + 1, 2 / 4 + 1, 1 / 4 + 1])


def test_what_is_drawn_is_what_was_computed():
    axes = Figure().subplots()
    names = ['a$\\frac$', '[/b]', ':cat:']
    plot_class_distribution(axes, compute_class_distribution(LABELS), names)
    assert [bar.get_height() for bar in axes.patches] == [4, 3, 1]
    np.testing.assert_allclose(axes.lines[0].get_ydata(), [8 / 3, 3 / 2, 5 / 4])
    assert [label.get_text() for label in axes.get_xticklabels()] == ['[/b]', ':cat:', 'a$\\frac$']
    axes.figure.draw_without_rendering()
