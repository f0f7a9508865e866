"""How backbones treat their BatchNorms."""

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm


def synchronise(model: nn.Module) -> None:
    """Turns every BatchNorm in a model into one that shares its statistics among processes.

    timm's, which hold an activation as well, are turned into timm's own, which keep it.

    >>> net = nn.Sequential(nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4))
    >>> synchronise(net)
    >>> type(net[1]).__name__
    'SyncBatchNorm'
    """
    if any(type(part).__module__.startswith('timm.') for part in model.modules()):
        from timm.layers import convert_sync_batchnorm as convert
    else:
        convert = nn.SyncBatchNorm.convert_sync_batchnorm
    convert(model)  # in place, unless the model is itself a norm


def keep_statistics(module: nn.Module) -> None:
    """Puts every BatchNorm in a module into eval mode, so that its running statistics stay fixed.

    >>> net = nn.Sequential(nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4)).train()
    >>> keep_statistics(net)
    >>> net.training, [part.training for part in net]
    (True, [True, False])
    """
    # Released code: all running statistics stay those of ImageNet. Paper: not mentioned.
    for part in module.modules():
        if isinstance(part, _BatchNorm):
            part.eval()
