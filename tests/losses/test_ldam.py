import pytest
import torch

from dbl.losses import BCELoss, LDAMLoss, ldam_margin


def test_margins_of_a_worked_example():
    # (1 / n)^(1/4) = (1/2, 1, 1/3), times the largest margin.
    margin = ldam_margin(torch.tensor([16.0, 1.0, 81.0]), max_margin=0.6)
    torch.testing.assert_close(margin, torch.tensor([0.3, 0.6, 0.2]))


def test_positives_alone_lose_their_margin():
    logits = torch.tensor([[0.3, -1.0, 2.0], [2.0, 0.5, -1.5]])
    targets = torch.tensor([[1.0, 0.0, 0.0], [0.0, 1.0, 1.0]])
    shifted = torch.tensor([[0.0, -1.0, 2.0], [2.0, -0.1, -1.7]])
    loss = LDAMLoss([16, 1, 81], max_margin=0.6, s=3.0)
    torch.testing.assert_close(loss(logits, targets), BCELoss()(3 * shifted, targets))


def test_margin_zero_is_bce():
    logits, targets = torch.randn(4, 2), torch.eye(4, 2)
    loss = LDAMLoss([2, 1], max_margin=0.0)
    torch.testing.assert_close(loss(logits, targets), BCELoss()(logits, targets))


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (dict(max_margin=-0.1), 'max_margin must be at least 0, but got -0.1'),
        (dict(s=0.0), 's must be above 0, but got 0.0'),
        (dict(gamma=-1.0), 'gamma must be at least 0, but got -1.0'),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        LDAMLoss([3, 1], **arguments)
