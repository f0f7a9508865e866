"""Views of a picture whose features were computed before."""

import numpy as np

from dbl.registry import TRANSFORMS
from dbl.transforms.base import Transform


@TRANSFORMS.register_module()
class AnyView(Transform):
    """Draws one of the views that there are of a picture's features.

    >>> views = np.arange(6.0).reshape(3, 1, 2)
    >>> AnyView().apply(views, 0.4).tolist()
    [[[2.0, 3.0]]]
    """

    def draw(self, generator: np.random.Generator) -> float:
        return generator.random()

    def apply(self, image: np.ndarray, parameters: float) -> np.ndarray:
        """Takes a view, (1, 1, D), of (K, 1, D), as float32."""
        view = int(parameters * len(image))
        return image[view : view + 1].astype(np.float32)
