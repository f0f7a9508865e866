import pytest
import torch
from torch.nn import functional as F

from dbl.losses import (
    ClassBalancedLoss,
    FocalLoss,
    class_balanced_weight,
    effective_number_weight,
)


def test_weights_of_a_worked_example():
    # beta = 1/2: 1 - beta^n = (1/2, 3/4, 7/8), so w = (1, 2/3, 4/7).
    freq = torch.tensor([1.0, 2.0, 3.0])
    torch.testing.assert_close(effective_number_weight(freq, 0.5), torch.tensor([1, 2 / 3, 4 / 7]))
    targets = torch.tensor([[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    torch.testing.assert_close(
        class_balanced_weight(targets, freq, 0.5), torch.tensor([[5 / 6], [4 / 7]])
    )


@pytest.mark.parametrize('beta', [0.9, 0.9999, 0.9999999])
def test_float32_keeps_the_weights_for_beta_near_1(beta):
    freq = torch.tensor([1, 10, 1000])
    exact = (1 - beta) / (1 - beta ** freq.double())
    weight = effective_number_weight(freq.float(), beta)
    torch.testing.assert_close(weight.double(), exact, rtol=1e-5, atol=0)


def test_an_image_without_positives_weighs_like_a_class_with_endless_images():
    freq = torch.tensor([3.0, 1e6])
    weight = class_balanced_weight(torch.tensor([[0.0, 0.0], [0.0, 1.0]]), freq, 0.9)
    torch.testing.assert_close(weight, torch.full((2, 1), 0.1))


def test_an_image_s_weight_is_on_all_its_terms():
    logits = torch.tensor([[0.3, -1.0], [2.0, 0.5]])
    targets = torch.tensor([[1.0, 1.0], [0.0, 1.0]])
    loss = ClassBalancedLoss([2, 1], beta=0.5)
    images = torch.stack([FocalLoss()(logits[i], targets[i]) for i in range(2)])
    expected = (images * torch.tensor([5 / 6, 1.0])).mean()
    torch.testing.assert_close(loss(logits, targets), expected)


def test_per_class_the_weight_is_the_class_s_own():
    logits, targets = torch.randn(4, 2), torch.eye(4, 2)
    loss = ClassBalancedLoss([2, 1], beta=0.5, per='class')
    classes = torch.stack([FocalLoss()(logits[:, c], targets[:, c]) for c in range(2)])
    expected = (classes * torch.tensor([2 / 3, 1.0])).mean()
    torch.testing.assert_close(loss(logits, targets), expected)


def test_without_focal_it_is_weighted_bce():
    logits, targets = torch.randn(4, 2), torch.eye(4, 2)
    loss = ClassBalancedLoss([2, 1], gamma=0.0, scale=1.0)
    weight = class_balanced_weight(targets, torch.tensor([2.0, 1.0]), 0.9).expand(4, 2)
    expected = F.binary_cross_entropy_with_logits(logits, targets, weight)
    torch.testing.assert_close(loss(logits, targets), expected)


@pytest.mark.parametrize('per', ['image', 'class'])
def test_beta_zero_switches_the_weights_off(per):
    logits, targets = torch.randn(4, 2), torch.eye(4, 2)
    loss = ClassBalancedLoss([2, 1], beta=0.0, per=per)
    torch.testing.assert_close(loss(logits, targets), FocalLoss()(logits, targets))


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (dict(class_freq=[3, 0]), '0 for class 1'),
        (dict(class_freq=[3], beta=1.0), r'beta must lie in \[0, 1\), but got 1.0'),
        (dict(class_freq=[3], per='batch'), "per must be 'image' or 'class', but got 'batch'"),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        ClassBalancedLoss(**arguments)
