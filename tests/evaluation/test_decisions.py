"""docs/decisions.md: its tables are what its code prints."""

import re

import pytest
import torch
from scipy.optimize import brentq
from scipy.special import expit, logit

from dbl.evaluation.rare_classes import LEAST
from dbl.losses import BCELoss, DistributionBalancedLoss, FocalLoss, class_bias


@pytest.fixture
def page(root) -> str:
    return (root / 'docs/decisions.md').read_text()


def test_the_tables_are_what_the_code_beside_them_prints(page, capsys):
    for block in re.findall(r'^```python\n(.*?)^```$', page, re.DOTALL | re.MULTILINE):
        exec(compile(block, 'docs/decisions.md', 'exec'), {})
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) == 8
    assert [line for line in printed if line not in page.splitlines()] == []


def test_what_is_measured_with_a_training_at_least_compiles(page):
    (block,) = re.findall(r'^```py\n(.*?)^```$', page, re.DOTALL | re.MULTILINE)
    compile(block, 'docs/decisions.md', 'exec')


def test_the_default_is_the_one_that_is_measured(page):
    assert f'the default of {LEAST}.' in page


@pytest.mark.parametrize('rate', [0.01, 0.3, 0.5, 0.9])
def test_the_best_logit_is_where_the_gradient_vanishes(rate):
    """By hand: logit(p) for BCE, and p sigma(-u) = (1 - p) sigma(lam u) with u = z - nu for NT."""
    lam, nu = 5.0, class_bias(torch.tensor([4.0], dtype=torch.float64), 1142, 0.05 / 5.0).item()
    u = brentq(lambda u: rate * expit(-u) - (1 - rate) * expit(lam * u), -20, 20)
    tolerant = DistributionBalancedLoss([4], 1142, lam=lam, gamma=0.0, rebalance=False)
    for loss, best in [(BCELoss(), logit(rate)), (tolerant, u + nu)]:
        logits = torch.tensor([[best]], dtype=torch.float64, requires_grad=True)
        losses = loss(logits, torch.ones(1, 1)), loss(logits, torch.zeros(1, 1))
        (gradient,) = torch.autograd.grad(rate * losses[0] + (1 - rate) * losses[1], logits)
        assert gradient.abs() < 1e-9


def test_the_sigmoid_of_a_rare_class_is_far_above_its_rate():
    """The page's claim, by another way than the grid: the losses on both sides of the rate."""
    at = {score: torch.logit(torch.tensor([[score]], dtype=torch.float64)) for score in (0.01, 0.3)}
    for loss in (FocalLoss(), DistributionBalancedLoss([4], 1142, lam=5.0, rebalance=False)):
        expected = {
            score: 0.01 * loss(z, torch.ones(1, 1)) + 0.99 * loss(z, torch.zeros(1, 1))
            for score, z in at.items()
        }
        assert expected[0.3] < expected[0.01]
