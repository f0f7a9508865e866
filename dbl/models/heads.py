from torch import Tensor, nn

from dbl.registry import MODELS


@MODELS.register_module()
class LinearHead(nn.Module):
    """One logit a class, and the loss on them.

    Args:
        in_features: Width of the neck.
        num_classes: Classes, C.
        loss: Config of the loss, ``loss(logits, targets) -> scalar``.

    Shape:
        - features: :math:`(N, E)`. Output: :math:`(N, C)`.
    """

    def __init__(self, in_features: int, num_classes: int, loss: dict) -> None:
        super().__init__()
        self.fc = nn.Linear(in_features, num_classes)
        nn.init.normal_(self.fc.weight, std=0.01)
        nn.init.zeros_(self.fc.bias)
        self.loss = MODELS.build(loss)

    def forward(self, features: Tensor) -> Tensor:
        return self.fc(features)
