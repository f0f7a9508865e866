from collections import OrderedDict
from pathlib import Path
from pickle import UnpicklingError
from urllib.error import URLError

import torch
from mmengine.dist import barrier, is_main_process
from torch import nn
from torch.hub import get_dir
from torchvision.models import get_model, get_model_weights

from dbl.errors import InputError, unknown
from dbl.registry import MODELS

DEPTHS = (18, 34, 50, 101, 152)


@MODELS.register_module()
class ResNet(nn.Sequential):
    """torchvision's ResNet without pooling and classifier, under torchvision's key names.

    Args:
        depth: 18, 34, 50, 101 or 152.
        weights: Name of torchvision weights (``'IMAGENET1K_V1'``), path of a state dict with
            torchvision's key names, or None. They are read by :meth:`init_weights`, which the
            Runner calls when a training starts.
        frozen_stages: Stages that are not trained, after the stem, which is frozen with them; -1
            trains the stem too.
        norm_eval: Keep every BatchNorm in eval mode while training: the running statistics stay
            fixed, the affine parameters are trained where the stage is.

    Shape:
        - images: :math:`(N, 3, H, W)`. Output: :math:`(N, D, H/32, W/32)`, D = ``out_features``.
    """

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
        stem_and_stages = list(self.children())
        for module in stem_and_stages[: 4 + frozen_stages] if frozen_stages >= 0 else []:
            module.requires_grad_(False)

    def train(self, mode: bool = True) -> 'ResNet':
        super().train(mode)
        # The paper does not say; in the released code all running statistics stay ImageNet's.
        if self.norm_eval:
            for module in self.modules():
                if isinstance(module, nn.modules.batchnorm._BatchNorm):
                    module.eval()
        return self

    def init_weights(self) -> None:
        """Loads ``weights``; of several processes only the first one downloads."""
        if self.weights is None:
            return
        if is_main_process():
            read_weights(self.depth, self.weights)
        barrier()
        self.load_state_dict(read_weights(self.depth, self.weights))


def read_weights(depth: int, weights: str) -> dict[str, torch.Tensor]:
    """Reads ImageNet weights, without the classifier's, by torchvision's name or by path.

    Raises:
        InputError: The name is unknown and no such file exists; the file is not a state dict of
            this network; or the download failed.
    """
    state_dict = _read_file(Path(weights)) if Path(weights).is_file() else _fetch(depth, weights)
    state_dict = {k: v for k, v in state_dict.items() if not k.startswith('fc.')}
    expected = get_model(f'resnet{depth}').state_dict()
    shapes = {k: v.shape for k, v in expected.items() if not k.startswith('fc.')}
    if {k: v.shape for k, v in state_dict.items()} != shapes:
        raise InputError(
            f"model.backbone.weights: '{weights}' does not hold the weights of a ResNet-{depth} "
            "under torchvision's key names; check model.backbone.depth"
        )
    return state_dict


def _read_file(path: Path) -> dict[str, torch.Tensor]:
    try:
        state_dict = torch.load(path, map_location='cpu', weights_only=True)
    except (UnpicklingError, RuntimeError, EOFError, ValueError) as error:
        raise InputError(
            f"model.backbone.weights: '{path}' is damaged or is not a file of tensors alone"
        ) from error
    if not isinstance(state_dict, dict) or not all(map(torch.is_tensor, state_dict.values())):
        raise InputError(f"model.backbone.weights: '{path}' is not a state dict of tensors")
    return state_dict


def _fetch(depth: int, name: str) -> dict[str, torch.Tensor]:
    known = get_model_weights(f'resnet{depth}')
    if name not in known.__members__:
        if Path(name).suffix or '/' in name:
            raise InputError(
                f"model.backbone.weights: '{name}' does not exist; give the path of a state dict, "
                f'a name ({", ".join(known.__members__)}) or None'
            )
        raise unknown('model.backbone.weights: name', name, known.__members__)
    url = known[name].url
    try:
        return known[name].get_state_dict(progress=True, check_hash=True)
    except (URLError, OSError, RuntimeError) as error:
        raise InputError(
            f'model.backbone.weights: cannot fetch {url} ({error}); put the file into '
            f"'{Path(get_dir()) / 'checkpoints'}', or give the path of a state dict, or None"
        ) from error
