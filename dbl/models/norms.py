"""How backbones treat their BatchNorms."""

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm


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
