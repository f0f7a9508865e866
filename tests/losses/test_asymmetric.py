"""ASL by its identities, on published inputs, and against timm's."""

import pytest
import torch

from dbl.losses import AsymmetricLoss, BCELoss, FocalLoss


def rows(*positives: set[int]) -> torch.Tensor:
    targets = torch.zeros(len(positives), 20, dtype=torch.float64)
    for row, shown in zip(targets, positives, strict=True):
        row[list(shown)] = 1
    return targets


@pytest.fixture
def batch():
    generator = torch.Generator().manual_seed(0)
    logits = 3 * torch.randn(16, 20, generator=generator, dtype=torch.float64)
    targets = (torch.rand(16, 20, generator=generator) < 0.2).double()
    return logits.requires_grad_(), targets


@pytest.mark.parametrize(
    ('gamma_pos', 'one_row', 'three_rows'), [(1.0, 4.399096, 10.226600), (0.0, 4.977326, 12.066278)]
)
def test_the_values_are_those_of_the_released_code(gamma_pos, one_row, three_rows):
    """Weights (1 - p)^4 on negatives, a known mistake, give another value on each."""
    up = torch.linspace(-2, 2, 20, dtype=torch.float64)
    wave = torch.sin(torch.arange(20, dtype=torch.float64))
    loss = AsymmetricLoss(gamma_pos=gamma_pos, reduction='sum')
    assert loss(up[None], rows({14, 4})).item() == pytest.approx(one_row, abs=1e-6)
    logits = torch.stack([up, -up, wave])
    found = loss(logits, rows({14, 4}, {8}, {14, 0, 10})).item()
    assert found == pytest.approx(three_rows, abs=1e-6)


def test_value_and_gradient_are_those_of_timm(batch):
    theirs = pytest.importorskip('timm.loss').AsymmetricLossMultiLabel()
    logits, targets = (part.float() for part in batch)  # they take no other
    expected = len(logits) * theirs(logits, targets)  # they divide the sum by N
    value = AsymmetricLoss(reduction='sum')(logits, targets)
    torch.testing.assert_close(value, expected)
    gradients = [torch.autograd.grad(loss, logits)[0] for loss in (value, expected)]
    torch.testing.assert_close(*gradients, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize('gamma', [0.0, 0.5, 2.0])
def test_without_margin_and_asymmetry_it_is_focal_loss(batch, gamma):
    values = [
        loss(*batch) for loss in (AsymmetricLoss(gamma, gamma, m=0.0), FocalLoss(gamma, scale=1.0))
    ]
    torch.testing.assert_close(*values)


def test_without_focusing_and_margin_it_is_bce(batch):
    torch.testing.assert_close(AsymmetricLoss(0.0, 0.0, 0.0)(*batch), BCELoss()(*batch))


def test_a_negative_within_the_margin_costs_nothing():
    logits = torch.logit(torch.tensor([[0.04, 0.06]])).requires_grad_()
    terms = AsymmetricLoss(gamma_neg=1.0, reduction='none')(logits, torch.zeros(1, 2))
    terms.sum().backward()
    assert terms[0, 0] == logits.grad[0, 0] == 0
    assert terms[0, 1].item() == pytest.approx(0.01**2, rel=0.01)  # p_m (-log(1 - p_m))
    assert logits.grad[0, 1] > 0


@pytest.mark.parametrize('gamma', [0.0, 0.5, 1.0, 4.0])
@pytest.mark.parametrize('m', [0.0, 0.05])
@pytest.mark.parametrize('target', [0.0, 1.0])
def test_value_and_gradient_stay_finite_far_out(gamma, m, target):
    logits = torch.tensor([[200.0, -200.0, 1000.0, -1000.0, 0.0]], requires_grad=True)
    value = AsymmetricLoss(gamma, gamma, m)(logits, torch.full((1, 5), target))
    value.backward()
    assert value.isfinite()
    assert logits.grad.isfinite().all()


@pytest.mark.parametrize(
    ('values', 'message'),
    [
        ({'gamma_pos': -1.0}, 'gamma_pos must be finite and at least 0, but got -1.0'),
        ({'gamma_neg': float('inf')}, 'gamma_neg must be finite and at least 0, but got inf'),
        ({'m': 1.0}, r'm must lie in \[0, 1\), but got 1.0'),
        ({'m': float('nan')}, r'm must lie in \[0, 1\), but got nan'),
    ],
)
def test_values_without_sense_are_refused(values, message):
    with pytest.raises(ValueError, match=message):
        AsymmetricLoss(**values)
