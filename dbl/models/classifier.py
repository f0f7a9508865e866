"""The network: a backbone, a neck that pools, and a head with the loss."""

from collections.abc import Sequence

from torch import Tensor, nn

from dbl.registry import MODELS


class Head(nn.Module):
    """Base of the heads, which turn features into logits and hold the loss on them.

    Attributes:
        loss: The loss on the logits.
        from_training_set: Names of the buffers that are made of the training set. A head that
            starts with the weights of another keeps its own.
    """

    loss: nn.Module
    from_training_set: Sequence[str] = ()


def of_training_set(head: nn.Module) -> dict[str, Tensor]:
    """The buffers of a head that are made of the training set. Other modules have none."""
    return {name: head.get_buffer(name) for name in getattr(head, 'from_training_set', ())}


class MultiLabelClassifier(nn.Module):
    """Backbone, neck and head in a row, as submodules of these names.

    Args:
        backbone: Network with ``out_features``.
        neck: Network with ``out_features``.
        head: Network with a ``loss``.

    Shape:
        - images: :math:`(N, 3, H, W)`, normalised.
        - Output: the logits, :math:`(N, C)`, in float32 even under autocast, since half precision
          would tie scores.

    >>> import torch
    >>> from dbl.losses import BCELoss
    >>> from dbl.models import ConvNet
    >>> head = LinearHead(8, num_classes=20, loss=BCELoss())
    >>> network = MultiLabelClassifier(ConvNet([16]), PooledLinear(16, 8), head)
    >>> network(torch.zeros(2, 3, 32, 32)).shape
    torch.Size([2, 20])
    """

    def __init__(self, backbone: nn.Module, neck: nn.Module, head: Head) -> None:
        super().__init__()
        self.backbone = backbone
        self.neck = neck
        self.head = head

    def forward(self, images: Tensor) -> Tensor:
        return self.head(self.neck(self.backbone(images))).float()


class GlobalAveragePool(nn.Module):
    """Global average pooling, which gives the head the backbone's own features: ``neck=None``.

    Shape:
        - features: :math:`(N, D, H, W)`, or a vector, :math:`(N, D)`, which stays as it is.
          Output: :math:`(N, D)`.
    """

    def __init__(self, in_features: int) -> None:
        super().__init__()
        self.out_features = in_features
        self.pool = nn.AdaptiveAvgPool2d(1)

    def forward(self, features: Tensor) -> Tensor:
        return self.pool(as_map(features)).flatten(start_dim=1)


def as_map(features: Tensor) -> Tensor:
    """Takes a vector for a map of one place, so that pooling leaves it as it is.

    Shape:
        - features: :math:`(N, D, H, W)`, or :math:`(N, D)`. Output: the same, or (N, D, 1, 1).

    >>> import torch
    >>> as_map(torch.zeros(2, 8)).shape
    torch.Size([2, 8, 1, 1])
    """
    return features[..., None, None] if features.ndim == 2 else features


@MODELS.register_module()
class PooledLinear(nn.Module):
    """Global average pooling and a linear map, with BatchNorm and dropout.

    A backbone that gives a vector, such as a ViT, needs no pooling: its vector stays as it is.

    Args:
        in_features: Channels of the backbone's map, or the length of its vector.
        out_features: Width of the map.
        norm: Use BatchNorm.
        dropout: Probability of zeroing a feature.
        relu: Apply ReLU after BatchNorm, which makes a hidden layer. The recipe does not.

    Shape:
        - features: :math:`(N, D, H, W)`, or :math:`(N, D)`. Output: :math:`(N, E)`,
          E = ``out_features``.

    >>> import torch
    >>> PooledLinear(2048)(torch.zeros(4, 2048, 7, 7)).shape
    torch.Size([4, 256])
    """

    def __init__(
        self,
        in_features: int,
        out_features: int = 256,
        norm: bool = True,
        dropout: float = 0.5,
        relu: bool = False,
    ) -> None:
        super().__init__()
        if out_features < 1:
            raise ValueError(f'out_features must be at least 1, but got {out_features}')
        if not 0 <= dropout < 1:
            raise ValueError(f'dropout must lie in [0, 1), but got {dropout}')
        self.out_features = out_features
        self.pool = GlobalAveragePool(in_features)
        self.fc = nn.Linear(in_features, out_features)
        # Released code: BatchNorm and dropout. Paper: mentions neither.
        self.bn = nn.BatchNorm1d(out_features) if norm else nn.Identity()
        self.relu = nn.ReLU() if relu else nn.Identity()
        self.dropout = nn.Dropout(dropout)
        nn.init.kaiming_normal_(self.fc.weight, mode='fan_out', nonlinearity='relu')
        nn.init.zeros_(self.fc.bias)

    def forward(self, features: Tensor) -> Tensor:
        return self.dropout(self.relu(self.bn(self.fc(self.pool(features)))))


@MODELS.register_module()
class GlobalMaxPool(nn.Module):
    """Global max pooling, which gives ML-GCN the backbone's own features.

    Shape:
        - features: :math:`(N, D, H, W)`, or a vector, :math:`(N, D)`, which stays as it is.
          Output: :math:`(N, D)`.

    >>> import torch
    >>> GlobalMaxPool(1)(torch.tensor([[[[0.0, 3.0], [1.0, 2.0]]]]))
    tensor([[3.]])
    """

    def __init__(self, in_features: int) -> None:
        super().__init__()
        self.out_features = in_features

    def forward(self, features: Tensor) -> Tensor:
        # torch's AdaptiveMaxPool2d has no deterministic gradient on a GPU.
        return as_map(features).flatten(start_dim=2).max(dim=2).values


@MODELS.register_module()
class LinearHead(Head):
    """One logit per class, and the loss on them.

    Args:
        in_features: Width of the neck.
        num_classes: Classes, C.
        loss: ``loss(logits, targets) -> scalar``.

    Shape:
        - features: :math:`(N, E)`. Output: :math:`(N, C)`.

    >>> import torch
    >>> from dbl.losses import BCELoss
    >>> LinearHead(256, num_classes=20, loss=BCELoss())(torch.zeros(4, 256)).shape
    torch.Size([4, 20])
    """

    def __init__(self, in_features: int, num_classes: int, loss: nn.Module) -> None:
        super().__init__()
        self.fc = nn.Linear(in_features, num_classes)
        nn.init.normal_(self.fc.weight, std=0.01)
        nn.init.zeros_(self.fc.bias)
        self.loss = loss

    def forward(self, features: Tensor) -> Tensor:
        return self.fc(features)
