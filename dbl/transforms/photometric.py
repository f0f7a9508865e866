"""Distortion of colours."""

from math import inf
from typing import Any, NamedTuple

import cv2
import numpy as np
import torch
from torch import Tensor

from dbl.registry import TRANSFORMS
from dbl.transforms.base import BatchedTransform


class Distortion(NamedTuple):
    """Parameters of one photometric distortion, neutral where a step is left out."""

    brightness: float
    contrast: float
    contrast_first: bool
    saturation: float
    hue: float
    channels: tuple[int, ...]


class Distortions(NamedTuple):
    """The parameters of a batch, as torch's ``default_collate`` joins them."""

    brightness: Tensor
    contrast: Tensor
    contrast_first: Tensor
    saturation: Tensor
    hue: Tensor
    channels: list[Tensor]


@TRANSFORMS.register_module()
class PhotometricDistortion(BatchedTransform):
    """Distorts brightness, contrast, saturation, hue and the order of the channels.

    It works in float32, without clipping. Each step is left out with probability 1/2.

    The steps are those of Liu et al., "SSD: Single Shot MultiBox Detector" (ECCV 2016). Contrast
    multiplies the image; the toss of a coin decides whether it comes before or after the step in
    HSV. Saturation multiplies S, and hue shifts H, of OpenCV's float HSV.

    Args:
        brightness: Largest shift, in grey levels.
        contrast: Range of the factor.
        saturation: Range of the factor.
        hue: Largest shift, in degrees.

    >>> distortion = PhotometricDistortion()
    >>> parameters = distortion.draw(np.random.default_rng(0))
    >>> distortion.apply(np.zeros((40, 50, 3), np.uint8), parameters).dtype
    dtype('float32')
    """

    def __init__(
        self,
        brightness: float = 32,
        contrast: tuple[float, float] = (0.5, 1.5),
        saturation: tuple[float, float] = (0.5, 1.5),
        hue: float = 18,
    ) -> None:
        for name, shift in (('brightness', brightness), ('hue', hue)):
            if not 0 <= shift < inf:
                raise ValueError(f'{name} must be finite and at least 0, but got {shift}')
        for name, bounds in (('contrast', contrast), ('saturation', saturation)):
            if not are_numbers(bounds, 2) or not 0 <= bounds[0] <= bounds[1]:
                raise ValueError(f'{name} must be two rising numbers, 0 or more, but got {bounds}')
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
        before, after = contrasts(parameters)
        image = image.astype(np.float32)
        image += np.float32(parameters.brightness)
        image *= np.float32(before)
        hsv = cv2.cvtColor(image, cv2.COLOR_BGR2HSV)
        # OpenCV takes hues up to two turns, but none below 0. (H, S, V, 1) -> (H, S, V):
        shift = np.diag([1, parameters.saturation, 1, 0])[:3]
        shift[0, 3] = parameters.hue % 360
        image = cv2.cvtColor(cv2.transform(hsv, shift, dst=hsv), cv2.COLOR_HSV2BGR, dst=image)
        return cv2.transform(image, after * np.eye(3)[list(parameters.channels)])

    def apply_batch(self, images: Tensor, parameters: Distortions) -> Tensor:
        brightness, before, after, saturation, hue = (
            x.to(images)[:, None, None, None]
            for x in (
                parameters.brightness,
                *contrasts(parameters),
                parameters.saturation,
                parameters.hue,
            )
        )
        h, s, v = bgr_to_hsv((images + brightness) * before)
        images = hsv_to_bgr(h + hue, s * saturation, v)
        channels = torch.stack(parameters.channels, dim=1)[:, :, None, None]
        return images.gather(1, channels.expand_as(images)) * after


def are_numbers(values: Any, count: int) -> bool:
    """Whether these are ``count`` finite numbers.

    >>> are_numbers((0.5, 1.5), 2), are_numbers('ab', 2)
    (True, False)
    """
    array = np.array(values)
    return array.shape == (count,) and array.dtype.kind in 'iuf' and bool(np.isfinite(array).all())


def contrasts(parameters: Distortion | Distortions) -> tuple:
    """The factors before and after the step in HSV, numbers or tensors. One of them is 1."""
    contrast, first = parameters.contrast, parameters.contrast_first
    return 1 + (contrast - 1) * first, contrast + (1 - contrast) * first


def bgr_to_hsv(images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Hue in degrees, saturation and value, as OpenCV defines them for floats, even negative ones.

    Shape:
        - images: :math:`(N, 3, H, W)`. Output: three of :math:`(N, 1, H, W)`.
    """
    blue, green, red = images.split(1, dim=1)
    value = images.amax(dim=1, keepdim=True)
    chroma = value - images.amin(dim=1, keepdim=True)
    eps = torch.finfo(images.dtype).eps
    sixth = torch.where(value == green, blue - red, red - green)
    start = torch.where(value == green, 120, 240)
    sixth = torch.where(value == red, green - blue, sixth)
    start = torch.where(value == red, 0, start)
    return start + 60 * sixth / (chroma + eps), chroma / (value.abs() + eps), value


def hsv_to_bgr(hue: Tensor, saturation: Tensor, value: Tensor) -> Tensor:
    """The inverse of :func:`bgr_to_hsv`, also for hues beyond a turn.

    Shape:
        - hue, saturation, value: :math:`(N, 1, H, W)`. Output: :math:`(N, 3, H, W)`.
    """
    start = torch.arange(1, 6, 2, device=hue.device)[:, None, None]
    sixths = (start + hue / 60) % 6
    return value - value * saturation * torch.minimum(sixths, 4 - sixths).clamp(0, 1)
