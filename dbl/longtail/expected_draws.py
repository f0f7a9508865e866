import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import csr_array, sparray

from dbl.longtail.co_occurrence import conditional_probability


def expected_draws(labels: ArrayLike | sparray, draws_per_class: float | None = None) -> np.ndarray:
    r"""Expected positives of each class in one class-aware epoch, :math:`N_e \sum_j p(i|j)`.

    Args:
        labels: Labels of the training set.
        draws_per_class: The paper's N_e; None means n_max / 4, as in the released code.

    Shape:
        - labels: (N, C). Output: (C).
    """
    labels = csr_array(labels)
    if draws_per_class is None:
        draws_per_class = labels.sum(axis=0).max() / 4
    return draws_per_class * conditional_probability(labels).sum(axis=1)
