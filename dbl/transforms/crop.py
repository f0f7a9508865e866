import numpy as np

from dbl.registry import TRANSFORMS
from dbl.transforms.base import Transform


@TRANSFORMS.register_module()
class RandomCrop(Transform):
    """Crops a rectangle at random; the aspect ratio is limited, the smallest side relative.

    Up to ``tries`` rectangles are drawn, height and width each U(min_size, 1) of the image, and the
    first whose ratio of height to width lies within [1/2, 2] is taken; if there is none, the whole
    image stays.

    Args:
        min_size: Smallest side, as a share of the image's.
        tries: Rectangles to try.
    """

    def __init__(self, min_size: float = 0.8, tries: int = 50) -> None:
        if not 0 < min_size <= 1:
            raise ValueError(f'min_size must lie in (0, 1], but got {min_size}')
        self.min_size = min_size
        self.tries = tries

    def draw(self, generator: np.random.Generator) -> np.ndarray:
        """Draws candidates (tries, 4): height, width, top and left; the sides as shares of the
        image's, the corner as shares of the room that the sides leave."""
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
        # At least one pixel, of an image ever so small.
        return image[top : max(bottom, top + 1), left : max(right, left + 1)]
