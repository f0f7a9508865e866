"""Normalisation, which makes a picture a network's input."""

from collections.abc import Sequence

import cv2
import numpy as np
import torch
from torch import Tensor

from dbl.registry import TRANSFORMS
from dbl.transforms.base import BatchedTransform
from dbl.transforms.photometric import are_numbers


@TRANSFORMS.register_module()
class Normalize(BatchedTransform):
    """Turns BGR into RGB, subtracts the mean and divides by the standard deviation, in float32.

    Args:
        mean: Means of R, G and B, in grey levels; ImageNet's by default.
        std: Deviations of R, G and B, in grey levels; ImageNet's by default.

    >>> grey = Normalize(mean=(1, 2, 3), std=(1, 1, 2)).apply(np.full((1, 1, 3), 5, np.uint8))
    >>> grey.tolist()
    [[[4.0, 3.0, 1.0]]]
    """

    def __init__(
        self,
        mean: Sequence[float] = (123.675, 116.28, 103.53),
        std: Sequence[float] = (58.395, 57.12, 57.375),
    ) -> None:
        for name, numbers in (('mean', mean), ('std', std)):
            if not are_numbers(numbers, 3):
                raise ValueError(f'{name} must be three numbers, for R, G and B, but got {numbers}')
        if min(std) <= 0:
            raise ValueError(f'std must be above 0, but got {std}')
        self.mean = np.array(mean)
        self.std = np.array(std)
        # (B, G, R, 1) -> (R, G, B)
        self.matrix = np.zeros((3, 4))
        self.matrix[[0, 1, 2], [2, 1, 0]] = 1 / self.std
        self.matrix[:, 3] = -self.mean / self.std

    def apply(self, image: np.ndarray, parameters: tuple = ()) -> np.ndarray:
        image = cv2.transform(image.astype(np.float32, copy=False), self.matrix)
        # In memory the channels come first, as a network takes them.
        planes = np.empty((3, *image.shape[:2]), dtype=np.float32)
        cv2.mixChannels([image], list(planes), [0, 0, 1, 1, 2, 2])
        return planes.transpose(1, 2, 0)

    def apply_batch(self, images: Tensor, parameters: Sequence = ()) -> Tensor:
        # Numbers instead of tensors, so that nothing is copied to the device.
        planes = [
            (images[:, 2 - c] - mean) / std
            for c, (mean, std) in enumerate(zip(self.mean.tolist(), self.std.tolist(), strict=True))
        ]
        return torch.stack(planes, dim=1)
