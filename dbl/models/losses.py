"""Registers the losses here, so that ``dbl.losses`` itself needs torch alone."""

from dbl.losses import (
    BCELoss,
    ClassBalancedLoss,
    DistributionBalancedLoss,
    FocalLoss,
    InverseFrequencyLoss,
    LDAMLoss,
)
from dbl.registry import MODELS

for loss in (
    BCELoss,
    ClassBalancedLoss,
    DistributionBalancedLoss,
    FocalLoss,
    InverseFrequencyLoss,
    LDAMLoss,
):
    MODELS.register_module(module=loss)
