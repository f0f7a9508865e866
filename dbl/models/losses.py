"""Registers the losses here, so that ``dbl.losses`` itself needs torch alone."""

import dbl.losses
from dbl.registry import MODELS

for name in dbl.losses.__all__:
    if name.endswith('Loss'):
        MODELS.register_module(module=getattr(dbl.losses, name))
