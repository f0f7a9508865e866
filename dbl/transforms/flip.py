import cv2
import numpy as np
import torch
from torch import Tensor

from dbl.registry import TRANSFORMS
from dbl.transforms.base import BatchedTransform


@TRANSFORMS.register_module()
class RandomFlip(BatchedTransform):
    """Mirrors the image horizontally, or leaves it as it is.

    Args:
        probability: Of mirroring.
    """

    def __init__(self, probability: float = 0.5) -> None:
        self.probability = probability

    def draw(self, generator: np.random.Generator) -> bool:
        return bool(generator.random() < self.probability)

    def apply(self, image: np.ndarray, parameters: bool) -> np.ndarray:
        return cv2.flip(image, 1) if parameters else image

    def apply_batch(self, images: Tensor, parameters: Tensor) -> Tensor:
        return torch.where(parameters[:, None, None, None], images.flip(3), images)
