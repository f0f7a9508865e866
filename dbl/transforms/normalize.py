from collections.abc import Sequence

import mmcv
import numpy as np

from dbl.registry import TRANSFORMS
from dbl.transforms.base import Transform


@TRANSFORMS.register_module()
class Normalize(Transform):
    """Turns BGR into RGB, subtracts the mean and divides by the standard deviation, in float32.

    Args:
        mean: Of R, G and B, in grey levels; ImageNet's if not given.
        std: Of R, G and B, in grey levels; ImageNet's if not given.
    """

    def __init__(
        self,
        mean: Sequence[float] = (123.675, 116.28, 103.53),
        std: Sequence[float] = (58.395, 57.12, 57.375),
    ) -> None:
        self.mean = np.array(mean)
        self.std = np.array(std)

    def apply(self, image: np.ndarray, parameters: None = None) -> np.ndarray:
        return mmcv.imnormalize(image, self.mean, self.std, to_rgb=True)
