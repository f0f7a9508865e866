"""The definition of the training input, to compare the fast pipeline with."""

from typing import NamedTuple

import numpy as np

from dbl.registry import TRANSFORMS
from dbl.transforms.base import Transform
from dbl.transforms.geometric import RandomCrop, RandomFlip, Resize
from dbl.transforms.photometric import Distortion, PhotometricDistortion

MEAN, STD = np.array([123.675, 116.28, 103.53]), np.array([58.395, 57.12, 57.375])


class ReferenceDraw(NamedTuple):
    """The parameters of one application of :class:`ReferenceTransform`."""

    crop: np.ndarray
    flip: bool
    distortion: Distortion


@TRANSFORMS.register_module()
class ReferenceTransform(Transform):
    """Makes the training input in the released code's order of operations, with mmcv's functions.

    It is the definition. The pipeline of the configs equals it except for interpolation. The whole
    picture is distorted, in float32 and without clipping, and then cropped, resized to a square,
    mirrored and normalised.

    Args:
        size: Height and width, in pixels.

    >>> transform = ReferenceTransform(size=224)
    >>> parameters = transform.draw(np.random.default_rng(seed=0))
    >>> image = transform.apply(np.zeros((300, 400, 3), np.uint8), parameters)
    >>> image.shape, image.dtype
    ((224, 224, 3), dtype('float32'))
    """

    def __init__(self, size: int) -> None:
        self.size = Resize(size).size

    def draw(self, generator: np.random.Generator) -> ReferenceDraw:
        # In the order of the configs' pipeline, so that both get the same numbers.
        return ReferenceDraw(
            RandomCrop().draw(generator),
            RandomFlip().draw(generator),
            PhotometricDistortion().draw(generator),
        )

    def apply(self, image: np.ndarray, parameters: ReferenceDraw) -> np.ndarray:
        import mmcv  # slow to import, and needed by this definition alone

        image = reference_distortion(image, parameters.distortion)
        image = RandomCrop().apply(image, parameters.crop)
        image = mmcv.imresize(image, (self.size, self.size), interpolation='bilinear')
        image = mmcv.imflip(image) if parameters.flip else image
        return mmcv.imnormalize(image, MEAN, STD, to_rgb=True)


def reference_distortion(image: np.ndarray, parameters: Distortion) -> np.ndarray:
    """Distorts as :class:`PhotometricDistortion` does, step by step."""
    import mmcv

    image = image.astype(np.float32) + np.float32(parameters.brightness)
    contrast = np.float32(parameters.contrast)
    if parameters.contrast_first:
        image = image * contrast
    hsv = mmcv.bgr2hsv(image)
    hsv[..., 1] *= np.float32(parameters.saturation)
    hsv[..., 0] = (hsv[..., 0] + np.float32(parameters.hue)) % 360
    image = mmcv.hsv2bgr(hsv)
    if not parameters.contrast_first:
        image = image * contrast
    return image[..., parameters.channels]
