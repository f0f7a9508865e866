from torch import nn

from dbl.registry import MODELS


@MODELS.register_module()
class Features(nn.Identity):
    """Stands for a backbone where the data are its features already.

    Args:
        width: Of the features, D, which follows from the data.

    Shape:
        - features: :math:`(N, D, 1, 1)`. Output: the same, D = ``out_features``.

    >>> Features(width=300).out_features
    300
    """

    takes = 'features'

    def __init__(self, width: int) -> None:
        super().__init__()
        self.out_features = width
