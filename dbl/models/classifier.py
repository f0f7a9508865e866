from mmengine.model import BaseDataPreprocessor, BaseModel
from torch import Tensor

from dbl.registry import MODELS


@MODELS.register_module()
class DataPreprocessor(BaseDataPreprocessor):
    """Brings a batch to the model's device, and keeps from it what the model takes."""

    def forward(self, data: dict, training: bool = False) -> dict[str, Tensor]:
        return self.cast_data({'images': data['images'], 'targets': data['targets']})


@MODELS.register_module()
class MultiLabelClassifier(BaseModel):
    """Backbone, neck and head, which are registered under these names.

    Args:
        backbone: Config of a network with ``out_features``.
        neck: Config of a network with ``in_features`` and ``out_features``.
        head: Config of a network with ``in_features`` and a ``loss``.
    """

    def __init__(self, backbone: dict, neck: dict, head: dict) -> None:
        super().__init__(data_preprocessor=dict(type='DataPreprocessor'))
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
