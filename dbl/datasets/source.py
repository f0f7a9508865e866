"""Where pictures and labels come from."""

from typing import Protocol

import numpy as np

from dbl.datasets.annotations import Annotations


class Source(Protocol):
    """Where pictures and labels come from, such as :class:`~dbl.datasets.AnnotatedFiles`."""

    annotations: Annotations
    channels: int  # of what it reads: 3, or the width of its features, or 0 for texts

    @property
    def name(self) -> str:
        """What messages call it."""

    def read(self, index: int) -> np.ndarray:
        """Reads an image, (H, W, 3), BGR, uint8, upright; or features, (K, 1, D), of K views;
        or the bytes of a text, (n, 1, 1), uint8."""

    def identities(self) -> list[str]:
        """Names each picture uniquely among all sources."""

    def fingerprints(self) -> np.ndarray:
        """Gives each picture a number that changes with its content, (N,), int64."""

    def picture_bytes(self) -> list[int]:
        """Counts the bytes of each image, or 0 if memory must not hold it."""

    def wider_than_high(self) -> np.ndarray:
        """Finds which images are wider than high, (N,)."""

    def check_images(self) -> None:
        """Raises InputError if images are missing."""
