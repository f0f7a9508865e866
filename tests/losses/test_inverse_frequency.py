import pytest
import torch

from dbl.losses import BCELoss, FocalLoss, InverseFrequencyLoss, inverse_frequency_weight


def test_weights_of_a_worked_example():
    # N / n = (1, 4, 16) where N = 16, square roots (1, 2, 4), divided by 4.
    weight = inverse_frequency_weight(torch.tensor([16.0, 4.0, 1.0]), power=0.5)
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


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (dict(class_freq=[3, 6]), r'in \[1, num_images=5\], but got 6 for class 1'),
        (dict(class_freq=[3, 1], power=-1.0), 'power must be finite and at least 0, but got -1.0'),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        InverseFrequencyLoss(num_images=5, **arguments)
