import numpy as np
import pytest
from matplotlib.figure import Figure

from dbl.analysis.ap_increments import compute_ap_increments, plot_ap_increments

NAN = float('nan')
ERM = [[0.2, 0.5, NAN], [0.4, 0.7, NAN]]
RS = [[0.5, 0.4, NAN]]
DB = [[0.4, 0.3, NAN], [0.5, 0.3, NAN], [0.6, 0.3, NAN]]


def test_means_over_the_seeds_each_row_has_in_the_order_of_frequency():
    computed = compute_ap_increments([ERM, RS, DB], class_freq=[3, 9, 5])
    assert computed.classes.tolist() == [1, 2, 0]
    np.testing.assert_allclose(computed.increments, [[-0.2, NAN, 0.2], [-0.1, NAN, 0]], atol=1e-12)


def test_gains_are_stacked_above_and_losses_below():
    """In points: +10, -5, +3 of one class; -2, -4, +1 of the other."""
    axes = Figure().subplots()
    ap = np.cumsum([[0.5, 0.5], [0.10, -0.02], [-0.05, -0.04], [0.03, 0.01]], axis=0)
    computed = compute_ap_increments(ap[:, None], class_freq=[2, 1])
    plot_ap_increments(axes, computed, ['a', 'b'], ['1', '2', '3'])
    ends = [(bar.get_y(), bar.get_y() + bar.get_height()) for bar in axes.patches]
    expected = [(0, 10), (0, -2), (0, -5), (-2, -6), (10, 13), (0, 1)]
    np.testing.assert_allclose(np.sort(ends), np.sort(expected), atol=1e-9)
    np.testing.assert_allclose(axes.lines[0].get_ydata(), [8, -5])
    assert len({bar.get_hatch() for bar in axes.patches}) == 3, 'told apart without colours'
    axes.figure.draw_without_rendering()


def test_a_class_without_test_images_has_no_bar():
    axes = Figure().subplots()
    computed = compute_ap_increments([ERM, RS, DB], class_freq=[3, 9, 5])
    plot_ap_increments(axes, computed, ['a', 'b', 'c'], ['1', '2'])
    heights = [bar.get_height() for bar in axes.patches[:3]]
    assert heights == pytest.approx([-20, NAN, 20], nan_ok=True)
    axes.figure.draw_without_rendering()
