import pytest
import torch

from dbl.losses import BCELoss, FocalLoss, InverseFrequencyLoss, inverse_frequency_weight


def test_weights_of_a_worked_example():
    # N / n = (1, 4, 16), square roots (1, 2, 4), divided by 4.
    weight = inverse_frequency_weight(torch.tensor([16.0, 4.0, 1.0]), 16, power=0.5)
    torch.testing.assert_close(weight, torch.tensor([0.25, 0.5, 1.0]))


def test_loss_of_a_worked_example():
    """Logits of zero: every term is log 2, times the weights 1/2 and 1."""
    loss = InverseFrequencyLoss([4, 1], num_images=5)
    value = loss(torch.zeros(3, 2), torch.tensor([[1.0, 0.0]] * 3))
    assert value.item() == pytest.approx(0.75 * 0.693147, abs=1e-6)


def test_weights_are_per_class_positives_and_negatives_alike():
    loss = InverseFrequencyLoss([16, 4, 1], 20)
    logits, targets = torch.randn(5, 3), torch.eye(5, 3)
    terms = torch.stack([BCELoss()(logits[:, c], targets[:, c]) for c in range(3)])
    expected = (terms * torch.tensor([0.25, 0.5, 1.0])).mean()
    torch.testing.assert_close(loss(logits, targets), expected)


def test_power_zero_switches_the_weights_off():
    logits, targets = torch.randn(5, 3), torch.eye(5, 3)
    flat = InverseFrequencyLoss([16, 4, 1], 20, power=0.0)
    torch.testing.assert_close(flat(logits, targets), BCELoss()(logits, targets))
    focal = InverseFrequencyLoss([16, 4, 1], 20, power=0.0, gamma=2.0, scale=2.0)
    torch.testing.assert_close(focal(logits, targets), FocalLoss()(logits, targets))


def test_bad_counts_are_named():
    with pytest.raises(ValueError, match=r'counts in \[1, num_images=5\].*6 for class 1'):
        InverseFrequencyLoss([3, 6], 5)
