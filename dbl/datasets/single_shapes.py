"""Single shapes of kinds that ShapesMLT does not have: what the demo's network is pretrained on."""

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

LARGEST = 28  # pixels; of small shapes alone the network learns nothing for many epochs
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


@DATASETS.register_module()
class SingleShapes(DrawnScenes):
    """Draws scenes of one shape, of ten kinds, any fill and any colour, when it is asked for.

    Args:
        split: ``'train'``, 20,000 scenes; ``'test'`` or ``'val'``, 2,000 others each.

    >>> source = SingleShapes('test')
    >>> source.name, len(source.annotations), source.read(0).shape
    ('SingleShapes test', 2000, (64, 64, 3))
    """

    def __init__(self, split: str) -> None:
        if split not in SCENES:
            raise unknown('split', split, SCENES)
        self.name, self.scenes = f'SingleShapes {split}', SCENES[split]
        kinds = [[i % len(OTHER_CORNERS)] for i in self.scenes]
        self.annotations = Annotations(
            list(OTHER_CORNERS), [f'shape {i}' for i in self.scenes], kinds
        )

    def read(self, index: int) -> np.ndarray:
        """Draws a scene, (64, 64, 3), BGR, uint8, always the same."""
        generator = np.random.default_rng(self.scenes[index])
        (kind,) = self.annotations.label_indices[index]
        image = background(generator)
        corners = placed(OTHER_CORNERS[self.annotations.classes[kind]], generator, LARGEST)
        fill, hue = FILLS[generator.integers(len(FILLS))], generator.uniform(0, 360)
        draw_shape(image, corners, fill, vivid_colour(hue, generator))
        draw_clutter(image, generator)
        return noisy(image, generator)

    def identities(self) -> list[str]:
        """Names each scene by its number."""
        return [f'single {path}' for path in self.annotations.image_paths]
