"""Draws shapes into pictures of 64 px, for ShapesMLT and OtherShapes."""

import cv2
import numpy as np

SIDE = 64
FILLS = ('filled', 'outlined', 'striped')


def ring(radii: list[float], start: float = -90.0) -> np.ndarray:
    """Places corners at even angles from ``start`` degrees on, at these distances, (K, 2)."""
    angles = np.radians(start + 360 * np.arange(len(radii)) / len(radii))
    return np.stack([np.cos(angles), np.sin(angles)], axis=1) * np.array(radii)[:, None]


def background(generator: np.random.Generator) -> np.ndarray:
    """Draws a smooth gradient of random colours with a few blots: (64, 64, 3), BGR, uint8."""
    coarse = generator.integers(30, 226, (2, 2, 3)).astype(np.uint8)
    image = cv2.resize(coarse, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)
    for _ in range(6):
        centre = generator.integers(SIDE, size=2).tolist()
        cv2.circle(image, centre, int(generator.integers(2, 6)), any_colour(generator), cv2.FILLED)
    return image


def placed(corners: np.ndarray, generator: np.random.Generator, largest: float = 14) -> np.ndarray:
    """Turns a shape of unit size slightly, and puts it somewhere in the picture, (1, K, 2).

    Its radius lies between 9 and ``largest`` pixels.
    """
    radius = generator.uniform(9, largest)
    angle = np.radians(generator.uniform(-25, 25))
    turn = np.array([(np.cos(angle), -np.sin(angle)), (np.sin(angle), np.cos(angle))])
    corners = radius * corners @ turn.T + generator.uniform(radius, SIDE - radius, 2)
    return corners.round().astype(np.int32)[None]


def draw_shape(image: np.ndarray, corners: np.ndarray, fill: str, colour: list[int]) -> None:
    """Draws a placed shape into the picture, in one of the ``FILLS``."""
    if fill == 'outlined':
        cv2.polylines(image, [*corners], isClosed=True, color=colour, thickness=2)
        return
    mask = cv2.fillPoly(np.zeros(image.shape[:2], np.uint8), [*corners], 1).astype(bool)
    if fill == 'striped':
        mask &= (np.add.outer(np.arange(SIDE), np.arange(SIDE)) // 2 % 2).astype(bool)
    image[mask] = colour


def draw_clutter(image: np.ndarray, generator: np.random.Generator) -> None:
    """Draws ten short strokes over the picture."""
    for start, reach in zip(
        generator.integers(SIDE, size=(10, 2)), generator.integers(-10, 11, (10, 2)), strict=True
    ):
        cv2.line(image, start.tolist(), (start + reach).tolist(), any_colour(generator), 1)


def noisy(image: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Adds noise to every value of an image, uint8."""
    noise = generator.normal(0, 8, image.shape)
    return np.clip(image + noise, 0, 255).astype(np.uint8)


def vivid_colour(hue: float, generator: np.random.Generator) -> list[int]:
    """Draws a random colour of a hue, in degrees: BGR."""
    hsv = np.array([[[hue, generator.uniform(0.6, 1), generator.uniform(0.5, 1)]]], np.float32)
    return (255 * cv2.cvtColor(hsv, cv2.COLOR_HSV2BGR)[0, 0]).astype(int).tolist()


def any_colour(generator: np.random.Generator) -> list[int]:
    """Draws a random colour: BGR."""
    return generator.integers(256, size=3).tolist()
