import math

import pytest
import torch
from torch import nn

from dbl.config import load_config
from dbl.errors import InputError
from dbl.registry import SCHEDULES, build


def schedule(epoch_length=100, epochs=8, batch_factor=1.0, **part):
    """Builds a schedule as a config's is, StepDecay if it has no other type."""
    part = {'type': 'StepDecay', 'milestones': [5, 7], **part}
    given = {'epoch_length': epoch_length, 'epochs': epochs, 'batch_factor': batch_factor}
    return build(SCHEDULES, 'schedule', part, given)


@pytest.mark.parametrize(
    ('row', 'epochs', 'length', 'steps'), [('rs', 8, 705, (5, 7)), ('erm', 80, 60, (55, 70))]
)
def test_learning_rate_of_the_recipe(root, row, epochs, length, steps):
    """COCO-MLT's 705 iterations an epoch with re-sampling, 60 without."""
    at = {0: 1 / 3, 250: 2 / 3, 499: 1 - 2 / 3 / 500, 500: 1, 605: 1}
    for number, share in enumerate((0.1, 0.01)):
        at |= {steps[number] * length - 1: 10 * share, steps[number] * length: share}
    config = load_config(root / f'configs/coco_mlt/{row}.py')
    rate = schedule(length, config.epochs, **config.schedule)
    assert config.epochs == epochs
    for iteration, share in at.items():
        assert config.optimizer.lr * rate(iteration) == pytest.approx(0.02 * share), iteration


def test_torch_s_own_schedules_give_the_same_rates():
    """A linear warm-up counted in iterations, and steps counted in epochs."""
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=1.0)
    warmup = torch.optim.lr_scheduler.LinearLR(optimizer, 1 / 3, total_iters=500)
    steps = torch.optim.lr_scheduler.MultiStepLR(optimizer, [5, 7])
    rate = schedule(warmup_iterations=500)
    for iteration in range(800):
        assert rate(iteration) == pytest.approx(optimizer.param_groups[0]['lr']), iteration
        optimizer.step()
        warmup.step()
        if iteration % 100 == 99:
            steps.step()


@pytest.mark.parametrize(('batch', 'length'), [(32, 500), (128, 125), (8, 2000), (10**6, 1)])
def test_a_warm_up_in_iterations_follows_the_batch(batch, length):
    rate = schedule(epoch_length=10**4, batch_factor=batch / 32, warmup_iterations=500)
    assert rate(0) == pytest.approx(1 / 3)
    assert rate(length - 1) < 1
    assert rate(length) == 1


@pytest.mark.parametrize('batch_factor', [1, 4])
def test_a_warm_up_by_its_share_is_of_the_run_whatever_the_batch(batch_factor):
    """The first epoch of eight; its last iteration has the full rate."""
    rate = schedule(batch_factor=batch_factor, warmup_share=1 / 8)
    assert rate(0) == pytest.approx(1 / 3)
    assert rate(98) == pytest.approx(1 - 2 / 3 / 99)
    assert rate(99) == rate(100) == 1


@pytest.mark.parametrize('none', [{}, {'warmup_iterations': 0}, {'warmup_share': 0.0}])
def test_without_a_warm_up_the_rate_starts_full(none):
    assert schedule(**none)(0) == 1


def test_half_a_cosine():
    part = {'type': 'CosineDecay', 'final_factor': 0.2, 'warmup_iterations': 40}
    given = {'epoch_length': 100, 'epochs': 8}
    rate = build(SCHEDULES, 'schedule', part, given)
    assert rate(20) == pytest.approx(2 / 3 * (0.2 + 0.4 * (1 + math.cos(math.pi / 40))))
    assert [rate(400), rate(800)] == pytest.approx([0.6, 0.2])


@pytest.mark.parametrize('factor', [-5, 1.1])
def test_a_cosine_ends_at_a_share_of_the_rate(factor):
    part = {'type': 'CosineDecay', 'final_factor': factor}
    with pytest.raises(InputError, match=r'schedule .*final_factor must lie in \[0, 1\]'):
        build(SCHEDULES, 'schedule', part, {'epoch_length': 100, 'epochs': 8})


@pytest.mark.parametrize(
    ('part', 'message'),
    [
        ({'warmup_iterations': 500, 'warmup_share': 0.1}, 'warmup_iterations.* warmup_share'),
        ({'warmup_iterations': -1}, 'warmup_iterations must be at least 0'),
        ({'warmup_share': 1.5}, r'warmup_share .*lie in \[0, 1\]'),
        ({'warmup_factor': 0.0}, r'warmup_factor must lie in \(0, 1\], but got 0.0'),
        ({'warmup_iterations': 0.5}, 'schedule.warmup_iterations must be an integer or None'),
        ({'milestones': 75}, 'milestones must be .*, but got 75'),
        ({'milestones': [5, 'a']}, r"milestones must be .*, but got \[5, 'a'\]"),
        ({'milestones': 'abc'}, "milestones must be .*, but got 'abc'"),
        ({'milestones': [-1]}, r'milestones must be .*, but got \[-1\]'),
        ({'gamma': -1}, 'gamma must be finite and above 0, but got -1'),
        ({'gamma': math.inf}, 'gamma must be finite and above 0, but got inf'),
    ],
)
def test_what_no_run_can_follow_is_refused(part, message):
    with pytest.raises(InputError, match=message):
        schedule(**part)
