import numpy as np

from dbl.registry import TRANSFORMS
from dbl.transforms.base import Transform


@TRANSFORMS.register_module()
class ToDevice(Transform):
    """Marks where the device takes over from the loader.

    Where the run's device is of the given type, ``load_config`` takes the transforms that follow
    out of the pipeline: the loader only draws their parameters, and the model's preprocessor
    applies them to the whole batch. Elsewhere they run per image; the draws are the same.

    Args:
        device: Type of the device, as ``'cuda'``.
    """

    def __init__(self, device: str = 'cuda') -> None:
        self.device = device

    def apply(self, image: np.ndarray, parameters: tuple = ()) -> np.ndarray:
        return image
