import math

import pytest
import torch
from torch.nn import functional as F

from dbl.dataset_tools.published import published_subset
from dbl.losses import BCELoss, DistributionBalancedLoss, rebalanced_weight
from dbl.losses.distribution_balanced import class_bias

FREQ, N = torch.tensor([90.0, 30.0, 5.0]), 100
OFF = dict(lam=1.0, kappa=0.0, gamma=0.0, scale=1.0)


@pytest.fixture
def logits() -> torch.Tensor:
    return 3 * torch.randn(6, 3, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


@pytest.fixture
def targets() -> torch.Tensor:
    return torch.tensor([[1, 0, 0], [1, 1, 0], [0, 0, 1], [1, 1, 1], [0, 1, 0], [0, 0, 0]]).double()


def test_weight_of_a_worked_example():
    # n = (4, 2): image 0 shows both, r = (1/4, 1/2) / (3/4); image 1 the first, r = (1, 2).
    weight = rebalanced_weight(
        torch.tensor([[1.0, 1.0], [1.0, 0.0]]), torch.tensor([4.0, 2.0]), 0.1, 10, 0.2
    )
    r = torch.tensor([[1 / 3, 2 / 3], [1.0, 2.0]])
    torch.testing.assert_close(weight, 0.1 + 1 / (1 + torch.exp(-10 * (r - 0.2))))


def test_everything_off_is_bce(logits, targets):
    loss = DistributionBalancedLoss(FREQ, N, rebalance=False, **OFF)
    torch.testing.assert_close(loss(logits, targets), BCELoss()(logits, targets))


@pytest.mark.parametrize(
    ('tau', 'one_row', 'three_rows'), [(1.0, 0.259439, 0.287996), (0.5, 0.385725, 0.366287)]
)
def test_a_bias_of_the_log_odds_is_logit_adjustment(tau, one_row, three_rows):
    """The values are those of binary cross entropy on z + tau log(pi / (1 - pi)), pi = n / N."""
    adjusted = dict(OFF, rebalance=False, kappa=tau)
    loss = DistributionBalancedLoss(published_subset('voc_mlt').class_freq, 1142, **adjusted)
    up, wave = torch.linspace(-2, 2, 20, dtype=torch.float64), torch.arange(20).double().sin()
    targets = torch.zeros(3, 20)
    targets[[0, 0, 1, 2, 2, 2], [14, 4, 8, 14, 0, 10]] = 1
    assert loss(up[None], targets[:1]).item() == pytest.approx(one_row, abs=6e-7)
    found = loss(torch.stack([up, -up, wave]), targets).item()
    assert found == pytest.approx(three_rows, abs=6e-7)


def test_flat_weight_is_a_constant_times_bce(logits, targets):
    loss = DistributionBalancedLoss(FREQ, N, alpha=0.1, beta=0.0, **OFF)
    torch.testing.assert_close(loss(logits, targets), 0.6 * BCELoss()(logits, targets))


def test_an_image_without_positives_keeps_the_largest_weight():
    weight = rebalanced_weight(torch.zeros(1, 3), FREQ, alpha=0.1, beta=10.0, mu=0.2)
    torch.testing.assert_close(weight, torch.full((1, 3), 1.1))


def test_tolerance_of_one_and_no_bias_switch_ntr_off(logits, targets):
    r_bce = DistributionBalancedLoss(FREQ, N, **OFF)
    weight = rebalanced_weight(targets, FREQ.double(), 0.1, 10.0, 0.2)
    expected = F.binary_cross_entropy_with_logits(logits, targets, weight)
    torch.testing.assert_close(r_bce(logits, targets), expected)


def test_without_focal_db_is_the_weight_times_nt_bce(logits, targets):
    loss = DistributionBalancedLoss(FREQ, N, lam=3.0, gamma=0.0, scale=1.0, nu_over_lam=False)
    weight = rebalanced_weight(targets, FREQ.double(), 0.1, 10.0, 0.2)
    z = logits - class_bias(FREQ.double(), N, kappa=0.05)
    nt_bce = targets * F.softplus(-z) + (1 - targets) * F.softplus(3 * z) / 3
    torch.testing.assert_close(loss(logits, targets), (weight * nt_bce).mean())


def test_tolerance_of_both_treats_positives_like_negatives(logits, targets):
    off = dict(lam=3.0, kappa=0.0, gamma=0.0, scale=1.0, rebalance=False)
    both = DistributionBalancedLoss(FREQ, N, tolerate='both', **off)
    expected = F.binary_cross_entropy_with_logits(3 * logits, targets) / 3
    torch.testing.assert_close(both(logits, targets), expected)
    torch.testing.assert_close(both(logits, targets), both(-logits, 1 - targets))
    negatives = torch.zeros_like(targets)
    negative = DistributionBalancedLoss(FREQ, N, **off)
    torch.testing.assert_close(both(logits, negatives), negative(logits, negatives))


def test_gradients_of_a_negative_logit_under_ce_and_bce(logits):
    """Eq. 6: softmax's share of the logit, against its own sigmoid."""
    logits.requires_grad_()
    positive = torch.zeros(len(logits), dtype=torch.long)
    F.cross_entropy(logits, positive, reduction='sum').backward()
    z = logits.detach()
    share = z.exp() / z.exp().sum(dim=1, keepdim=True)
    torch.testing.assert_close(logits.grad[:, 1:], share[:, 1:])
    logits.grad = None
    (BCELoss()(logits, F.one_hot(positive, 3)) * logits.numel()).backward()
    torch.testing.assert_close(logits.grad[:, 1:], 1 / (1 + torch.exp(-z[:, 1:])))


def test_gradient_of_a_negative_logit_has_its_closed_form(logits):
    """d/dz (1/lam) log(1 + exp(lam (z - nu))) = sigmoid(lam (z - nu))."""
    loss = DistributionBalancedLoss(
        FREQ, N, lam=3.0, gamma=0.0, scale=1.0, rebalance=False, nu_over_lam=False
    )
    logits.requires_grad_()
    loss(logits, torch.zeros_like(logits)).backward()
    nu = class_bias(FREQ.double(), N, kappa=0.05)
    expected = torch.sigmoid(3 * (logits.detach() - nu)) / logits.numel()
    torch.testing.assert_close(logits.grad, expected)


def test_the_bias_minimises_the_averaged_bce():
    """Eq. 8: a constant logit's averaged BCE is least at b = -log(N / n - 1) = -nu / kappa."""
    n = FREQ.double()
    minimum = -class_bias(n, N, kappa=1.0)
    grid = minimum + torch.linspace(-1, 1, 201, dtype=torch.float64)[:, None]
    softplus = F.softplus
    averaged = (n * softplus(-grid) + (N - n) * softplus(grid)) / N
    assert averaged.argmin(dim=0).tolist() == [100, 100, 100]


def test_the_focal_weight_uses_the_shifted_logit():
    loss = DistributionBalancedLoss([10], 100, lam=2.0, rebalance=False, nu_over_lam=False)
    z, nu = 0.7, 0.05 * torch.log(torch.tensor(9.0)).item()
    p_t = 1 - torch.sigmoid(torch.tensor(2 * (z - nu)))
    expected = 2 * (1 - p_t) ** 2 * -p_t.log() / 2
    torch.testing.assert_close(loss(torch.tensor([[z]]), torch.zeros(1, 1)), expected)


def test_a_class_that_every_image_shows_has_a_finite_bias():
    assert class_bias(torch.tensor([100.0]), 100, kappa=1.0).item() == pytest.approx(-4.60517)


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (dict(class_freq=[3, 0], num_images=5), r'numbers in \[1, num_images=5\], but got 0 for'),
        (dict(class_freq=[3, 6], num_images=5), '6 for class 1'),
        (dict(class_freq=[3, 2.5], num_images=5), r'whole numbers .* 2.5 for class 1'),
        (dict(class_freq=[], num_images=5), r'one count per class, but got shape \(0,\)'),
        (dict(class_freq=3, num_images=5), r'one count per class, but got shape \(\)'),
        (dict(class_freq=[3], num_images=5, beta=math.nan), 'beta must be finite, but got nan'),
        (
            dict(class_freq=[3], num_images=5, scale=math.inf),
            'scale must be finite and above 0, but got inf',
        ),
        (
            dict(class_freq=[3], num_images=5, lam=0.0),
            'lam must be finite and above 0, but got 0.0',
        ),
        (dict(class_freq=[3], num_images=5, tolerate='all'), "'negative' or 'both', but got 'all'"),
        (
            dict(class_freq=[3], num_images=5, gamma=-1.0),
            'gamma must be finite and at least 0, but got -1.0',
        ),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        DistributionBalancedLoss(**arguments)
