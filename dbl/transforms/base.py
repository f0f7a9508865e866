from typing import Any

import numpy as np
from mmcv.transforms import BaseTransform


class Transform(BaseTransform):
    """Base of the transforms: what is random is drawn first, then applied.

    In a pipeline it reads and writes mmcv's key ``'img'`` and reads the draw's ``'generator'``, so
    mmcv's own transforms fit beside it.
    """

    def draw(self, generator: np.random.Generator) -> Any:
        """Draws the parameters of one application; nothing for a transform without chance."""
        return None

    def apply(self, image: np.ndarray, parameters: Any) -> np.ndarray:
        """Returns the transformed image, (H, W, 3); leaves ``image`` as it is."""
        raise NotImplementedError

    def transform(self, results: dict) -> dict:
        image = self.apply(results['img'], self.draw(results['generator']))
        return {**results, 'img': image}
