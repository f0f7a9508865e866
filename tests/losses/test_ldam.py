import math

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


def test_focal_weighs_the_shifted_logit():
    loss = LDAMLoss([1], max_margin=0.5, s=2.0, gamma=3.0, scale=0.7)
    p_t = 1 / (1 + math.exp(-2 * (0.4 - 0.5)))
    expected = 0.7 * (1 - p_t) ** 3 * -math.log(p_t)
    value = loss(torch.tensor([[0.4]]), torch.ones(1, 1))
    assert value.item() == pytest.approx(expected, rel=1e-6)


def test_margin_zero_is_bce():
    logits, targets = torch.randn(4, 2), torch.eye(4, 2)
    loss = LDAMLoss([2, 1], max_margin=0.0)
    torch.testing.assert_close(loss(logits, targets), BCELoss()(logits, targets))


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (dict(max_margin=-0.1), 'max_margin must be finite and at least 0, but got -0.1'),
        (dict(s=0.0), 's must be finite and above 0, but got 0.0'),
        (dict(gamma=-1.0), 'gamma must be finite and at least 0, but got -1.0'),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        LDAMLoss([3, 1], **arguments)
