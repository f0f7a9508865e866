from typing import NamedTuple

import mmcv
import numpy as np

from dbl.registry import TRANSFORMS
from dbl.transforms.base import Transform


class Distortion(NamedTuple):
    """Parameters of one photometric distortion; the neutral value where a step is left out."""

    brightness: float
    contrast: float
    contrast_first: bool
    saturation: float
    hue: float
    channels: tuple[int, ...]


@TRANSFORMS.register_module()
class PhotometricDistortion(Transform):
    """Distorts brightness, contrast, saturation, hue and the order of the channels, in float32 and
    unclipped; each step is left out with probability 1/2.

    The steps are those of Liu et al., "SSD: Single Shot MultiBox Detector" (ECCV 2016): contrast
    multiplies the image, before or after the step in HSV by the toss of a coin; saturation
    multiplies S, and hue shifts H, of OpenCV's float HSV.

    Args:
        brightness: Largest shift, in grey levels.
        contrast: Range of the factor.
        saturation: Range of the factor.
        hue: Largest shift, in degrees.
    """

    def __init__(
        self,
        brightness: float = 32,
        contrast: tuple[float, float] = (0.5, 1.5),
        saturation: tuple[float, float] = (0.5, 1.5),
        hue: float = 18,
    ) -> None:
        self.brightness = brightness
        self.contrast = contrast
        self.saturation = saturation
        self.hue = hue

    def draw(self, generator: np.random.Generator) -> Distortion:
        do_brightness, do_contrast, contrast_first, do_saturation, do_hue, do_permute = (
            generator.random(6) < 0.5
        )
        brightness = generator.uniform(-self.brightness, self.brightness)
        contrast = generator.uniform(*self.contrast)
        saturation = generator.uniform(*self.saturation)
        hue = generator.uniform(-self.hue, self.hue)
        channels = generator.permutation(3)
        return Distortion(
            brightness if do_brightness else 0.0,
            contrast if do_contrast else 1.0,
            bool(contrast_first),
            saturation if do_saturation else 1.0,
            hue if do_hue else 0.0,
            tuple(channels.tolist()) if do_permute else (0, 1, 2),
        )

    def apply(self, image: np.ndarray, parameters: Distortion) -> np.ndarray:
        image = image.astype(np.float32) + np.float32(parameters.brightness)
        before, after = parameters.contrast, 1.0
        if not parameters.contrast_first:
            before, after = after, before
        image = _distort_hsv(image * np.float32(before), parameters.saturation, parameters.hue)
        return image[..., parameters.channels] * np.float32(after)


def _distort_hsv(image: np.ndarray, saturation: float, hue: float) -> np.ndarray:
    hsv = mmcv.bgr2hsv(image)
    hsv[..., 1] *= np.float32(saturation)
    # One turn is enough: H lies in [0, 360] and the shift is smaller than that.
    hsv[..., 0] = (hsv[..., 0] + np.float32(hue)) % 360
    return mmcv.hsv2bgr(hsv)
