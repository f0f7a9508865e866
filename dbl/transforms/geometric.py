"""Geometric transforms: crop, resize, flip."""

import cv2
import numpy as np
import torch
from torch import Tensor

from dbl.registry import TRANSFORMS
from dbl.transforms.base import BatchedTransform, Transform


@TRANSFORMS.register_module()
class RandomCrop(Transform):
    """Crops a random rectangle of a limited aspect ratio and a smallest relative side.

    Up to ``tries`` rectangles are drawn, with height and width each U(min_size, 1) of the image.
    The first whose ratio of height to width lies within [1/2, 2] is taken. If there is none, the
    whole image is kept.

    Args:
        min_size: Smallest side, as a share of the image's.
        tries: Rectangles to try.

    >>> crop = RandomCrop()
    >>> parameters = crop.draw(np.random.default_rng(0))
    >>> crop.apply(np.zeros((40, 50, 3), np.uint8), parameters).shape
    (37, 42, 3)
    """

    def __init__(self, min_size: float = 0.8, tries: int = 50) -> None:
        if not 0 < min_size <= 1:
            raise ValueError(f'min_size must lie in (0, 1], but got {min_size}')
        if tries < 1:
            raise ValueError(f'tries must be at least 1, but got {tries}')
        self.min_size = min_size
        self.tries = tries

    def draw(self, generator: np.random.Generator) -> np.ndarray:
        """Draws candidates (tries, 4): height, width, top and left.

        The sides are shares of the image's. The corner is in shares of the room that they leave.
        """
        candidates = generator.random((self.tries, 4))
        candidates[:, :2] = self.min_size + (1 - self.min_size) * candidates[:, :2]
        return candidates

    def apply(self, image: np.ndarray, parameters: np.ndarray) -> np.ndarray:
        height, width = image.shape[:2]
        candidates = ((h * height, w * width, y, x) for h, w, y, x in parameters.tolist())
        fitting = (c for c in candidates if 0.5 <= c[0] / c[1] <= 2)
        tall, wide, y, x = next(fitting, (height, width, 0, 0))
        top, left = y * (height - tall), x * (width - wide)
        bottom, right = int(top + tall), int(left + wide)
        top, left = int(top), int(left)
        # At least one pixel, however small the image.
        return image[top : max(bottom, top + 1), left : max(right, left + 1)]


@TRANSFORMS.register_module()
class Resize(Transform):
    """Resizes to a square, whatever the aspect ratio.

    The interpolation is OpenCV's bilinear one, without anti-aliasing.

    Args:
        size: Height and width, in pixels.

    >>> Resize(32).apply(np.zeros((40, 50, 3), np.uint8)).shape
    (32, 32, 3)
    """

    def __init__(self, size: int) -> None:
        if size < 1:
            raise ValueError(f'size must be at least 1 pixel, but got {size}')
        self.size = size

    def apply(self, image: np.ndarray, parameters: tuple = ()) -> np.ndarray:
        return cv2.resize(image, (self.size, self.size), interpolation=cv2.INTER_LINEAR)


@TRANSFORMS.register_module()
class RandomFlip(BatchedTransform):
    """Mirrors the image horizontally, or leaves it as it is.

    Args:
        probability: Probability of mirroring.

    >>> RandomFlip().apply(np.arange(6.0).reshape(1, 2, 3), True)[0].tolist()
    [[3.0, 4.0, 5.0], [0.0, 1.0, 2.0]]
    """

    def __init__(self, probability: float = 0.5) -> None:
        if not 0 <= probability <= 1:
            raise ValueError(f'probability must lie in [0, 1], but got {probability}')
        self.probability = probability

    def draw(self, generator: np.random.Generator) -> bool:
        return bool(generator.random() < self.probability)

    def apply(self, image: np.ndarray, parameters: bool) -> np.ndarray:
        return cv2.flip(image, 1) if parameters else image

    def apply_batch(self, images: Tensor, parameters: Tensor) -> Tensor:
        return torch.where(parameters[:, None, None, None], images.flip(3), images)
