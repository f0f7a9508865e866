import numpy as np
import pytest
from matplotlib.figure import Figure

from dbl.analysis.sweep_curve import compute_sweep_curve, plot_sweep_curve

NAN = float('nan')


def test_mean_and_deviation_over_the_seeds_that_are_there():
    metrics = {'total': [[0.6, 0.8], [0.5, NAN], [NAN, NAN]]}
    curve = compute_sweep_curve([0.1, 0.2, 0.3], metrics)
    np.testing.assert_allclose(curve.mean['total'], [0.7, 0.5, NAN])
    np.testing.assert_allclose(curve.deviation['total'], [0.02**0.5, NAN, NAN])


def test_numbers_are_sorted_with_their_metrics():
    curve = compute_sweep_curve([10, 1, 5], {'total': [[0.1], [0.2], [0.3]]})
    assert curve.values == [1, 5, 10]
    assert curve.mean['total'].tolist() == [0.2, 0.3, 0.1]


@pytest.mark.parametrize(
    ('values', 'scale'),
    [
        ([1, 20], 'linear'),
        ([1, 21], 'log'),
        ([0, 21], 'linear'),
        ([-1, 40], 'linear'),
        (['both', 'negative'], 'categories'),
        ([1, 'none'], 'categories'),
        ([False, True], 'categories'),
        ([None, 2.0], 'categories'),
        ([1.0, float('inf')], 'categories'),
        ([[1, 2], [3]], 'categories'),
    ],
)
def test_scales(values, scale):
    curve = compute_sweep_curve(values, {'total': [[0.1], [0.2]]})
    assert curve.scale == scale
    assert curve.values == values, 'categories keep their order'


def test_what_does_not_fit_is_named():
    with pytest.raises(ValueError, match=r'values must be different, but got \[1, 1\]'):
        compute_sweep_curve([1, 1], {'total': [[0.1], [0.2]]})
    with pytest.raises(ValueError, match=r'metrics must be \(2, S\).* \(1, 2\)'):
        compute_sweep_curve([1, 2], {'total': [[0.1, 0.2]]})


@pytest.mark.parametrize('values', [[1, 10, 100], [0, 1, 2], ['a$b', 'b$c', 'c']])
def test_what_is_drawn_is_what_was_computed(values):
    groups = ('total', 'head', 'medium', 'tail')
    metrics = {group: np.full((3, 2), 0.1 * k) for k, group in enumerate(groups)}
    curve = compute_sweep_curve(values, metrics)
    axes = Figure().subplots()
    plot_sweep_curve(axes, curve, 'model.head.loss.beta')
    lines = [container.lines[0] for container in axes.containers]
    places = [0, 1, 2] if values[0] == 'a$b' else values
    assert [line.get_xdata().tolist() for line in lines] == [places] * 4
    np.testing.assert_allclose([line.get_ydata()[0] for line in lines], [0, 10, 20, 30])
    assert axes.get_xscale() == ('log' if values[-1] == 100 else 'linear')
    if values != [0, 1, 2]:
        assert [label.get_text() for label in axes.get_xticklabels()] == list(map(str, values))
    assert axes.get_xlabel() == 'model.head.loss.beta'
    assert len({(line.get_linestyle(), line.get_marker()) for line in lines}) == 4
    axes.figure.draw_without_rendering()


def test_a_value_with_one_seed_has_a_point_and_one_without_has_none():
    curve = compute_sweep_curve([1, 2, 3], {'tail': [[0.1, 0.3], [0.2, NAN], [NAN, NAN]]})
    axes = Figure().subplots()
    plot_sweep_curve(axes, curve, 'key')
    (container,) = axes.containers
    np.testing.assert_allclose(container.lines[0].get_ydata(), [20, 20, NAN])
    bars = [bar for bar in container.lines[2][0].get_segments() if len(bar)]
    deviation = 100 * 0.02**0.5
    np.testing.assert_allclose(bars, [[(1, 20 - deviation), (1, 20 + deviation)]])
