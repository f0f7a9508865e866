import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import sparray

from dbl.longtail.co_occurrence import conditional_probability


def expected_draws(labels: ArrayLike | sparray, draws_per_class: float) -> np.ndarray:
    r"""Expected positives of each class in one class-aware epoch, :math:`N_e \sum_j p(i|j)`.

    Shape:
        - labels: (N, C). Output: (C).
    """
    return draws_per_class * np.asarray(conditional_probability(labels).sum(axis=1)).ravel()
