"""A linear support vector machine on features, by scikit-learn: what a network has to beat."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array
from sklearn.svm import LinearSVC

from dbl.datasets.feature_matrix import FeatureMatrix
from dbl.datasets.sparse_rows import SparseRows
from dbl.errors import InputError
from dbl.evaluation.group_f1 import group_f1, micro_f1
from dbl.longtail import head_medium_tail
from dbl.sources import check_goes_with

MARGINS = np.arange(-10, 11) / 10


@dataclass(frozen=True)
class SvmF1:
    """How good a support vector machine is.

    Attributes:
        margin: A class is present from this margin on; it has the best micro F1 on validation.
        by_group: Micro and macro F1 on the test set, each between 0 and 1.
    """

    margin: float
    by_group: dict[str, tuple[float, float]]


def svm_f1(folder: Path, c: float = 1.0, head: int = 100, tail: int = 20) -> SvmF1:
    """Trains one machine for each class, and tests them.

    Args:
        folder: Has features of train, val and test, see :class:`~dbl.datasets.FeatureMatrix`.
        c: Inverse strength of the regularisation.
        head: Classes with at least this many training rows are head.
        tail: Classes with fewer are tail.

    Raises:
        InputError: Features are missing or malformed, or do not go together, or a number is none
            that fits.
    """
    if not 0 < c < inf:
        raise InputError(f'--c must be a finite number above 0, but got {c}')
    if not 0 <= tail <= head:
        raise InputError(f'expected 0 <= --tail <= --head, but got {tail} and {head}')
    train, val, test = (FeatureMatrix(name, str(folder)) for name in ('train', 'val', 'test'))
    for other in (val, test):
        check_goes_with(train, other)
    of_val, of_test = margins_of(train, (val, test), c)
    groups = head_medium_tail(train.annotations.class_freq, head, tail)
    margin = best_margin(of_val, _targets(val))
    return SvmF1(margin, group_f1(of_test >= margin, _targets(test), groups))


def margins_of(
    train: FeatureMatrix, others: Sequence[FeatureMatrix], c: float = 1.0
) -> list[np.ndarray]:
    """Trains one machine for each class, and gives its margins on other rows, (N, C) each.

    A class that no training row has is never present, and one that all have always is.
    """
    rows, asked = rows_of(train), [rows_of(other) for other in others]
    found = [np.empty((own.shape[0], len(train.annotations.classes))) for own in asked]
    for index, positive in enumerate(_targets(train).T):
        constant = positive.all() or not positive.any()  # nothing can be told apart
        machine = None if constant else LinearSVC(C=c, random_state=0).fit(rows, positive)
        for margins, own in zip(found, asked, strict=True):
            sure = inf if positive.all() else -inf
            margins[:, index] = machine.decision_function(own) if machine else sure
    return found


def best_margin(margins: np.ndarray, targets: np.ndarray) -> float:
    """Finds the margin from which a class is present that has the best micro F1.

    Shape:
        - margins: (N, C); targets: (N, C), booleans.

    >>> best_margin(np.array([[0.5, -0.3]]), np.array([[True, True]]))
    -1.0
    """
    return float(max(MARGINS, key=lambda own: micro_f1(margins >= own, targets)))


def rows_of(source: FeatureMatrix) -> np.ndarray | csr_array:
    """The features of a source, (N, D). Of several views, the first is taken.

    Raises:
        InputError: A number in them is not finite.
    """
    features = source.features
    if isinstance(features, SparseRows):
        rows, numbers = features.matrix, features.matrix.data
    else:
        rows = numbers = np.asarray(features if features.ndim == 2 else features[:, 0])
    if not np.isfinite(numbers).all():
        raise InputError(f"'{source.name}': the features are not finite numbers")
    return rows


def _targets(source: FeatureMatrix) -> np.ndarray:
    return source.annotations.labels.toarray() > 0
