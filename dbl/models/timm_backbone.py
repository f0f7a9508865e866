"""The networks of timm as backbones."""

from torch import Tensor

from dbl.models.borrowed import BorrowedBackbone, check_image_size, grey_levels
from dbl.models.timm_network import freeze_stages, leaves_a_map, make, record_of
from dbl.models.timm_weights import fetch_weights, read_weights
from dbl.registry import MODELS
from dbl.training.distributed import main_first


@MODELS.register_module()
class TimmBackbone(BorrowedBackbone):
    """A network of timm without its classifier.

    A network that works on maps gives its map. Layers between pooling and classifier, as ConvNeXt's
    norm, are kept, and run on the map. A network that works on tokens, as a ViT, gives the vector
    that its classifier would take, and so do the few whose pooling cannot be left out.

    Args:
        name: One of ``timm.list_models()``, as ``'convnext_tiny'``. With a tag, as in
            ``'convnext_tiny.fb_in22k'``, it also says which weights are meant.
        weights: True for timm's own weights; the path of a state dict with timm's key names, .pth
            or .safetensors; or None. They are read, or downloaded, by :meth:`init_weights`, which
            ``build_experiment`` calls.
        frozen_stages: Number of stages that are not trained, as timm's ``group_matcher`` tells them
            apart. Each block of a ViT is one. The stem before them is frozen with them; -1 trains
            the stem too.
        norm_eval: Keep every BatchNorm in eval mode while training: the running statistics stay
            fixed, and the affine parameters are trained if their stage is.
        image_size: Height and width that the network is made for, if it takes one size alone, as a
            ViT does. Weights for another size are resampled. None is the size of its weights.

    Shape:
        - images: :math:`(N, 3, H, W)`. Output: :math:`(N, D, H', W')` or :math:`(N, D)`,
          D = ``out_features``.

    >>> import torch
    >>> backbone = TimmBackbone('test_vit', weights=None, image_size=32)
    >>> backbone.out_features, backbone(torch.zeros(2, 3, 32, 32)).shape
    (64, torch.Size([2, 64]))
    """

    def __init__(
        self,
        name: str,
        weights: bool | str | None = True,
        frozen_stages: int = 1,
        norm_eval: bool = True,
        image_size: int | None = None,
    ) -> None:
        record = record_of(name)
        check_image_size(image_size, name, record.fixed_input_size)
        size = image_size or record.input_size[-1]
        net = make(name, image_size)
        gives_map = leaves_a_map(net, size)
        net = net if gives_map else make(name, image_size)
        freeze_stages(net, name, frozen_stages)
        expects = grey_levels(record.mean, record.std) if weights else None
        super().__init__(name, net, norm_eval, expects, size, record.fixed_input_size)
        self.weights, self.image_size, self.gives_map = weights, image_size, gives_map
        self.channels_last = gives_map and getattr(net, 'output_fmt', None) == 'NHWC'
        self.out_features = self.width()

    def forward(self, images: Tensor) -> Tensor:
        features = self.net(images)
        return features.movedim(-1, 1) if self.channels_last else features

    def init_weights(self) -> None:
        """Loads ``weights``. The main process reads or downloads them before the others do.

        Raises:
            InputError: There is no such file, the download failed, or the file is damaged or of
                another network.
        """
        if not self.weights:
            return
        form = self.name, self.image_size, self.gives_map
        with main_first():
            if isinstance(self.weights, str):
                weights = read_weights(self.weights, self.net, *form)
            else:
                weights = fetch_weights(*form)
        self.net.load_state_dict(weights, strict=False)  # counters of batches may be missing
