import numpy as np
import pytest
from matplotlib.figure import Figure
from scipy.special import expit, logit
from scipy.stats import norm

from dbl.analysis.score_density import (
    BANDWIDTH,
    BINS,
    compute_score_densities,
    density,
    plot_score_density,
)

MIDDLES = (np.arange(BINS) + 0.5) / BINS


def slow(values: np.ndarray) -> np.ndarray:
    """A normal kernel on each value and on its images behind 0 and 1."""
    mirrored = np.concatenate([values, -values, 2 - values])
    return norm.pdf(MIDDLES[:, None], mirrored, BANDWIDTH).sum(axis=1) / len(values)


@pytest.mark.parametrize('values', [[0.5], [0.01, 0.3, 0.31, 0.99], [0.0, 1.0]])
def test_it_is_a_kernel_density_estimate(values):
    """Values stand in the middle of their bins, by which they move 1/800 at most."""
    in_bins = MIDDLES[np.minimum(np.array(values) * BINS, BINS - 1).astype(int)]
    np.testing.assert_allclose(density(np.array(values)), slow(in_bins), rtol=1e-3, atol=1e-3)
    assert density(np.array(values)).mean() == pytest.approx(1)


def test_none_without_values():
    assert np.isnan(density(np.array([]))).all()


def test_positives_and_negatives_of_rows_and_groups():
    """Row 0 puts head positives at .9 and the rest at .1; row 1, with a seed more, all at .3."""
    targets = np.array([[1, 0, 0], [0, 1, 0]])
    sharp = logit(np.where(targets > 0, 0.9, 0.1))
    flat = np.full((4, 3), logit(0.3))
    computed = compute_score_densities(
        [sharp, flat], [targets, np.tile(targets, (2, 1))], [[0], [2]]
    )
    assert computed.positives.shape == computed.negatives.shape == (2, 2, BINS)

    def peak(curve):
        return computed.probabilities[curve.argmax()]

    assert peak(computed.positives[0, 0]) == pytest.approx(0.9, abs=1 / BINS)
    assert peak(computed.negatives[0, 0]) == pytest.approx(0.1, abs=1 / BINS)
    assert peak(computed.positives[1, 0]) == pytest.approx(0.3, abs=1 / BINS)
    assert np.isnan(computed.positives[:, 1]).all(), 'no image shows class 2'
    assert peak(computed.negatives[0, 1]) == pytest.approx(0.1, abs=1 / BINS)


def test_what_is_drawn_is_what_was_computed():
    rng = np.random.default_rng(0)
    logits, targets = rng.normal(size=(50, 4)), rng.random((50, 4)) < 0.3
    computed = compute_score_densities([logits], [targets], [[0, 1], [2, 3]])
    axes = Figure().subplots()
    plot_score_density(axes, computed, row=0, group=1)
    positives, negatives = axes.lines[:2]
    assert (positives.get_label(), negatives.get_label()) == ('positives', 'negatives')
    expected = slow(expit(logits[:, 2:][targets[:, 2:]]))
    np.testing.assert_allclose(positives.get_ydata(), expected, atol=0.2)
    np.testing.assert_array_equal(negatives.get_ydata(), computed.negatives[0, 1])
    assert positives.get_linestyle() != negatives.get_linestyle()
    axes.figure.draw_without_rendering()
