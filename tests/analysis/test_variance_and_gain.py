import numpy as np
import pytest
from matplotlib.figure import Figure

from dbl.analysis.variance_and_gain import compute_variance_and_gain, plot_variance_and_gain

NAN = float('nan')


def test_a_worked_example():
    """Ranks of the variances 1 2 3 4, of the gains 4 3 1 2: 1 - 6 (9 + 1 + 4 + 4) / (4 * 15)."""
    before = [[0.1, 0.2, 0.3, 0.4, NAN], [0.3, 0.4, 0.5, 0.6, NAN]]
    after = [[0.6, 0.6, 0.4, 0.6, NAN]]
    computed = compute_variance_and_gain([0, 1, 10, 99, 7], before, after)
    np.testing.assert_allclose(computed.gain, [0.4, 0.3, 0, 0.1, NAN], atol=1e-12)
    assert computed.correlation == pytest.approx(-0.8)


@pytest.mark.parametrize(
    ('variance', 'after'), [([1, 1, 1], [0.1, 0.2, 0.3]), ([1, 2, 3], [NAN, NAN, 0.1])]
)
def test_no_correlation_without_two_ranks(variance, after):
    computed = compute_variance_and_gain(variance, [[0, 0, 0]], [after])
    assert np.isnan(computed.correlation)


def test_every_group_has_its_look_and_zero_a_place():
    axes = Figure().subplots()
    computed = compute_variance_and_gain([0, 3e-4, 10], [[0.1, 0.2, 0.3]], [[0.4, 0.3, 0.3]])
    plot_variance_and_gain(axes, computed, {'head': [2], 'medium': [1], 'tail': [0]}, 'RS to DB')
    points = [tuple(points.get_offsets()[0]) for points in axes.collections]
    np.testing.assert_allclose(points, [(10, 0), (3e-4, 10), (0, 30)], atol=1e-9)
    assert axes.get_title() == "Spearman's correlation -1.00 (3 classes)"
    assert 'RS to DB' in axes.get_ylabel()
    shapes = {points.get_paths()[0].vertices.tobytes() for points in axes.collections}
    assert len(shapes) == 3, 'told apart without colours'
    axes.figure.draw_without_rendering()
    assert np.isfinite(axes.transData.transform((0, 0))).all()
