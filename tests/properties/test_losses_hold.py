"""Properties of every loss, on targets and logits of any kind."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from dbl import losses

LOSSES = {
    'bce': lambda n, size: losses.BCELoss(),
    'focal': lambda n, size: losses.FocalLoss(),
    'asymmetric': lambda n, size: losses.AsymmetricLoss(),
    'inverse_frequency': lambda n, size: losses.InverseFrequencyLoss(n, size),
    'class_balanced': lambda n, size: losses.ClassBalancedLoss(n),
    'ldam': lambda n, size: losses.LDAMLoss(n),
    'class_balanced_ntr': lambda n, size: losses.ClassBalancedNTRLoss(n, size),
    'distribution_balanced': lambda n, size: losses.DistributionBalancedLoss(n, size),
}


@st.composite
def batches(draw):
    """Logits and targets (N, C), class frequencies, and the number of images."""
    num_images = draw(st.integers(1, 5))
    num_classes = draw(st.integers(1, 6))
    size = num_images * num_classes
    logits = draw(st.lists(st.floats(-80, 80, width=32), min_size=size, max_size=size))
    targets = draw(st.lists(st.integers(0, 1), min_size=size, max_size=size))
    freq = draw(st.lists(st.integers(1, 10**6), min_size=num_classes, max_size=num_classes))
    shape = (num_images, num_classes)
    total = max(freq) + draw(st.integers(1, 10**6))
    return torch.tensor(logits).view(shape), torch.tensor(targets).view(shape).float(), freq, total


def test_every_loss_is_here():
    exported = {name for name in losses.__all__ if name.endswith('Loss')}
    assert {type(make([3, 5], 9)).__name__ for make in LOSSES.values()} == exported


@pytest.mark.parametrize('name', LOSSES)
@given(batch=batches())
def test_a_loss_is_finite_with_gradients_that_point_the_right_way(name, batch):
    logits, targets, freq, total = batch
    logits.requires_grad_()
    loss = LOSSES[name](freq, total)(logits, targets)
    loss.backward()
    assert loss.isfinite()
    assert loss >= 0
    assert logits.grad.isfinite().all()
    # More of a positive's logit never costs, more of a negative's never gains.
    wrong_way = torch.where(targets == 1, logits.grad, -logits.grad)
    assert (wrong_way <= 1e-6).all()


@pytest.mark.parametrize('name', LOSSES)
@given(batch=batches(), data=st.data())
def test_the_order_of_images_and_classes_does_not_matter(name, batch, data):
    logits, targets, freq, total = batch
    images = data.draw(st.permutations(range(len(logits))))
    classes = data.draw(st.permutations(range(len(freq))))
    loss = LOSSES[name](freq, total)(logits, targets)
    moved = LOSSES[name]([freq[c] for c in classes], total)(
        logits[images][:, classes], targets[images][:, classes]
    )
    torch.testing.assert_close(moved, loss, rtol=1e-4, atol=1e-6)
