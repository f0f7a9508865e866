"""Losses for long-tailed multi-label recognition, which need torch alone."""

from dbl.losses.asymmetric import AsymmetricLoss, asymmetric_loss
from dbl.losses.binary_cross_entropy import BCELoss
from dbl.losses.class_balanced import (
    ClassBalancedLoss,
    class_balanced_loss,
    class_balanced_weight,
    effective_number_weight,
)
from dbl.losses.class_balanced_ntr import ClassBalancedNTRLoss
from dbl.losses.distribution_balanced import (
    DistributionBalancedLoss,
    class_bias,
    distribution_balanced_loss,
    rebalanced_weight,
)
from dbl.losses.focal import FocalLoss, focal_loss
from dbl.losses.inverse_frequency import (
    InverseFrequencyLoss,
    inverse_frequency_loss,
    inverse_frequency_weight,
)
from dbl.losses.ldam import LDAMLoss, ldam_loss, ldam_margin

__all__ = [
    'AsymmetricLoss',
    'BCELoss',
    'ClassBalancedLoss',
    'ClassBalancedNTRLoss',
    'DistributionBalancedLoss',
    'FocalLoss',
    'InverseFrequencyLoss',
    'LDAMLoss',
    'asymmetric_loss',
    'class_balanced_loss',
    'class_balanced_weight',
    'class_bias',
    'distribution_balanced_loss',
    'effective_number_weight',
    'focal_loss',
    'inverse_frequency_loss',
    'inverse_frequency_weight',
    'ldam_loss',
    'ldam_margin',
    'rebalanced_weight',
]
