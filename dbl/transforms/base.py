from typing import Any

import numpy as np
from mmcv.transforms import BaseTransform
from torch import Tensor


class Transform(BaseTransform):
    """Base of the transforms: what is random is drawn first, then applied.

    In a pipeline it reads and writes mmcv's key ``'img'`` and reads the draw's ``'generator'``, so
    mmcv's own transforms fit beside it.
    """

    def draw(self, generator: np.random.Generator) -> Any:
        """Draws the parameters of one application; none for a transform without chance."""
        return ()

    def apply(self, image: np.ndarray, parameters: Any) -> np.ndarray:
        """Returns the transformed image, (H, W, 3); leaves ``image`` as it is."""
        raise NotImplementedError

    def transform(self, results: dict) -> dict:
        image = self.apply(results['img'], self.draw(results['generator']))
        return {**results, 'img': image}


class BatchedTransform(Transform):
    """Base of the transforms that run on whole batches as well, behind :class:`ToDevice`."""

    def apply_batch(self, images: Tensor, parameters: Any) -> Tensor:
        """Returns the transformed images, (N, 3, H, W), floats.

        Args:
            images: Of float type; in the order of the channels that :meth:`apply` takes.
            parameters: The images' parameters, as torch's ``default_collate`` joins them.
        """
        raise NotImplementedError
