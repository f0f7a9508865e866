"""The base of sources that draw their pictures and read no file."""

import numpy as np

from dbl.datasets.annotations import Annotations
from dbl.datasets.drawing import SIDE
from dbl.datasets.fingerprint import digest


class DrawnScenes:
    """A source of square scenes, each determined by its name.

    A subclass sets ``annotations`` and ``name``, draws a scene in ``read``, and names the scenes
    in ``identities``.
    """

    annotations: Annotations
    name: str
    channels = 3

    def read(self, index: int) -> np.ndarray:
        """Draws a scene, always the same: (64, 64, 3), BGR, uint8."""
        raise NotImplementedError

    def identities(self) -> list[str]:
        """Names each scene so that no other scene, of any source, has its name."""
        raise NotImplementedError

    def fingerprints(self) -> np.ndarray:
        """Hashes each scene's name, which determines its picture, (N,), int64."""
        return np.array([digest(name.encode()) for name in self.identities()])

    def picture_bytes(self) -> list[int]:
        """Counts the bytes of each scene."""
        return [3 * SIDE**2] * len(self.annotations)

    def wider_than_high(self) -> np.ndarray:
        """Finds which scenes are wider than high, (N,): none, since they are square."""
        return np.zeros(len(self.annotations), dtype=bool)

    def check_images(self) -> None:
        """Does nothing: scenes are never missing."""
