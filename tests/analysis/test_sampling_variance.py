import numpy as np
from matplotlib.figure import Figure
from scipy.sparse import csr_array

from dbl.analysis.sampling_variance import (
    compute_sampling_variance,
    plot_sampling_variance,
    sampling_variance,
)
from dbl.longtail import expected_draws

LABELS = np.array([[0, 1, 1], [0, 1, 0], [1, 1, 0], [0, 1, 1], [0, 0, 1]])


def slow(labels: np.ndarray) -> list[float]:
    """As the docstring says it."""
    n = labels.sum(axis=0)
    return [
        float(np.var([n[i] * sum(1 / n[j] for j in np.flatnonzero(y)) for y in labels if y[i]]))
        for i in range(labels.shape[1])
    ]


def test_a_worked_example():
    """With n = 1, 4, 3: class 1 is drawn 7/3, 1, 5, 7/3 times as often as alone on its images."""
    variance = sampling_variance(LABELS)
    np.testing.assert_allclose(variance, [0, np.var([7 / 3, 1, 5, 7 / 3]), np.var([7, 7, 4]) / 16])
    computed = compute_sampling_variance(LABELS)
    assert computed.classes.tolist() == [1, 2, 0]
    np.testing.assert_array_equal(computed.variance, variance[[1, 2, 0]])


def test_it_is_what_the_formula_says_dense_and_sparse():
    labels = (np.random.default_rng(0).random((60, 7)) < np.linspace(0.05, 0.8, 7)).astype(int)
    np.testing.assert_allclose(sampling_variance(labels), slow(labels))
    np.testing.assert_allclose(sampling_variance(csr_array(labels)), slow(labels))


def test_the_mean_frequency_is_the_sum_of_conditional_probabilities(published):
    """Holds the formula of the docstring against another part of the repository."""
    labels = published('voc_mlt').labels.toarray()
    n = labels.sum(axis=0)
    frequency = n * (labels @ (1 / n))[:, None]
    mean = (labels * frequency).sum(axis=0) / n
    np.testing.assert_allclose(mean, expected_draws(labels, 1))
    np.testing.assert_allclose(sampling_variance(labels), slow(labels), atol=1e-20)


def test_images_drawn_alike_have_none_of_it_not_even_by_rounding():
    labels = np.array([[1, 1, 1]] * 7 + [[0, 1, 1]] * 3 + [[0, 0, 1]])
    assert sampling_variance(labels)[0] == 0
    assert sampling_variance(np.eye(3, dtype=int)).tolist() == [0, 0, 0]


def test_a_class_without_images_has_none():
    variance = sampling_variance([[1, 0], [1, 0]])
    assert variance[0] == 0
    assert np.isnan(variance[1])


def test_what_is_drawn_is_what_was_computed():
    axes = Figure().subplots()
    computed = compute_sampling_variance(LABELS)
    plot_sampling_variance(axes, computed, ['a', 'b', 'c'])
    assert [bar.get_height() for bar in axes.patches] == computed.variance.tolist()
    assert axes.get_yscale() == 'log'
    plot_sampling_variance(axes, compute_sampling_variance(np.eye(3)), ['a', 'b', 'c'])
    axes.figure.draw_without_rendering()
