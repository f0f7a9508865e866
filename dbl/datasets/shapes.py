"""ShapesMLT, the demo set: scenes of shapes, drawn from a seed, made long-tailed as the others are.

Its statistics were modelled on COCO-MLT's, and fixed before any row was trained on it:

==================================  ============  ===============
of the training set                 ShapesMLT     COCO-MLT
==================================  ============  ===============
images, classes                     1,157, 24     1,909, 80
labels per image                    2.2           4.4
images per class, max and min       824 and 6     1,128 and 6
head / medium / tail classes        6 / 8 / 10    22 / 33 / 25
max over i of sum_j p(i|j) / C      0.69          0.63
tail images that show a head class  100 %         99 %
==================================  ============  ===============
"""

from collections.abc import Sequence
from typing import Literal, get_args

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
from dbl.longtail import head_to_tail_subset, pareto_counts
from dbl.registry import DATASETS

SCENES = 20_000
TEST_SCENES = 2_000
CONTEXTS = 4
Split = Literal['train', 'val', 'test']
SPLITS = get_args(Split)


def _crescent() -> np.ndarray:
    outer = np.radians(np.linspace(50, 310, 20))
    inner = outer[::-1]
    return np.concatenate(
        [
            np.stack([np.cos(outer), np.sin(outer)], axis=1),
            np.stack([0.35 + 0.72 * np.cos(inner), 0.75 * np.sin(inner)], axis=1),
        ]
    )


_T = 0.35  # half the thickness of the strokes of cross and arrow
CORNERS = {
    'arrow': np.array(
        [(0, -1), (0.8, 0), (_T, 0), (_T, 1), (-_T, 1), (-_T, 0), (-0.8, 0)], dtype=float
    ),
    'circle': ring([0.9] * 24),
    'crescent': _crescent(),
    'cross': np.array(
        [(_T, -1), (_T, -_T), (1, -_T), (1, _T), (_T, _T), (_T, 1)]
        + [(-_T, 1), (-_T, _T), (-1, _T), (-1, -_T), (-_T, -_T), (-_T, -1)]
    ),
    'hourglass': np.array([(-0.8, -1), (0.8, -1), (0.1, 0), (0.8, 1), (-0.8, 1), (-0.1, 0)]),
    'square': ring([1.1] * 4, start=45),
    'star': ring([1.1, 0.45] * 5),
    'triangle': ring([1.1] * 3),
}
CLASSES = [f'{fill} {shape}' for shape in CORNERS for fill in FILLS]


def draw_labels(num_scenes: int, generator: np.random.Generator) -> np.ndarray:
    """Draws which classes each scene shows, (N, C), multi-hot, no row empty.

    Popularity falls with the rank of a class by a power law. Each scene has one of four contexts,
    which favours every fourth class. The most popular class belongs to all contexts.
    """
    rank = generator.permutation(len(CLASSES))
    popularity = 0.45 * (rank + 1.0) ** -0.75
    context = generator.integers(CONTEXTS, size=(num_scenes, 1))
    affinity = np.where(rank % CONTEXTS == context, 3.1, 0.3)
    affinity[:, rank == 0] = 1
    labels = generator.random((num_scenes, len(CLASSES))) < np.minimum(popularity * affinity, 0.95)
    labels[~labels.any(axis=1), rank == 0] = True
    return labels


def draw_scene(labels: list[int], generator: np.random.Generator) -> np.ndarray:
    """Draws one or two shapes of each class, in clutter: (64, 64, 3), BGR, uint8."""
    image = background(generator)
    copies = 1 + (generator.random(len(labels)) < 0.25)
    for label in generator.permutation(np.repeat(labels, copies)):
        fill, shape = CLASSES[label].split(' ')
        corners = placed(CORNERS[shape], generator)
        draw_shape(image, corners, fill, _typical_colour(label, generator))
    draw_clutter(image, generator)
    return noisy(image, generator)


def _typical_colour(label: int, generator: np.random.Generator) -> list[int]:
    """Draws a colour near the class's hue. The golden angle keeps the classes' hues apart."""
    return vivid_colour((137.5 * label + generator.normal(0, 12)) % 360, generator)


@DATASETS.register_module()
class ShapesMLT(DrawnScenes):
    """Draws the demo set, 24 classes of shapes, on demand. It reads no file.

    Args:
        split: ``'train'``, the long-tailed subset; ``'test'``, scenes as they come; or ``'val'``,
            as many of the scenes that the subset leaves out.
        scene_seed: Seed of the scenes, independent of the training's seed.

    >>> source = ShapesMLT('test')
    >>> source.name, len(source.annotations), source.read(0).shape
    ('ShapesMLT test', 2000, (64, 64, 3))
    """

    def __init__(self, split: Split, scene_seed: int = 0) -> None:
        if split not in SPLITS:
            raise unknown('split', split, SPLITS)
        self.name = f'ShapesMLT {split}'
        self.scene_seed = scene_seed
        labels = draw_labels(SCENES, np.random.default_rng(scene_seed))
        self.scenes = _scenes(split, labels, scene_seed)
        self.annotations = Annotations(
            CLASSES,
            [f'scene {i}' for i in self.scenes],
            [np.flatnonzero(labels[i]).tolist() for i in self.scenes],
        )

    def read(self, index: int) -> np.ndarray:
        """Draws a scene, always the same: (64, 64, 3), BGR, uint8."""
        key = np.random.SeedSequence(self.scene_seed, spawn_key=(self.scenes[index],))
        return draw_scene(self.annotations.label_indices[index], np.random.default_rng(key))

    def identities(self) -> list[str]:
        """Names each scene by its seed and number."""
        return [f'scene {i} of seed {self.scene_seed}' for i in self.scenes]


def _scenes(split: str, labels: np.ndarray, seed: int) -> Sequence[int]:
    """Gives the numbers of a split's scenes. The first ones are for the test."""
    if split == 'test':
        return range(TEST_SCENES)
    counts = pareto_counts(len(CLASSES), maximum=1200)
    train = [TEST_SCENES + i for i in head_to_tail_subset(labels[TEST_SCENES:], counts, seed)]
    if split == 'train':
        return train
    return sorted(set(range(TEST_SCENES, SCENES)) - set(train))[:TEST_SCENES]
