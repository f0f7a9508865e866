from collections.abc import Sequence

import torch
from mmengine.model import BaseDataPreprocessor, BaseModel
from torch import Tensor

from dbl.registry import MODELS, TRANSFORMS


@MODELS.register_module()
class DataPreprocessor(BaseDataPreprocessor):
    """Brings a batch to the model's device, and finishes there what the loader left to it.

    ``pictures`` (N, H, W, 3), BGR, uint8, with their ``draws`` become ``images`` (N, 3, H, W).

    Args:
        training: Transforms of a training batch, see :class:`~dbl.transforms.ToDevice`.
        testing: Transforms of a test batch.
    """

    def __init__(self, training: Sequence[dict] = (), testing: Sequence[dict] = ()) -> None:
        super().__init__(non_blocking=True)
        self.transforms = {
            True: [TRANSFORMS.build(part) for part in training],
            False: [TRANSFORMS.build(part) for part in testing],
        }

    def forward(self, data: dict, training: bool = False) -> dict[str, Tensor]:
        data = self.cast_data({key: value for key, value in data.items() if key != 'img_path'})
        images = data.get('images')
        if images is None:
            with torch.autocast(self.device.type, enabled=False):
                images = data['pictures'].permute(0, 3, 1, 2).float()
                for transform, draws in zip(self.transforms[training], data['draws'], strict=True):
                    images = transform.apply_batch(images, draws)
        return {'images': images, 'targets': data['targets']}


@MODELS.register_module()
class MultiLabelClassifier(BaseModel):
    """Backbone, neck and head, which are registered under these names.

    Args:
        backbone: Config of a network with ``out_features``.
        neck: Config of a network with ``in_features`` and ``out_features``.
        head: Config of a network with ``in_features`` and a ``loss``.
        data_preprocessor: Config of what brings a batch to the device.
    """

    def __init__(
        self,
        backbone: dict,
        neck: dict,
        head: dict,
        data_preprocessor: dict | None = None,
    ) -> None:
        super().__init__(data_preprocessor or dict(type='DataPreprocessor'))
        self.backbone = MODELS.build(backbone)
        self.neck = MODELS.build(neck, default_args={'in_features': self.backbone.out_features})
        self.head = MODELS.build(head, default_args={'in_features': self.neck.out_features})

    def forward(
        self, images: Tensor, targets: Tensor | None = None, mode: str = 'tensor'
    ) -> Tensor | dict[str, Tensor] | list[dict[str, Tensor]]:
        """Computes the logits, and from them what ``mode`` says.

        Args:
            images: Normalised pictures.
            targets: Multi-hot labels, for ``'loss'``.
            mode: ``'tensor'`` gives the logits, ``'loss'`` a dict with the loss, ``'predict'`` for
                each image a dict with its ``logits`` and ``scores``, the probabilities.

        Shape:
            - images: :math:`(N, 3, H, W)`; targets: :math:`(N, C)`.
            - Output: :math:`(N, C)`, float32 also under autocast: half precision ties scores.
        """
        logits = self.head(self.neck(self.backbone(images))).float()
        if mode == 'tensor':
            return logits
        if mode == 'loss':
            return {'loss': self.head.loss(logits, targets)}
        if mode == 'predict':
            pairs = zip(logits, logits.sigmoid(), strict=True)
            return [{'logits': z, 'scores': p} for z, p in pairs]
        raise ValueError(f"mode must be 'tensor', 'loss' or 'predict', but got '{mode}'")
