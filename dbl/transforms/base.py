"""What all transforms have in common: random parameters are drawn first, and then applied."""

from typing import Any

import numpy as np
from torch import Tensor


class Transform:
    """Base of the transforms.

    >>> class Invert(Transform):
    ...     def apply(self, image, parameters):
    ...         return 255 - image
    >>> invert = Invert()
    >>> invert.apply(np.zeros((1, 1, 3), np.uint8), invert.draw(np.random.default_rng(0))).tolist()
    [[[255, 255, 255]]]
    """

    def draw(self, generator: np.random.Generator) -> Any:
        """Draws the parameters of one application. A transform without randomness has none."""
        return ()

    def apply(self, image: np.ndarray, parameters: Any) -> np.ndarray:
        """Returns the transformed image, (H, W, 3), and leaves ``image`` as it is."""
        raise NotImplementedError


class BatchedTransform(Transform):
    """Base of the transforms that run on whole batches as well."""

    def apply_batch(self, images: Tensor, parameters: Any) -> Tensor:
        """Returns the transformed images, (N, 3, H, W), floats.

        Args:
            images: Floats, with their channels in the order that :meth:`apply` takes.
            parameters: The images' parameters, as torch's ``default_collate`` joins them, on the
                images' device.
        """
        raise NotImplementedError
