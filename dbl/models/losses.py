"""Registers the losses here, so that ``dbl.losses`` itself needs torch alone."""

from dbl.losses import BCELoss, DistributionBalancedLoss, FocalLoss
from dbl.registry import MODELS

for loss in (BCELoss, DistributionBalancedLoss, FocalLoss):
    MODELS.register_module(module=loss)
