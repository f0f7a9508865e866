"""Which score is enough to say that a class is present: thresholds, learnt on validation images."""

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from dbl.evaluation.checked import checked_scores
from dbl.evaluation.group_f1 import micro_f1
from dbl.evaluation.rare_classes import LEAST, Chosen, learn_by_class


@dataclass(frozen=True, eq=False)
class Thresholds:
    """The threshold of each class, and whose images it was learnt from.

    Attributes:
        values: A class is present where its score is at least this, (C,). ``inf``: it is never
            predicted.
        chosen: For each class ``'own'``, ``'rare'``, or ``'all'``, as
            :func:`~dbl.evaluation.rare_classes.whose_images` says.

    >>> thresholds = Thresholds(np.array([0.5, np.inf]), ['own', 'rare'])
    >>> thresholds.decide([[0.5, 1.0]]).tolist()
    [[True, False]]
    """

    values: np.ndarray
    chosen: list[Chosen]

    def decide(self, scores: ArrayLike) -> np.ndarray:
        """Says which classes are present, (N, C), for scores of that shape."""
        return np.asarray(scores) >= self.values


def best_f1_thresholds(scores: ArrayLike, targets: ArrayLike, least: int = LEAST) -> Thresholds:
    """Finds the threshold of each class with the best F1 on validation images.

    Of thresholds with the same F1 it is the highest, which predicts least. It lies midway between
    the lowest score that it takes and the next lower one, or 0. On the score itself, a new image
    that scores a little lower, if only by rounding, would fall on the other side.

    A class with fewer than ``least`` positives takes the threshold that is best for all such
    classes together. Their decisions are pooled, so it has the best micro F1. If together they
    have fewer than ``least``, it is the best for all classes. Such a guard is as old as thresholds
    by class: Lewis et al., "RCV1: A New Benchmark Collection for Text Categorization Research"
    (JMLR 2004), use Yang's SCutFBR (SIGIR 2001). It gives up on a threshold whose F1 is low, and
    takes the highest validation score instead.

    If scores are probabilities, the best threshold is half of the best F1: Lipton et al.,
    "Thresholding Classifiers to Maximize F1 Score" (arXiv:1402.1892). If scores say nothing, the
    best is to predict the class for every image.

    Args:
        scores: Scores of validation images.
        targets: Their labels.
        least: Positives that a class needs for a threshold of its own.

    Shape:
        - scores: (N, C), in [0, 1]; targets: (N, C), multi-hot.

    Raises:
        ValueError: A score is NaN or outside [0, 1], or the shapes differ.
        InputError: No image shows any class.

    >>> scores = [[0.9, 0.2], [0.7, 0.4], [0.3, 0.6], [0.1, 0.3]]
    >>> found = best_f1_thresholds(scores, [[1, 0], [1, 0], [0, 1], [0, 0]], least=2)
    >>> found.values.tolist(), found.chosen
    ([0.5, 0.5], ['own', 'all'])
    """
    scores, positive = checked_scores(scores, targets)
    values, chosen = learn_by_class(scores, positive, least, _best_f1)
    return Thresholds(np.array(values), chosen)


def precision_thresholds(
    scores: ArrayLike, targets: ArrayLike, precision: float, least: int = LEAST
) -> Thresholds:
    """Finds the lowest threshold of each class whose precision on validation images is enough.

    The lowest has the largest recall. Precision need not grow with the threshold, so a higher one
    may fall short again. It lies midway between scores, and rare classes share one, as
    :func:`best_f1_thresholds` describes. For them, the precision is that of all their decisions
    together: one class may fall short.

    A class that reaches the precision nowhere gets the threshold ``inf``: it is never predicted.
    Whatever else it got, its predictions would be wrong more often than was asked for.

    On new images the precision is often lower: of all thresholds, luck on the validation images
    helped to choose this one. Ask for more than you need.

    Args:
        scores: Scores of validation images.
        targets: Their labels.
        precision: Share of the predictions that have to be right, in (0, 1].
        least: Positives that a class needs for a threshold of its own.

    Shape:
        - scores: (N, C), in [0, 1]; targets: (N, C), multi-hot.

    Raises:
        ValueError: A score is NaN or outside [0, 1], the shapes differ, or the precision is
            outside (0, 1].
        InputError: No image shows any class.

    >>> scores = [[0.9, 0.8], [0.7, 0.6], [0.5, 0.4], [0.3, 0.2]]
    >>> targets = [[1, 0], [0, 1], [1, 0], [0, 0]]
    >>> precision_thresholds(scores, targets, precision=0.6, least=1).values.tolist()
    [0.4, inf]
    """
    if not 0 < precision <= 1:
        raise ValueError(f'precision must lie in (0, 1], but got {precision}')
    scores, positive = checked_scores(scores, targets)
    learn = partial(_lowest_precise, precision=precision)
    values, chosen = learn_by_class(scores, positive, least, learn)
    return Thresholds(np.array(values), chosen)


def shared_threshold(
    scores: ArrayLike, targets: ArrayLike, low: float = 0.4, high: float = 0.6
) -> float:
    """Finds the threshold for all classes that has the best micro F1 on validation images.

    Huang et al., "Balancing Methods for Multi-label Text Classification with Long-Tailed Class
    Distribution" (EMNLP 2021), choose it so, between 0.40 and 0.60. It goes by hundredths, and
    among equal ones the lowest is taken.

    Args:
        scores: Scores of validation images.
        targets: Their labels.
        low: The lowest threshold that is tried.
        high: The highest.

    Shape:
        - scores: (N, C), in [0, 1]; targets: (N, C), multi-hot.

    Raises:
        ValueError: A score is NaN or outside [0, 1], or the shapes differ.

    >>> shared_threshold([[0.58, 0.41], [0.56, 0.2]], [[1, 0], [1, 0]])
    0.42
    """
    scores, positive = checked_scores(scores, targets)
    tried = [step / 100 for step in range(round(100 * low), round(100 * high) + 1)]
    return max(tried, key=lambda own: micro_f1(scores >= own, positive))


def _best_f1(scores: np.ndarray, positive: np.ndarray) -> float:
    thresholds, hits, predicted = _counts(scores, positive)
    # One division of whole numbers: F1 values that are equal are so bit for bit.
    f1 = 2 * hits / (predicted + positive.sum())
    return float(thresholds[f1.argmax()])  # the first is the highest


def _lowest_precise(scores: np.ndarray, positive: np.ndarray, precision: float) -> float:
    thresholds, hits, predicted = _counts(scores, positive)
    enough = np.flatnonzero(hits / predicted >= precision)
    return float(thresholds[enough[-1]]) if len(enough) else np.inf


def _counts(scores: np.ndarray, positive: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Lists the thresholds between scores, from the highest, with what each one predicts.

    Returns:
        The thresholds, their hits, and all their predictions.
    """
    distinct, index = np.unique(scores, return_inverse=True)
    below = np.concatenate([[0], distinct[:-1]])
    middle = (below + distinct) / 2
    # Between neighbouring floats there is no number: there it is the upper one.
    thresholds = np.where(middle > below, middle, distinct)
    hits = np.bincount(index, weights=positive)
    predicted = np.bincount(index)
    return thresholds[::-1], hits[::-1].cumsum(), predicted[::-1].cumsum()
