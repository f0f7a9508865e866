"""Registers torch's optimisers."""

from torch import optim

from dbl.registry import OPTIMIZERS

for _name in ('SGD', 'Adam', 'AdamW'):
    OPTIMIZERS.register_module(module=getattr(optim, _name))
