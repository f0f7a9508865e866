from collections.abc import Sequence
from pathlib import Path

from torch import nn

from dbl.models.norms import keep_statistics
from dbl.models.pretrained import load, read_state_dict
from dbl.registry import MODELS

SHAPES_WEIGHTS = Path(__file__).with_name('weights') / 'shapes.pth'


@MODELS.register_module()
class ConvNet(nn.Sequential):
    """A small network for small pictures: the demo's backbone.

    Each stage halves the picture with a 3x3 convolution of stride 2. A second one follows.

    Args:
        channels: Width of each stage.
        weights: ``'SHAPES'``, which come with dbl for the demo's channels (see
            ``dbl.pretraining``); the path of a state dict; or None. They are read by
            :meth:`init_weights`, which ``build_experiment`` calls.
        norm_eval: Keep every BatchNorm in eval mode while training: the running statistics stay
            fixed, and the affine parameters are trained.

    Shape:
        - images: :math:`(N, 3, H, W)`. Output: :math:`(N, D, H/2^S, W/2^S)` after S stages,
          D = ``out_features``.

    >>> import torch
    >>> ConvNet([8, 16])(torch.zeros(2, 3, 32, 32)).shape
    torch.Size([2, 16, 8, 8])
    """

    def __init__(
        self, channels: Sequence[int], weights: str | None = None, norm_eval: bool = False
    ) -> None:
        widths = channels if isinstance(channels, (list, tuple)) else []
        if not widths or not all(type(width) is int and width > 0 for width in widths):
            raise ValueError(f'channels must be a list of integers above 0, but got {channels!r}')
        widths = [3, *channels]
        super().__init__(*map(_stage, widths[:-1], widths[1:]))
        self.out_features = widths[-1]
        self.channels, self.weights, self.norm_eval = list(channels), weights, norm_eval

    def train(self, mode: bool = True) -> 'ConvNet':
        super().train(mode)
        if self.norm_eval:
            keep_statistics(self)
        return self

    def init_weights(self) -> None:
        """Loads ``weights``.

        Raises:
            InputError: There is no such file, or it is not a state dict of this network.
        """
        if self.weights is not None:
            path = SHAPES_WEIGHTS if self.weights == 'SHAPES' else Path(self.weights)
            load(self, read_state_dict(path, self.weights), self.weights, 'channels')


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
