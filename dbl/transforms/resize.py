import mmcv
import numpy as np

from dbl.registry import TRANSFORMS
from dbl.transforms.base import Transform


@TRANSFORMS.register_module()
class Resize(Transform):
    """Resizes to a square whatever the aspect ratio, by OpenCV's bilinear interpolation without
    anti-aliasing.

    Args:
        size: Height and width, in pixels.
    """

    def __init__(self, size: int) -> None:
        self.size = size

    def apply(self, image: np.ndarray, parameters: None = None) -> np.ndarray:
        return mmcv.imresize(image, (self.size, self.size), interpolation='bilinear')
