"""Each transform against a slow, obvious version of REPRODUCTION's recipe, in float64."""

import colorsys

import cv2
import numpy as np
import pytest
import torch
from torch.utils.data import default_collate

from dbl.transforms import (
    Normalize,
    PhotometricDistortion,
    RandomCrop,
    RandomFlip,
    ReferenceTransform,
    Resize,
)
from dbl.transforms.photometric import Distortion
from dbl.transforms.reference import reference_distortion

NEUTRAL = Distortion(0.0, 1.0, False, 1.0, 0.0, (0, 1, 2))


@pytest.fixture
def image() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (30, 44, 3), dtype=np.uint8)


def draws(transform, count=4000):
    generator = np.random.default_rng(0)
    return [transform.draw(generator) for _ in range(count)]


def slow_distortion(image: np.ndarray, p: Distortion) -> np.ndarray:
    image = image.astype(float) + p.brightness
    if p.contrast_first:
        image = image * p.contrast
    out = np.empty_like(image)
    for place in np.ndindex(image.shape[:2]):
        b, g, r = image[place]
        h, s, v = colorsys.rgb_to_hsv(r, g, b)
        r, g, b = colorsys.hsv_to_rgb((h + p.hue / 360) % 1, s * p.saturation, v)
        out[place] = b, g, r
    if not p.contrast_first:
        out = out * p.contrast
    return out[..., list(p.channels)]


@pytest.mark.parametrize(
    'parameters',
    [
        NEUTRAL,
        NEUTRAL._replace(brightness=20.0),
        NEUTRAL._replace(contrast=1.3, contrast_first=True, saturation=0.6),
        NEUTRAL._replace(contrast=0.7, saturation=1.5),
        NEUTRAL._replace(hue=17.0),
        NEUTRAL._replace(hue=-17.0),
        Distortion(9.0, 1.2, True, 0.8, 12.0, (2, 0, 1)),
    ],
)
def test_distortion_against_the_slow_version(image, parameters):
    # Pixels above 0, where colorsys and OpenCV agree on saturation.
    image = np.maximum(image, 1)
    result = PhotometricDistortion().apply(image, parameters)
    assert result.dtype == np.float32
    np.testing.assert_allclose(result, slow_distortion(image, parameters), atol=0.02)


def test_distortion_is_not_clipped(image):
    bright = PhotometricDistortion().apply(image, NEUTRAL._replace(brightness=30.0))
    assert bright.max() > 255


def test_distortion_draws_each_step_half_of_the_time():
    drawn = draws(PhotometricDistortion())
    for name, neutral in (('brightness', 0), ('contrast', 1), ('saturation', 1), ('hue', 0)):
        left_out = np.mean([getattr(d, name) == neutral for d in drawn])
        assert left_out == pytest.approx(0.5, abs=0.03), name
    permuted = np.mean([d.channels != (0, 1, 2) for d in drawn])
    assert permuted == pytest.approx(0.5 * 5 / 6, abs=0.03)
    assert np.mean([d.contrast_first for d in drawn]) == pytest.approx(0.5, abs=0.03)


def test_distortion_draws_within_the_ranges():
    drawn = draws(PhotometricDistortion())
    for name, low, high in (
        ('brightness', -32, 32),
        ('contrast', 0.5, 1.5),
        ('saturation', 0.5, 1.5),
        ('hue', -18, 18),
    ):
        values = [getattr(d, name) for d in drawn]
        assert low <= min(values) < low + 0.02 * (high - low), name
        assert high - 0.02 * (high - low) < max(values) <= high, name


def test_crop_takes_the_first_candidate_that_fits(image):
    # 30 x 44: sides 30 x 35 have ratio 0.86; candidate 0 is too flat.
    candidates = np.array([[0.3, 1.0, 0.0, 0.0], [0.5, 0.5, 1.0, 0.0], [1.0, 1.0, 0.0, 0.0]])
    cropped = RandomCrop().apply(image, candidates)
    np.testing.assert_array_equal(cropped, image[15:30, 0:22])


def test_crop_leaves_an_image_that_nothing_fits():
    ribbon = np.zeros((10, 100, 3), np.uint8)
    crop = RandomCrop()
    assert crop.apply(ribbon, crop.draw(np.random.default_rng(0))).shape == ribbon.shape


def test_crop_sizes_and_places_are_uniform():
    image = np.zeros((1000, 1000, 3), np.uint8)
    image[..., 0], image[..., 1] = np.indices((1000, 1000)) // 4
    crop = RandomCrop()
    parts = [crop.apply(image, p) for p in draws(crop, 1500)]
    heights = np.array([part.shape[0] for part in parts]) / 1000
    assert heights.min() >= 0.798
    assert np.quantile(heights, [0.25, 0.5, 0.75]) == pytest.approx([0.85, 0.9, 0.95], abs=0.01)
    tops = np.array([part[0, 0, 0] * 4 for part in parts]) / 1000
    assert tops.mean() == pytest.approx(0.05, abs=0.005)


def test_crop_of_a_single_pixel():
    crop = RandomCrop()
    for parameters in draws(crop, 50):
        assert crop.apply(np.zeros((1, 1, 3)), parameters).shape == (1, 1, 3)


def test_resize_is_bilinear_without_antialiasing(image):
    expected = cv2.resize(image, (7, 7), interpolation=cv2.INTER_LINEAR)
    np.testing.assert_array_equal(Resize(7).apply(image), expected)
    stripes = np.tile(np.array([[0], [255]], np.uint8), (32, 64))[..., None].repeat(3, axis=2)
    assert Resize(8).apply(stripes).std() == 0, 'a plain pair of neighbours, no wider filter'


def test_flip_mirrors_half_of_the_time(image):
    flip = RandomFlip()
    assert np.mean(draws(flip)) == pytest.approx(0.5, abs=0.03)
    np.testing.assert_array_equal(flip.apply(image, True), image[:, ::-1])
    assert flip.apply(image, False) is image


def test_normalize_gives_rgb(image):
    expected = (image[..., ::-1] - np.array([123.675, 116.28, 103.53])) / [58.395, 57.12, 57.375]
    result = Normalize().apply(image)
    assert result.dtype == np.float32
    np.testing.assert_allclose(result, expected, atol=1e-5)


@pytest.mark.parametrize(
    'transform',
    [
        PhotometricDistortion(),
        RandomCrop(),
        RandomFlip(),
        Resize(16),
        Normalize(),
        ReferenceTransform(16),
    ],
)
def test_leaves_the_input_as_it_is(transform, image):
    before = image.copy()
    transform.apply(image, transform.draw(np.random.default_rng(1)))
    np.testing.assert_array_equal(image, before)


@pytest.mark.parametrize(
    ('make', 'arguments', 'message'),
    [
        (Resize, {'size': 0}, 'size must be at least 1 pixel, but got 0'),
        (ReferenceTransform, {'size': 0}, 'size must be at least 1 pixel, but got 0'),
        (RandomCrop, {'tries': -1}, 'tries must be at least 1, but got -1'),
        (RandomFlip, {'probability': 1.5}, r'probability must lie in \[0, 1\], but got 1.5'),
        (PhotometricDistortion, {'contrast': 5}, 'contrast must be two rising numbers'),
        (PhotometricDistortion, {'saturation': (2, 1)}, 'saturation must be two rising numbers'),
        (PhotometricDistortion, {'saturation': (-1, 1)}, 'saturation must be .* 0 or more'),
        (PhotometricDistortion, {'contrast': ('a', 'b')}, 'contrast must be two rising numbers'),
        (PhotometricDistortion, {'brightness': -1}, 'brightness must be .* at least 0, but got -1'),
        (PhotometricDistortion, {'hue': -1}, 'hue must be .* at least 0, but got -1'),
        (Normalize, {'mean': 5}, 'mean must be three numbers, for R, G and B, but got 5'),
        (Normalize, {'std': (1, 2)}, 'std must be three numbers'),
        (Normalize, {'mean': 'abc'}, 'mean must be three numbers'),
        (Normalize, {'std': (0, 1, 1)}, r'std must be above 0, but got \(0, 1, 1\)'),
    ],
    ids=str,
)
def test_what_transforms_nothing_sensibly_is_refused(make, arguments, message):
    with pytest.raises(ValueError, match=message):
        make(**arguments)


@pytest.fixture
def photos() -> list[np.ndarray]:
    """Pictures with smooth shades and edges, of several sizes."""
    generator = np.random.default_rng(0)
    sizes = generator.integers(60, 100, (24, 2)).tolist()
    coarse = [generator.integers(0, 256, (6, 6, 3), dtype=np.uint8) for _ in sizes]
    return [
        cv2.resize(c, tuple(s), interpolation=cv2.INTER_CUBIC)
        for c, s in zip(coarse, sizes, strict=True)
    ]


def test_distortion_is_that_of_the_reference(photos):
    """Shades below 0, where OpenCV's HSV is its own, included."""
    distortion = PhotometricDistortion()
    for image, parameters in zip(photos, draws(distortion, len(photos)), strict=True):
        result = distortion.apply(image, parameters)
        np.testing.assert_allclose(result, reference_distortion(image, parameters), atol=1e-3)


def test_a_batch_on_the_device_is_what_images_one_by_one_are(photos):
    """To a hundredth of a grey level; normalised, to 1/5000."""
    pictures = [Resize(48).apply(photo) for photo in photos]
    batch = torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float()
    for transform, atol in ((RandomFlip(), 0), (PhotometricDistortion(), 0.01), (Normalize(), 0)):
        drawn = draws(transform, len(pictures))
        pictures = [transform.apply(p, d) for p, d in zip(pictures, drawn, strict=True)]
        batch = transform.apply_batch(batch, default_collate(drawn))
        expected = np.stack(pictures).transpose(0, 3, 1, 2)
        np.testing.assert_allclose(batch.numpy(), expected, rtol=1e-5, atol=max(atol, 2e-4))
    assert batch.dtype == torch.float32


def fast(image: np.ndarray, size: int, parameters) -> np.ndarray:
    """The order of the configs' pipeline, with the draws of the reference."""
    image = Resize(size).apply(RandomCrop().apply(image, parameters.crop))
    image = RandomFlip().apply(image, parameters.flip)
    return Normalize().apply(PhotometricDistortion().apply(image, parameters.distortion))


def test_crop_first_is_the_reference_where_nothing_is_interpolated(photos):
    """A resize to the crop's own size leaves it as it is."""
    reference = ReferenceTransform(32)
    for photo, parameters in zip(photos, draws(reference, len(photos)), strict=True):
        photo = cv2.resize(photo, (32, 32))
        whole = np.array([[1.0, 1.0, 0.0, 0.0]])
        parameters = parameters._replace(crop=whole)
        np.testing.assert_allclose(
            fast(photo, 32, parameters), reference.apply(photo, parameters), atol=1e-4
        )


def test_crop_first_differs_from_the_reference_by_interpolation_alone(photos):
    """Half a grey level of rounding, and edges of hue, over a standard deviation of 58."""
    reference = ReferenceTransform(48)
    drawn = draws(reference, len(photos))
    pairs = [(fast(p, 48, d), reference.apply(p, d)) for p, d in zip(photos, drawn, strict=True)]
    different = np.abs(np.stack([a - b for a, b in pairs]))
    assert different.mean() < 0.01
    assert np.quantile(different, 0.99) < 0.05
