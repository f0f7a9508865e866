"""Shapes that ShapesMLT does not have, to pretrain the demo's network on."""

from typing import Literal

import numpy as np

from dbl.datasets.annotations import Annotations
from dbl.datasets.drawing import (
    FILLS,
    background,
    draw_clutter,
    draw_shape,
    noisy,
    placed,
    ring,
    vivid_colour,
)
from dbl.datasets.drawn_scenes import DrawnScenes
from dbl.errors import unknown
from dbl.registry import DATASETS

LARGEST = 28  # pixels
MOST = 3  # shapes per scene
SCENES = {'train': range(2_000, 22_000), 'test': range(2_000), 'val': range(22_000, 24_000)}


def _heart() -> np.ndarray:
    t = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    x = 16 * np.sin(t) ** 3
    y = 13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)
    return np.stack([x, -y], axis=1) / 16


def _half_disc() -> np.ndarray:
    t = np.linspace(0, np.pi, 16)
    return np.stack([np.cos(t), 0.4 - np.sin(t)], axis=1)


OTHER_CORNERS = {
    'bolt': np.array(
        [(0.3, -1), (-0.6, 0.2), (-0.05, 0.2), (-0.3, 1), (0.6, -0.25), (0.05, -0.25)]
    ),
    'ellipse': ring([1.0] * 24) * (0.55, 1),
    'half disc': _half_disc(),
    'heart': _heart(),
    'house': np.array([(0, -1), (0.8, -0.2), (0.8, 0.9), (-0.8, 0.9), (-0.8, -0.2)]),
    'kite': np.array([(0, -1), (0.65, -0.3), (0, 1), (-0.65, -0.3)]),
    'l': np.array([(-0.7, -1), (-0.1, -1), (-0.1, 0.4), (0.7, 0.4), (0.7, 1), (-0.7, 1)]),
    'pentagon': ring([1.0] * 5),
    't': np.array(
        [(-0.9, -0.9), (0.9, -0.9), (0.9, -0.3), (0.3, -0.3), (0.3, 0.9), (-0.3, 0.9)]
        + [(-0.3, -0.3), (-0.9, -0.3)]
    ),
    'trapezium': np.array([(-0.45, -0.7), (0.45, -0.7), (1, 0.7), (-1, 0.7)]),
}


CLASSES = [f'{fill} {shape}' for shape in OTHER_CORNERS for fill in FILLS]


def draw_classes(scene: int) -> list[int]:
    """Draws which one to three classes a scene shows, all equally likely."""
    generator = np.random.default_rng((scene, 0))
    return generator.choice(len(CLASSES), generator.integers(1, MOST + 1), replace=False).tolist()


def draw_scene(labels: list[int], generator: np.random.Generator) -> np.ndarray:
    """Draws a scene with a shape of each class, in any colour: (64, 64, 3), BGR, uint8."""
    image = background(generator)
    for label in labels:
        fill, shape = CLASSES[label].split(' ', 1)
        corners = placed(OTHER_CORNERS[shape], generator, LARGEST)
        draw_shape(image, corners, fill, vivid_colour(generator.uniform(0, 360), generator))
    draw_clutter(image, generator)
    return noisy(image, generator)


@DATASETS.register_module()
class OtherShapes(DrawnScenes):
    """Draws scenes of one to three shapes, of ten kinds and three fills, on demand.

    Args:
        split: ``'train'``, 20,000 scenes; ``'test'`` or ``'val'``, 2,000 others each.

    >>> source = OtherShapes('test')
    >>> source.name, len(source.annotations), source.read(0).shape
    ('OtherShapes test', 2000, (64, 64, 3))
    """

    def __init__(self, split: Literal['train', 'test', 'val']) -> None:
        if split not in SCENES:
            raise unknown('split', split, SCENES)
        self.name, self.scenes = f'OtherShapes {split}', SCENES[split]
        labels = [sorted(draw_classes(i)) for i in self.scenes]
        self.annotations = Annotations(CLASSES, [f'shapes {i}' for i in self.scenes], labels)

    def read(self, index: int) -> np.ndarray:
        """Draws a scene, always the same: (64, 64, 3), BGR, uint8."""
        scene = self.scenes[index]
        return draw_scene(draw_classes(scene), np.random.default_rng((scene, 1)))

    def identities(self) -> list[str]:
        """Names each scene by its number."""
        return [f'other {path}' for path in self.annotations.image_paths]
