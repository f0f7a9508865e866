import mmcv
import numpy as np

from dbl.registry import TRANSFORMS
from dbl.transforms.base import Transform


@TRANSFORMS.register_module()
class RandomFlip(Transform):
    """Mirrors the image horizontally, or leaves it as it is.

    Args:
        probability: Of mirroring.
    """

    def __init__(self, probability: float = 0.5) -> None:
        self.probability = probability

    def draw(self, generator: np.random.Generator) -> bool:
        return bool(generator.random() < self.probability)

    def apply(self, image: np.ndarray, parameters: bool) -> np.ndarray:
        return mmcv.imflip(image, direction='horizontal') if parameters else image
