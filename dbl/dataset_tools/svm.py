"""A linear support vector machine on features, by scikit-learn: what a network has to beat."""

import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array
from sklearn.multiclass import OneVsRestClassifier
from sklearn.svm import LinearSVC

from dbl.datasets.feature_matrix import FeatureMatrix
from dbl.datasets.sparse_rows import SparseRows
from dbl.errors import InputError
from dbl.evaluation.group_f1 import group_f1, micro_f1
from dbl.longtail import head_medium_tail

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
        InputError: Features are missing or malformed, or ``c`` is not above 0.
    """
    if not c > 0:
        raise InputError(f'--c must be above 0, but got {c}')
    train, val, test = (FeatureMatrix(name, str(folder)) for name in ('train', 'val', 'test'))
    machines = OneVsRestClassifier(LinearSVC(C=c, random_state=0))
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')  # of classes that all rows have, or none
        machines.fit(rows_of(train), train.annotations.labels.toarray())
    groups = head_medium_tail(train.annotations.class_freq, head, tail)
    margin = best_margin(machines.decision_function(rows_of(val)), _targets(val))
    present = machines.decision_function(rows_of(test)) >= margin
    return SvmF1(margin, group_f1(present, _targets(test), groups))


def best_margin(margins: np.ndarray, targets: np.ndarray) -> float:
    """Finds the margin from which a class is present that has the best micro F1.

    Shape:
        - margins: (N, C); targets: (N, C), booleans.

    >>> best_margin(np.array([[0.5, -0.3]]), np.array([[True, True]]))
    -1.0
    """
    return float(max(MARGINS, key=lambda own: micro_f1(margins >= own, targets)))


def rows_of(source: FeatureMatrix) -> np.ndarray | csr_array:
    """The features of a source, (N, D). Of several views, the first is taken."""
    features = source.features
    if isinstance(features, SparseRows):
        return features.matrix
    return np.asarray(features if features.ndim == 2 else features[:, 0])


def _targets(source: FeatureMatrix) -> np.ndarray:
    return source.annotations.labels.toarray() > 0
