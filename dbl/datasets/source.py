"""What pictures and labels come from."""

from typing import Protocol

import numpy as np

from dbl.datasets.annotations import Annotations


class Source(Protocol):
    """What pictures and labels come from, as :class:`~dbl.datasets.AnnotatedFiles`."""

    annotations: Annotations

    @property
    def name(self) -> str:
        """What messages call it."""

    def read(self, index: int) -> np.ndarray:
        """Returns an image, (H, W, 3), BGR, uint8, upright."""

    def identities(self) -> list[str]:
        """Names each picture so that no other picture, of any source, has its name."""

    def fingerprints(self) -> np.ndarray:
        """Numbers, (N,), int64, that are others where the pictures are, also under their names."""

    def picture_bytes(self) -> list[int]:
        """Counts the bytes of each image, or 0 where it is not to be held in memory."""

    def wider_than_high(self) -> np.ndarray:
        """Finds which images are wider than high, (N,)."""

    def check_images(self) -> None:
        """Raises InputError where images are missing."""
