import cv2
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

    def apply(self, image: np.ndarray, parameters: tuple = ()) -> np.ndarray:
        return cv2.resize(image, (self.size, self.size), interpolation=cv2.INTER_LINEAR)
