from collections.abc import Sequence

from torch import nn

from dbl.registry import MODELS


@MODELS.register_module()
class ConvNet(nn.Sequential):
    """A small network for small pictures, trained from scratch: the demo's backbone.

    Each stage halves the picture by a 3x3 convolution of stride 2 and adds a second one.

    Args:
        channels: Width of each stage.

    Shape:
        - images: :math:`(N, 3, H, W)`. Output: :math:`(N, D, H/2^S, W/2^S)` after S stages,
          D = ``out_features``.
    """

    def __init__(self, channels: Sequence[int]) -> None:
        widths = channels if isinstance(channels, (list, tuple)) else []
        if not widths or not all(type(width) is int and width > 0 for width in widths):
            raise ValueError(f'channels must be a list of integers above 0, but got {channels!r}')
        widths = [3, *channels]
        super().__init__(*map(_stage, widths[:-1], widths[1:]))
        self.out_features = widths[-1]


def _stage(in_channels: int, out_channels: int) -> nn.Sequential:
    return nn.Sequential(
        *_convolution(in_channels, out_channels, stride=2),
        *_convolution(out_channels, out_channels, stride=1),
    )


def _convolution(in_channels: int, out_channels: int, stride: int) -> list[nn.Module]:
    return [
        nn.Conv2d(in_channels, out_channels, 3, stride, padding=1, bias=False),
        nn.BatchNorm2d(out_channels),
        nn.ReLU(inplace=True),
    ]
