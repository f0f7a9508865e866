"""What a model says of pictures."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.special import expit


@dataclass(frozen=True)
class Predictions:
    """What a model says of pictures.

    Attributes:
        images: The pictures that could be read, N: their paths, or ``picture 0`` and so on.
        classes: Names of the classes, C.
        logits: (N, C).
        unreadable: Why each other picture could not be read.
        decisions: How scores become probabilities and labels, if that was learnt.
    """

    images: list[str]
    classes: list[str]
    logits: np.ndarray
    unreadable: dict[str, str] = field(default_factory=dict)
    decisions: Any = None

    @property
    def scores(self) -> np.ndarray:
        """Scores between 0 and 1, (N, C): calibrated, if that was learnt, or the sigmoid."""
        return expit(self.logits.astype(np.float64))

    def top(self, count: int) -> Iterator[tuple[str, list[tuple[str, float]]]]:
        """The classes of the highest scores of each picture, with their scores.

        >>> found = Predictions(['a.jpg'], ['cat', 'dog'], np.array([[0.0, 9.0]]))
        >>> [(image, best[0][0]) for image, best in found.top(1)]
        [('a.jpg', 'dog')]
        """
        for image, scores in zip(self.images, self.scores, strict=True):
            best = np.argsort(-scores, kind='stable')[:count]
            yield image, [(self.classes[c], float(scores[c])) for c in best]
