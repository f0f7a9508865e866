"""Losses for long-tailed multi-label recognition; they need torch alone."""

from dbl.losses.binary_cross_entropy import BCELoss
from dbl.losses.distribution_balanced import (
    DistributionBalancedLoss,
    distribution_balanced_loss,
    rebalanced_weight,
)
from dbl.losses.focal import FocalLoss, focal_loss

__all__ = [
    'BCELoss',
    'DistributionBalancedLoss',
    'FocalLoss',
    'distribution_balanced_loss',
    'focal_loss',
    'rebalanced_weight',
]
