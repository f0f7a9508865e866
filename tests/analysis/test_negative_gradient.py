import numpy as np
import pytest
import torch
from matplotlib.figure import Figure
from scipy.special import expit

from dbl.analysis.negative_gradient import compute_negative_gradients, plot_negative_gradients
from dbl.losses import DistributionBalancedLoss
from dbl.losses.distribution_balanced import class_bias

Z = np.linspace(-4, 4, 33)


@pytest.mark.parametrize('lam', [0.5, 2.0, 5.0])
def test_closed_forms(lam):
    nu = [-0.3, 0.2]
    gradients = compute_negative_gradients(Z, nu, lam, positive_logit=1.5)
    np.testing.assert_allclose(gradients.softmax, np.exp(Z) / (np.exp(Z) + np.exp(1.5)))
    np.testing.assert_allclose(gradients.bce, expit(Z))
    np.testing.assert_allclose(gradients.nt_bce, [expit(lam * (Z - bias)) for bias in nu])


def test_it_is_the_gradient_of_the_loss_that_is_trained():
    """An image without positives, of the released profile."""
    loss = DistributionBalancedLoss([775, 4], 1142, lam=5.0, gamma=0, scale=1, rebalance=False)
    logits = torch.tensor([[-0.1, 0.3]], dtype=torch.float64, requires_grad=True)
    (2 * loss(logits, torch.zeros(1, 2))).backward()
    nu = class_bias(loss.class_freq.double(), loss.num_images, loss.nu_scale)
    curves = compute_negative_gradients([-0.1, 0.3], nu, loss.lam).nt_bce
    np.testing.assert_allclose(logits.grad[0], [curves[0, 0], curves[1, 1]])


def test_what_is_drawn_is_what_was_computed():
    axes = Figure().subplots()
    gradients = compute_negative_gradients(Z, [0.0, 0.1, 0.2], 2.0)
    plot_negative_gradients(axes, gradients, ['a', 'b', 'c'])
    drawn = {line.get_label(): line.get_ydata() for line in axes.lines}
    np.testing.assert_array_equal(drawn['BCE'], gradients.bce)
    np.testing.assert_array_equal(drawn['softmax CE, positive at 3'], gradients.softmax)
    np.testing.assert_array_equal([drawn[k] for k in 'abc'], gradients.nt_bce)
    looks = {(line.get_linestyle(), line.get_marker()) for line in axes.lines}
    assert len(looks) == 5, 'told apart without colours'
