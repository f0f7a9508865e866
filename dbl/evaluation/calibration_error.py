"""How far scores are from probabilities."""

from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from dbl.evaluation.checked import checked_scores

Equal = Literal['width', 'count']


def reliability_curve(
    scores: ArrayLike, targets: ArrayLike, bins: int = 15, equal: Equal = 'width'
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Compares scores with the share of positives among those that score alike.

    Bins of equal ``'width'`` cut [0, 1], and bins of equal ``'count'`` cut at quantiles of the
    scores. A score on an edge belongs to the lower bin. Bins without scores are left out. So it is
    scikit-learn's ``calibration_curve``, with the counts.

    Shape:
        - scores, targets: (N), of one class, or (N, C), all classes in one pool.
        - Output: mean score, share of positives, and count of each bin, (B) each.

    >>> mean, share, count = reliability_curve([0.1, 0.3, 0.8], [0, 1, 1], bins=2)
    >>> mean.tolist(), share.tolist(), count.tolist()
    ([0.2, 0.8], [0.5, 1.0], [2, 1])
    """
    if not bins >= 1:
        raise ValueError(f'bins must be at least 1, but got {bins}')
    if equal not in get_args(Equal):
        raise ValueError(f"equal must be 'width' or 'count', but got {equal!r}")
    both = checked_scores(np.atleast_2d(scores), np.atleast_2d(targets))
    scores, positive = (values.ravel() for values in both)
    parts = np.linspace(0, 1, bins + 1)
    edges = parts if equal == 'width' else np.percentile(scores, 100 * parts)
    index = np.searchsorted(edges[1:-1], scores)
    count = np.bincount(index)
    filled = count > 0
    total, hits = (np.bincount(index, weights=values)[filled] for values in (scores, positive))
    return total / count[filled], hits / count[filled], count[filled]


def expected_calibration_error(
    scores: ArrayLike, targets: ArrayLike, bins: int = 15, equal: Equal = 'width'
) -> np.ndarray:
    r"""Computes each class's expected calibration error, each class being a binary problem.

    .. math::
        \sum_b \frac{n_b}{N} | \bar s_b - \bar y_b |

    Bin :math:`b` of :func:`reliability_curve` has :math:`n_b` images, with the mean score
    :math:`\bar s_b` and the share of positives :math:`\bar y_b`. Guo et al., "On Calibration of
    Modern Neural Networks" (ICML 2017), define it for one label per image, and the score of the
    class that is predicted. By class it is the static calibration error of Nixon et al.,
    "Measuring Calibration in Deep Learning" (CVPR workshops 2019), and with bins of equal
    ``'count'`` their adaptive one.

    :func:`~dbl.evaluation.group_means` averages it. To pool the classes, give all of them as one:
    ``scores.reshape(-1, 1)``. In the pool, a class whose scores are too high can make up for one
    whose scores are too low.

    A rare class can err by little, as nearly all its images are negatives. A class without
    positives has an error, too.

    Shape:
        - scores: (N, C), in [0, 1]; targets: (N, C), multi-hot. Output: (C).

    >>> scores, targets = np.array([[0.2, 0.9], [0.2, 0.9]]), np.array([[0, 1], [1, 1]])
    >>> expected_calibration_error(scores, targets).round(3).tolist()
    [0.3, 0.1]
    >>> expected_calibration_error(scores.reshape(-1, 1), targets.reshape(-1, 1)).round(3).tolist()
    [0.2]
    """
    scores, positive = checked_scores(scores, targets)
    columns = zip(scores.T, positive.T, strict=True)
    curves = [reliability_curve(*column, bins, equal) for column in columns]
    return np.array([count @ abs(mean - share) / len(scores) for mean, share, count in curves])


def brier_score(scores: ArrayLike, targets: ArrayLike) -> np.ndarray:
    """Computes each class's Brier score, the mean squared difference of score and target.

    Shape:
        - scores: (N, C), in [0, 1]; targets: (N, C), multi-hot. Output: (C), in [0, 1].

    >>> brier_score([[0.5, 1.0], [0.5, 0.0]], [[1, 1], [0, 1]]).tolist()
    [0.25, 0.5]
    """
    scores, positive = checked_scores(scores, targets)
    return ((scores - positive) ** 2).mean(axis=0)
