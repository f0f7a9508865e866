"""The losses of Huang et al. (EMNLP 2021) on fixed inputs, in float64, from their own code."""

import pytest
import torch

from dbl.losses import (
    ClassBalancedLoss,
    ClassBalancedNTRLoss,
    DistributionBalancedLoss,
    FocalLoss,
)

CLASS_FREQ = [6, 34, 8, 14, 154, 17, 249, 29, 479, 4, 240, 48, 11, 20, 775, 100, 5, 82, 7, 64]
NUM_IMAGES = 1142
THEIRS = dict(class_freq=CLASS_FREQ, num_images=NUM_IMAGES, nu_over_lam=False, scale=0.5)
LOSSES = {
    'FL': (lambda: FocalLoss(scale=0.5), 0.219570, 0.184753),
    'CB': (lambda: ClassBalancedLoss(CLASS_FREQ, per='class', scale=5.0), 0.302486, 0.257481),
    'R-FL': (
        lambda: DistributionBalancedLoss(**THEIRS, mu=0.9, lam=1.0, kappa=0.0), 0.218294, 0.159091
    ),
    'NTR-FL': (
        lambda: DistributionBalancedLoss(**THEIRS, rebalance=False, divided=False),
        0.384264, 0.312074,
    ),
    'DB-0FL': (lambda: DistributionBalancedLoss(**THEIRS, mu=0.9, gamma=0.0), 0.271152, 0.205212),
    'CB-NTR': (lambda: ClassBalancedNTRLoss(CLASS_FREQ, NUM_IMAGES), 0.274676, 0.223081),
    'DB': (lambda: DistributionBalancedLoss(**THEIRS, mu=0.9), 0.205044, 0.145464),
}  # fmt: skip


def rows(*positives: set[int]) -> torch.Tensor:
    targets = torch.zeros(len(positives), 20, dtype=torch.float64)
    for row, shown in zip(targets, positives, strict=True):
        row[list(shown)] = 1
    return targets


@pytest.mark.parametrize('name', LOSSES)
def test_the_values_are_those_of_the_released_code(name):
    make, one_row, three_rows = LOSSES[name]
    up = torch.linspace(-2, 2, 20, dtype=torch.float64)
    wave = torch.sin(torch.arange(20, dtype=torch.float64))
    loss = make()
    assert loss(up[None], rows({14, 4})).item() == pytest.approx(one_row, abs=6e-7)
    logits = torch.stack([up, -up, wave])
    found = loss(logits, rows({14, 4}, {8}, {14, 0, 10})).item()
    assert found == pytest.approx(three_rows, abs=6e-7)


def test_without_weights_and_tolerance_it_is_focal_loss():
    logits, targets = torch.randn(4, 20), (torch.rand(4, 20) < 0.2).float()
    loss = ClassBalancedNTRLoss(CLASS_FREQ, NUM_IMAGES, beta=0.0, lam=1.0, kappa=0.0, scale=2.0)
    torch.testing.assert_close(loss(logits, targets), FocalLoss()(logits, targets))


@pytest.mark.parametrize(
    ('values', 'message'),
    [
        ({'beta': 1.0}, r'beta must lie in \[0, 1\), but got 1.0'),
        ({'lam': 0.0}, 'lam must be finite and above 0'),
        ({'kappa': float('nan')}, 'kappa must be finite'),
    ],
)
def test_values_without_sense_are_refused(values, message):
    with pytest.raises(ValueError, match=message):
        ClassBalancedNTRLoss(CLASS_FREQ, NUM_IMAGES, **values)
