"""The networks of torchvision as backbones."""

from torch import Tensor

from dbl.models.borrowed import BorrowedBackbone, check_image_size, grey_levels
from dbl.models.torchvision_network import check_name, freeze, make
from dbl.models.torchvision_weights import read_weights, record_of
from dbl.registry import MODELS
from dbl.training.distributed import main_first


@MODELS.register_module()
class TorchvisionBackbone(BorrowedBackbone):
    """A network of torchvision for classification, without its last linear layer.

    It gives the vector that this layer would take: its pooling, and whatever follows it, are kept.
    The networks are those of ``torchvision.models.list_models(module=torchvision.models)``, except
    for GoogLeNet, Inception, MNASNet, and SqueezeNet. :class:`ResNet` gives a map instead.

    Args:
        name: Name of the network, as ``'convnext_tiny'``.
        weights: Name of torchvision weights, as ``'IMAGENET1K_V1'``; the path of a state dict with
            torchvision's key names, .pth or .safetensors; or None. They are read, or downloaded, by
            :meth:`init_weights`, which ``build_experiment`` calls.
        frozen: Names of submodules that are not trained, as ``['features.0', 'features.1']``.
        norm_eval: Keep every BatchNorm in eval mode while training: the running statistics stay
            fixed, and the affine parameters are trained if they are not frozen.
        image_size: Height and width that a ViT is made for. Weights for another size are resampled.
            None is the size of its weights.

    Shape:
        - images: :math:`(N, 3, H, W)`. Output: :math:`(N, D)`, D = ``out_features``.

    >>> import torch
    >>> backbone = TorchvisionBackbone('mobilenet_v3_small', weights=None).eval()
    >>> backbone.out_features, backbone(torch.zeros(2, 3, 32, 32)).shape
    (1024, torch.Size([2, 1024]))
    """

    def __init__(
        self,
        name: str,
        weights: str | None = 'DEFAULT',
        frozen: list | None = None,
        norm_eval: bool = True,
        image_size: int | None = None,
    ) -> None:
        check_name(name)
        is_vit = name.startswith('vit_')
        check_image_size(image_size, name, is_vit)
        pictures = record_of(name, weights).transforms()
        size = image_size or pictures.crop_size[0]
        net, self.classifier = make(name, size if is_vit else None)
        freeze(net, frozen or [])
        expects = None if weights is None else grey_levels(pictures.mean, pictures.std)
        super().__init__(name, net, norm_eval, expects, size, resizable=is_vit)
        self.weights = weights
        self.out_features = self.width()

    def forward(self, images: Tensor) -> Tensor:
        return self.net(images)

    def init_weights(self) -> None:
        """Loads ``weights``. The main process reads or downloads them before the others do.

        Raises:
            InputError: There is no such file or name, the download failed, or the file is damaged
                or of another network.
        """
        if self.weights is None:
            return
        with main_first():
            weights = read_weights(self.name, self.weights, self.net, self.classifier)
        self.net.load_state_dict(weights, strict=False)  # counters of batches may be missing
