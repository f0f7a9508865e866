from collections import OrderedDict
from copy import deepcopy
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.utils.fusion import fuse_conv_bn_eval
from torchvision.models import get_model

from dbl.errors import unknown
from dbl.models.norms import keep_statistics
from dbl.models.pretrained import load, read_state_dict
from dbl.models.torchvision_weights import weights_file
from dbl.registry import MODELS
from dbl.training.distributed import main_first

DEPTHS = (18, 34, 50, 101, 152)


@MODELS.register_module()
class ResNet(nn.Sequential):
    """torchvision's ResNet without pooling and classifier, with torchvision's key names.

    The frozen part runs as a copy with its BatchNorm folded in, and passes no gradient. The copy is
    made anew when a weight has changed. Changes that autograd does not see, through ``.data``, are
    noticed at the next ``train()``, ``eval()`` or ``to()``, but not by a CUDA graph of it. If a
    frozen part is to be trained after all, by ``requires_grad_(True)``, it runs as it is.

    Args:
        depth: 18, 34, 50, 101 or 152.
        weights: Name of torchvision weights (``'IMAGENET1K_V1'``), path of a state dict with
            torchvision's key names, or None. They are read by :meth:`init_weights`, which
            ``build_experiment`` calls.
        frozen_stages: Number of stages that are not trained. The stem before them is frozen with
            them; -1 trains the stem too.
        norm_eval: Keep every BatchNorm in eval mode while training: the running statistics stay
            fixed, and the affine parameters are trained if their stage is.

    Shape:
        - images: :math:`(N, 3, H, W)`. Output: :math:`(N, D, H/32, W/32)`, D = ``out_features``.

    >>> ResNet(depth=18)(torch.zeros(1, 3, 64, 64)).shape
    torch.Size([1, 512, 2, 2])
    """

    # The folded frozen part, which a tuple keeps out of the state dict, and the state it is of.
    _folded: tuple[nn.Module, ...]
    _folded_of: list[tuple[int, int]] | None

    def __init__(
        self,
        depth: int = 50,
        weights: str | None = None,
        frozen_stages: int = 1,
        norm_eval: bool = True,
    ) -> None:
        if depth not in DEPTHS:
            raise unknown('ResNet depth', depth, map(str, DEPTHS))
        net = get_model(f'resnet{depth}')
        super().__init__(OrderedDict(list(net.named_children())[:-2]))
        self.depth = depth
        self.weights = weights
        self.norm_eval = norm_eval
        self.out_features = net.fc.in_features
        if not -1 <= frozen_stages <= 4:
            raise ValueError(f'frozen_stages must lie in [-1, 4], but got {frozen_stages}')
        self.num_frozen = 4 + frozen_stages if frozen_stages >= 0 else 0
        self.frozen.requires_grad_(False)
        self._forget_folded()

    @property
    def frozen(self) -> nn.Sequential:
        """The parts that are not trained."""
        return nn.Sequential(OrderedDict(list(self.named_children())[: self.num_frozen]))

    def forward(self, images: Tensor) -> Tensor:
        parts = list(self.children())
        frozen = parts[: self.num_frozen]
        traced = torch.compiler.is_compiling() or torch.jit.is_tracing()
        if self.num_frozen and not traced and _is_frozen(frozen):
            with torch.no_grad():
                images = self._folded_parts(frozen)(images)
            parts = parts[self.num_frozen :]
        for module in parts:
            images = module(images)
        return images

    def _folded_parts(self, frozen: list[nn.Module]) -> nn.Module:
        state = [(t.data_ptr(), 0 if t.is_inference() else t._version) for t in _tensors(frozen)]
        if state != self._folded_of:
            self._folded, self._folded_of = (fold_norms(self.frozen),), state
        return self._folded[0]

    def _forget_folded(self) -> None:
        self._folded, self._folded_of = (), None

    def _apply(self, *args, **kwargs) -> 'ResNet':
        super()._apply(*args, **kwargs)
        self._forget_folded()
        return self

    def train(self, mode: bool = True) -> 'ResNet':
        super().train(mode)
        self.frozen.eval()
        if self.norm_eval:
            keep_statistics(self)
        self._forget_folded()
        return self

    def init_weights(self) -> None:
        """Loads ``weights``. The main process reads or downloads them before the others do.

        Raises:
            InputError: There is no such file or name, the download failed, or the file is damaged
                or not a state dict of this network.
        """
        if self.weights is None:
            return
        with main_first():
            state_dict = read_without_classifier(self.depth, self.weights)
        load(self, state_dict, self.weights, 'depth')


def _tensors(modules: list[nn.Module]) -> list[Tensor]:
    return [t for m in modules for tensors in (m.parameters(), m.buffers()) for t in tensors]


def _is_frozen(modules: list[nn.Module]) -> bool:
    """Whether nothing in some modules is trained, running statistics included."""
    norms = (m for module in modules for m in module.modules() if isinstance(m, _BatchNorm))
    return not any(norm.training for norm in norms) and not any(
        parameter.requires_grad for module in modules for parameter in module.parameters()
    )


def fold_norms(module: nn.Module) -> nn.Module:
    """Copies a module, in eval mode, with each BatchNorm folded into the convolution before it."""
    module = deepcopy(module).eval()
    for parent in list(module.modules()):
        for (first, conv), (second, norm) in pairwise(list(parent.named_children())):
            if isinstance(conv, nn.Conv2d) and isinstance(norm, _BatchNorm):
                setattr(parent, first, fuse_conv_bn_eval(conv, norm))
                setattr(parent, second, nn.Identity())
    return module


def read_without_classifier(depth: int, weights: str) -> dict[str, Tensor]:
    """Reads ImageNet weights by path or torchvision's name, and drops the classifier's."""
    path = weights_file(f'resnet{depth}', str(weights))
    state_dict = read_state_dict(path, weights)
    return {key: value for key, value in state_dict.items() if not str(key).startswith('fc.')}
