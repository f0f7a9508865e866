"""What a model says of pictures."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from dbl.inference.decisions import Decisions, calibration_of, scores_of


@dataclass(frozen=True)
class Predictions:
    """What a model says of pictures.

    Attributes:
        images: The pictures that could be read, N: their paths, or ``picture 0`` and so on.
        classes: Names of the classes, C.
        logits: (N, C).
        unreadable: Why each other picture could not be read.
        decisions: How logits become scores and labels, if that was learnt.
    """

    images: list[str]
    classes: list[str]
    logits: np.ndarray
    unreadable: dict[str, str] = field(default_factory=dict)
    decisions: Decisions | None = None

    @property
    def scores(self) -> np.ndarray:
        """Scores between 0 and 1, (N, C): calibrated, if that was learnt, or the sigmoid."""
        return scores_of(self.logits, calibration_of(self.decisions))

    @property
    def labels(self) -> list[list[str]] | None:
        """The classes that are present in each picture. None if no thresholds were learnt.

        ``python -m dbl decide`` learns them.

        >>> decisions = Decisions('given', 0, [0.4, 0.6], ['all', 'all'])
        >>> logits = np.array([[0.0, 0.0], [-1.0, 1.0]])
        >>> Predictions(['a.jpg', 'b.jpg'], ['cat', 'dog'], logits, decisions=decisions).labels
        [['cat'], ['dog']]
        """
        if self.decisions is None:
            return None
        present = self.decisions.decide(self.scores)
        return [[self.classes[c] for c in np.flatnonzero(row)] for row in present]

    def top(self, count: int) -> Iterator[tuple[str, list[tuple[str, float]]]]:
        """The classes of the highest scores of each picture, with their scores.

        >>> found = Predictions(['a.jpg'], ['cat', 'dog'], np.array([[0.0, 9.0]]))
        >>> [(image, best[0][0]) for image, best in found.top(1)]
        [('a.jpg', 'dog')]
        """
        for image, scores in zip(self.images, self.scores, strict=True):
            best = np.argsort(-scores, kind='stable')[:count]
            yield image, [(self.classes[c], float(scores[c])) for c in best]
