"""Identities, golden values and edge cases that all losses share."""

import copy
import subprocess
import sys

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

import dbl.losses
from dbl.dataset_tools.published import published_subset
from dbl.losses import (
    AsymmetricLoss,
    BCELoss,
    ClassBalancedLoss,
    ClassBalancedNTRLoss,
    DistributionBalancedLoss,
    FocalLoss,
    InverseFrequencyLoss,
    LDAMLoss,
)

FREQ, N = [90, 30, 5], 100
LOSSES = {
    'bce': BCELoss(),
    'focal': FocalLoss(),
    'asymmetric': AsymmetricLoss(),
    'db_focal': DistributionBalancedLoss(FREQ, N),
    'db': DistributionBalancedLoss(FREQ, N, gamma=0.0, scale=1.0),
    'nt_bce': DistributionBalancedLoss(FREQ, N, gamma=0.0, scale=1.0, rebalance=False),
    'tolerant_of_both': DistributionBalancedLoss(FREQ, N, tolerate='both'),
    'undivided': DistributionBalancedLoss(FREQ, N, divided=False),
    'cb_ntr': ClassBalancedNTRLoss(FREQ, N),
    'r_bce': DistributionBalancedLoss(FREQ, N, lam=1.0, kappa=0.0, gamma=0.0, scale=1.0),
    'rw': InverseFrequencyLoss(FREQ, N),
    'rw_focal': InverseFrequencyLoss(FREQ, N, gamma=2.0, scale=2.0),
    'cb_focal': ClassBalancedLoss(FREQ),
    'cb_focal_per_class': ClassBalancedLoss(FREQ, per='class'),
    'ldam': LDAMLoss(FREQ),
    'ldam_focal': LDAMLoss(FREQ, s=2.0, gamma=2.0),
    'every_image_has_it': DistributionBalancedLoss([N, 30, 1], N),
    'cb_every_image_has_it': ClassBalancedLoss([N, 30, 1]),
}
all_losses = pytest.mark.parametrize('loss', LOSSES.values(), ids=LOSSES)


def test_every_loss_is_here():
    """With its values in LOSSES, so that the tests below speak of it."""
    exported = {name for name in dbl.losses.__all__ if name.endswith('Loss')}
    assert {type(loss).__name__ for loss in LOSSES.values()} == exported


def batch(size: int = 8, dtype: torch.dtype = torch.float64) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    logits = 3 * torch.randn(size, len(FREQ), generator=generator, dtype=torch.float64)
    targets = (torch.rand(size, len(FREQ), generator=generator) < 0.4).to(dtype)
    return logits.to(dtype), targets


@pytest.mark.parametrize(
    ('loss', 'expected'),
    [
        (BCELoss(), 0.870982),
        (FocalLoss(), 0.878282),
        (dict(lam=1.0, kappa=0.0, gamma=0.0, scale=1.0), 0.923628),
        (dict(lam=1.0, kappa=0.0), 0.955824),
        (dict(gamma=0.0, scale=1.0), 0.608002),
        (dict(), 1.090420),
        (dict(nu_over_lam=False), 0.960328),
    ],
    ids='bce focal r_bce r_bce_focal db db_focal db_focal_nu'.split(),
)
def test_golden_values_of_the_released_code_on_voc(loss, expected):
    if isinstance(loss, dict):
        class_freq = published_subset('voc_mlt').class_freq
        loss = DistributionBalancedLoss(class_freq, 1142, **{'mu': 0.3, 'lam': 5.0, **loss})
    logits = torch.linspace(-2, 2, 20, dtype=torch.float64)[None]
    targets = torch.zeros_like(logits)
    targets[0, [14, 4]] = 1
    assert loss(logits, targets).item() == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    ('loss', 'expected'),
    [
        (BCELoss(), 0.849915),
        (FocalLoss(), 0.828914),
        (dict(lam=1.0, kappa=0.0, gamma=0.0, scale=1.0), 0.441510),
        (dict(lam=1.0, kappa=0.0), 0.397991),
        (dict(gamma=0.0, scale=1.0), 0.272041),
        (dict(), 0.382759),
        (dict(nu_over_lam=False), 0.344422),
    ],
    ids='bce focal r_bce r_bce_focal db db_focal db_focal_nu'.split(),
)
def test_golden_values_of_the_released_code_on_coco(loss, expected):
    if isinstance(loss, dict):
        class_freq = published_subset('coco_mlt').class_freq
        loss = DistributionBalancedLoss(class_freq, 1909, **loss)
    logits = torch.linspace(-2, 2, 80, dtype=torch.float64)[None]
    targets = torch.zeros_like(logits)
    targets[0, [0, 78]] = 1
    assert loss(logits, targets).item() == pytest.approx(expected, abs=1e-6)


def test_focal_without_focusing_is_bce():
    logits, targets = batch()
    torch.testing.assert_close(
        FocalLoss(gamma=0.0, scale=1.0)(logits, targets), BCELoss()(logits, targets)
    )


def test_focal_by_its_definition():
    logits, targets = batch()
    p = logits.sigmoid()
    p_t = torch.where(targets > 0, p, 1 - p)
    expected = (2 * (1 - p_t) ** 2 * -p_t.log()).mean()
    torch.testing.assert_close(FocalLoss()(logits, targets), expected)


@pytest.mark.parametrize('gamma', [0.5, 1.0, 3.0])
def test_focal_gradient_stays_finite_far_out(gamma):
    logits = torch.tensor([[200.0, -200.0, 200.0]], requires_grad=True)
    for loss in (FocalLoss(gamma), DistributionBalancedLoss(FREQ, N, lam=5.0, gamma=gamma)):
        loss(logits, torch.tensor([[1.0, 0.0, 0.0]])).backward()
        assert logits.grad.isfinite().all()


def test_bce_is_that_of_torch():
    logits, targets = batch()
    expected = F.binary_cross_entropy_with_logits(logits, targets)
    torch.testing.assert_close(BCELoss()(logits, targets), expected)


@all_losses
def test_gradient(loss):
    logits, targets = batch(4)
    logits.requires_grad_()
    assert torch.autograd.gradcheck(lambda z: loss(z, targets), logits)


@all_losses
def test_leaves_the_inputs_as_they_are(loss):
    logits, targets = batch()
    before = logits.clone(), targets.clone()
    loss(logits, targets)
    torch.testing.assert_close((logits, targets), before, rtol=0, atol=0)


HARD = ([[60.0, -60.0, 0.0], [-60.0, 60.0, 60.0]], [[0.0, 1.0, 1.0], [0.0, 0.0, 0.0]])


@all_losses
@pytest.mark.parametrize('dtype', [torch.float16, torch.bfloat16, torch.float32])
def test_stays_finite_in_every_precision(loss, dtype):
    logits, targets = (torch.tensor(part, dtype=dtype) for part in HARD)
    logits.requires_grad_()
    value = loss(logits, targets)
    value.backward()
    assert value.dtype == torch.float32
    assert value.isfinite()
    assert logits.grad.isfinite().all()


@all_losses
@pytest.mark.parametrize('dtype', [torch.float16, torch.bfloat16])
@pytest.mark.parametrize('logits_dtype', [torch.float16, torch.bfloat16, torch.float32])
def test_autocast_changes_nothing(loss, dtype, logits_dtype):
    logits, targets = torch.tensor(HARD[0], dtype=logits_dtype), torch.tensor(HARD[1])
    logits.requires_grad_()
    expected = torch.autograd.grad(loss(logits, targets), logits)
    with torch.autocast('cpu', dtype=dtype):
        gradient = torch.autograd.grad(loss(logits, targets), logits)
    torch.testing.assert_close(gradient, expected, rtol=0, atol=0)


@all_losses
@pytest.mark.parametrize('label', [0.0, 1.0], ids=['no class', 'all classes'])
def test_an_image_with_no_class_or_all_is_finite(loss, label):
    logits = torch.tensor([[1.0, -2.0, 0.5]], requires_grad=True)
    value = loss(logits, torch.full((1, 3), label))
    value.backward()
    assert value.item() > 0
    assert logits.grad.isfinite().all()
    assert logits.grad.abs().min() > 0, 'every class learns from it'


@all_losses
def test_compiles_without_graph_breaks(loss):
    logits, targets = batch()
    torch.compiler.reset()
    compiled = torch.compile(loss, fullgraph=True, backend='eager')
    torch.testing.assert_close(compiled(logits, targets), loss(logits, targets))


@all_losses
def test_takes_integer_targets_and_one_image(loss):
    logits, targets = batch(1, torch.float32)
    torch.testing.assert_close(loss(logits, targets.long()), loss(logits, targets))


@all_losses
def test_a_checkpoint_of_one_row_loads_into_another(loss):
    state_dict = nn.ModuleDict({'fc': nn.Linear(4, 3), 'loss': BCELoss()}).state_dict()
    model = nn.ModuleDict({'fc': nn.Linear(4, 3), 'loss': loss})
    model.load_state_dict(state_dict)
    assert torch.equal(model['fc'].weight, state_dict['fc.weight'])
    assert set(model.state_dict()) == {'fc.weight', 'fc.bias'}


@all_losses
@pytest.mark.skipif(not torch.cuda.is_available(), reason='no GPU')
def test_a_gpu_gives_the_same(loss):
    logits, targets = batch()
    expected = loss(logits, targets)
    value = copy.deepcopy(loss).cuda()(logits.cuda(), targets.cuda())
    torch.testing.assert_close(value.cpu(), expected)


@all_losses
def test_follows_to_another_device(loss):
    moved = copy.deepcopy(loss).to('meta')
    assert all(buffer.device.type == 'meta' for buffer in moved.buffers())
    logits = torch.zeros(2, 3, device='meta')
    assert moved(logits, logits).device.type == 'meta'


def test_counts_stay_whole_in_half_precision():
    logits, targets = torch.randn(4, 2), torch.tensor([[1.0, 0.0]] * 4)
    loss = DistributionBalancedLoss([70_000, 3], 80_000)
    expected = loss(logits, targets)
    torch.testing.assert_close(loss.half()(logits, targets), expected, rtol=1e-3, atol=1e-4)


def test_needs_torch_alone():
    program = (
        'import sys\n'
        'from dbl.losses import DistributionBalancedLoss\n'
        "heavy = 'mmengine mmcv cv2 scipy sklearn torchvision rich'.split()\n"
        'assert not set(heavy) & set(sys.modules)\n'
    )
    subprocess.run([sys.executable, '-c', program], check=True)


@all_losses
@pytest.mark.parametrize('label', [-1, 2, 255, 2 / 3, float('nan')])
def test_a_target_that_is_neither_0_nor_1_is_refused(loss, label):
    """They stayed finite and plausible, or optimised something else."""
    logits, targets = batch()
    targets[3, 1] = label
    with pytest.raises(ValueError, match=r'targets must be 0 or 1 .*but got'):
        loss(logits, targets)


@all_losses
@pytest.mark.parametrize('dtype', [torch.bool, torch.uint8, torch.int64, torch.float16])
def test_targets_may_be_of_any_type(loss, dtype):
    logits, targets = batch()
    assert loss(logits, targets.to(dtype)) == loss(logits, targets)


@all_losses
def test_shapes_that_differ_are_refused(loss):
    logits, targets = batch()
    for odd in (targets[:, :1], targets[:1], targets[..., None]):
        with pytest.raises(ValueError, match='expected logits and targets of one shape'):
            loss(logits, odd)


@pytest.mark.parametrize('shape', [(2, 3), (1,), (2, 4, 1)])
def test_other_classes_than_those_of_the_frequencies_are_refused(shape):
    """With a third axis, weights were summed over another one than the classes."""
    expected = r'expected logits of shape \(N, C\) of 1 classes, as class_freq has'
    with pytest.raises(ValueError, match=expected):
        ClassBalancedLoss([5])(torch.zeros(shape), torch.zeros(shape))


@pytest.mark.parametrize(
    'class_freq',
    [
        np.array([250, 40, 3], np.uint8),
        np.array([250, 40, 3], np.uint64),
        np.array([3, 40, 250])[::-1],
        np.array([250.0, 40.0, 3.0]),
        torch.tensor([250, 40, 3], dtype=torch.uint8),
        torch.tensor([250, 40, 3], dtype=torch.uint64),
        (250, 40, 3),
    ],
    ids=lambda freq: f'{type(freq).__name__} {getattr(freq, "dtype", "")}',
)
def test_class_frequencies_come_in_any_type(class_freq):
    """Those of 8 bits were compared with the number of images in 8 bits."""
    logits, targets = torch.randn(4, 3), torch.eye(4, 3)
    expected = DistributionBalancedLoss([250, 40, 3], 1000)(logits, targets)
    assert torch.equal(DistributionBalancedLoss(class_freq, 1000)(logits, targets), expected)


@all_losses
def test_reductions_agree(loss):
    logits, targets = batch()
    reduced = {}
    for reduction in ('none', 'sum', 'mean'):
        other = copy.deepcopy(loss)
        other.reduction = reduction
        reduced[reduction] = other(logits, targets)
    assert reduced['none'].shape == logits.shape
    torch.testing.assert_close(reduced['none'].sum(), reduced['sum'])
    torch.testing.assert_close(reduced['none'].mean(), reduced['mean'])


def test_another_reduction_is_refused():
    for make in (BCELoss, FocalLoss):
        with pytest.raises(ValueError, match=r"reduction must be one of .*, but got 'avg'"):
            make(reduction='avg')


def test_a_loss_shows_its_values():
    shown = repr(DistributionBalancedLoss(FREQ, N, mu=0.3, nu_over_lam=False))
    for part in ('num_classes=3', 'mu=0.3', 'lam=2.0', 'nu_over_lam=False', "reduction='mean'"):
        assert part in shown
    assert repr(BCELoss(reduction='sum')) == "BCELoss(reduction='sum')"


def test_more_images_of_a_class_than_in_all_is_no_empty_class():
    with pytest.raises(ValueError, match='but got 101 for class 0') as error:
        DistributionBalancedLoss([101, 3], 100)
    assert 'leave out' not in str(error.value)
