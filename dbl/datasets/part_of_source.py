from collections.abc import Iterable

import numpy as np

from dbl.datasets.source import Source


class PartOfSource:
    """Some images of a source, in the given order: itself a source.

    Args:
        source: The source of all images.
        indices: Those of the images to take.

    >>> from dbl.datasets import ShapesMLT
    >>> part = PartOfSource(ShapesMLT('test'), [3, 5])
    >>> part.name, part.annotations.image_paths
    ('ShapesMLT test (2 of 2000 images)', ['scene 3', 'scene 5'])
    """

    def __init__(self, source: Source, indices: Iterable[int]) -> None:
        self.source, self.indices = source, list(map(int, indices))
        self.annotations = source.annotations.part(self.indices)
        self.channels = source.channels
        self.name = f'{source.name} ({len(self.indices)} of {len(source.annotations)} images)'

    def read(self, index: int) -> np.ndarray:
        """Reads an image, (H, W, 3), BGR, uint8, upright."""
        return self.source.read(self.indices[index])

    def identities(self) -> list[str]:
        """Names each picture uniquely among all sources."""
        everything = self.source.identities()
        return [everything[i] for i in self.indices]

    def fingerprints(self) -> np.ndarray:
        """Gives each picture a number that changes with its content, (N,), int64."""
        return self.source.fingerprints()[self.indices]

    def picture_bytes(self) -> list[int]:
        """Counts the bytes of each image, or 0 if memory must not hold it."""
        everything = self.source.picture_bytes()
        return [everything[i] for i in self.indices]

    def wider_than_high(self) -> np.ndarray:
        """Finds which images are wider than high, (N,)."""
        return self.source.wider_than_high()[self.indices]

    def check_images(self) -> None:
        """Raises InputError if images of the whole source are missing."""
        self.source.check_images()
