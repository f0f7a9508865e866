"""Scores that are probabilities: calibration of logits, learnt on validation images."""

from typing import Literal, TypedDict

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import minimize, minimize_scalar
from scipy.special import expit

from dbl.evaluation.checked import check_finite, checked_logits
from dbl.evaluation.rare_classes import LEAST, Chosen, learn_by_class

FLATTEST = 0.01  # slope of the log odds, by standard deviations of the logits


class SigmoidCalibration(TypedDict):
    """The score of a class is the sigmoid of slope * logit + offset. Each list has C entries."""

    method: Literal['temperature', 'platt']
    slope: list[float]
    offset: list[float]
    chosen: list[Chosen]


class IsotonicCalibration(TypedDict):
    """The score of a class runs straight between its points (logit, score), for C classes."""

    method: Literal['isotonic']
    logits: list[list[float]]
    scores: list[list[float]]
    chosen: list[Chosen]


# Plain numbers and names, so that JSON and checkpoints take them as they are.
Calibration = SigmoidCalibration | IsotonicCalibration


def calibrated(logits: ArrayLike, calibration: Calibration) -> np.ndarray:
    """Turns logits into calibrated scores.

    The images of a class keep their order, so its average precision stays. Scores may tie, though,
    where logits do not: on the flat parts of an isotonic calibration, and where a sigmoid rounds
    to 0 or 1. To rank images, use their logits.

    Shape:
        - logits: (N, C). Output: (N, C), float64, in [0, 1].

    Raises:
        ValueError: The calibration is of another number of classes.
        InputError: The logits are not finite.

    >>> calibration = dict(method='platt', slope=[2.0], offset=[-1.0], chosen=['own'])
    >>> calibrated([[0.5], [1.0]], calibration).round(3).tolist()
    [[0.5], [0.731]]
    """
    logits = np.asarray(logits, dtype=np.float64)
    num_classes = len(calibration['chosen'])
    if logits.ndim != 2 or logits.shape[1] != num_classes:
        raise ValueError(
            f'expected logits of {num_classes} classes, as the calibration has, but got shape '
            f'{logits.shape}'
        )
    check_finite(logits)
    if calibration['method'] == 'isotonic':
        points = zip(logits.T, calibration['logits'], calibration['scores'], strict=True)
        return np.stack([np.interp(own, at, scores) for own, at, scores in points], axis=1)
    return expit(logits * calibration['slope'] + calibration['offset'])


def temperature(logits: ArrayLike, targets: ArrayLike) -> SigmoidCalibration:
    r"""Divides all logits by one number, the temperature :math:`T`.

    .. math::
        p = \sigma(z / T)

    It minimises the binary log loss over all classes, after Guo et al., "On Calibration of Modern
    Neural Networks" (ICML 2017). A logit of 0 keeps the score 0.5, so a shift of the logits stays:
    that of re-sampling, or of DB's :math:`\nu`. :func:`platt` takes it out.

    Shape:
        - logits: (N, C); targets: (N, C), multi-hot.

    Returns:
        A calibration whose slopes are :math:`1 / T`, in [0.01, 100], and whose offsets are 0.

    >>> logits = [[4.0], [4.0], [4.0], [-4.0], [-4.0], [-4.0]]
    >>> calibration = temperature(logits, [[1], [1], [0], [0], [0], [1]])
    >>> calibrated([[4.0], [-4.0]], calibration).round(3).tolist()
    [[0.667], [0.333]]
    """
    logits, positive = checked_logits(logits, targets)
    signed = np.where(positive, logits, -logits)
    # scipy's own search, as scikit-learn's does it, which has it for one label per image alone.
    found = minimize_scalar(
        lambda log_slope: np.logaddexp(0, -np.exp(log_slope) * signed).mean(),
        bounds=(np.log(0.01), np.log(100)),
        method='bounded',
        options=dict(xatol=1e-9),
    )
    num_classes = logits.shape[1]
    return SigmoidCalibration(
        method='temperature',
        slope=[float(np.exp(found.x))] * num_classes,
        offset=[0.0] * num_classes,
        chosen=['all'] * num_classes,
    )


def platt(logits: ArrayLike, targets: ArrayLike, least: int = LEAST) -> SigmoidCalibration:
    r"""Fits a slope and an offset for each class.

    .. math::
        p_i = \sigma(a_i z_i + b_i), \quad a_i > 0

    They minimise the log loss with the targets of Platt, "Probabilistic Outputs for Support Vector
    Machines" (1999): :math:`(n_+ + 1) / (n_+ + 2)` for each of :math:`n_+` positives, and
    :math:`1 / (n_- + 2)` for each of :math:`n_-` negatives. So the slope stays finite where a class
    is ranked without a mistake. Where logits say nothing, or mislead, the slope is nearly flat: one
    standard deviation of them moves the log odds by 0.01. So the images keep their order.

    Args:
        logits: Logits of validation images.
        targets: Their labels.
        least: Positives that a class needs for a fit of its own. Rarer classes are pooled:
            :func:`~dbl.evaluation.rare_classes.whose_images`.

    Shape:
        - logits: (N, C); targets: (N, C), multi-hot.

    Raises:
        ValueError: The shapes differ, or a target is neither 0 nor 1.
        InputError: The logits are not finite, or no image shows any class.

    >>> logits = [[4.0], [4.0], [4.0], [-4.0], [-4.0], [-4.0]]
    >>> calibration = platt(logits, [[1], [1], [1], [0], [0], [1]], least=3)
    >>> calibrated([[4.0], [-4.0]], calibration).round(3).tolist()
    [[0.833], [0.444]]
    """
    logits, positive = checked_logits(logits, targets)
    fits, chosen = learn_by_class(logits, positive, least, _sigmoid)
    slope, offset = ([*column] for column in zip(*fits, strict=True))
    return SigmoidCalibration(method='platt', slope=slope, offset=offset, chosen=chosen)


def isotonic(logits: ArrayLike, targets: ArrayLike, least: int = 5 * LEAST) -> IsotonicCalibration:
    """Fits any function that does not decrease, for each class.

    It is after Zadrozny and Elkan, "Transforming Classifier Scores into Accurate Multiclass
    Probability Estimates" (KDD 2002), and scikit-learn's, which has to be installed. Beyond the
    outermost mistakes of a class its scores are exactly 0 and 1, however few images say so.
    :func:`platt` needs fewer images.

    Args:
        logits: Logits of validation images.
        targets: Their labels.
        least: Positives that a class needs for a fit of its own. Rarer classes are pooled:
            :func:`~dbl.evaluation.rare_classes.whose_images`.

    Shape:
        - logits: (N, C); targets: (N, C), multi-hot.

    Raises:
        ValueError: The shapes differ, or a target is neither 0 nor 1.
        InputError: The logits are not finite, or no image shows any class.

    >>> logits = [[1.0], [2.0], [3.0], [4.0]]
    >>> calibration = isotonic(logits, [[0], [1], [0], [1]], least=2)
    >>> calibrated([[0.0], [2.0], [2.5], [3.5]], calibration).tolist()
    [[0.0], [0.5], [0.5], [0.75]]
    """
    logits, positive = checked_logits(logits, targets)
    fits, chosen = learn_by_class(logits, positive, least, _steps)
    at, scores = ([*column] for column in zip(*fits, strict=True))
    return IsotonicCalibration(method='isotonic', logits=at, scores=scores, chosen=chosen)


def _sigmoid(logits: np.ndarray, positive: np.ndarray) -> tuple[float, float]:
    # scikit-learn's LogisticRegression takes neither Platt's targets nor a bound on the slope.
    shown, hidden = positive.sum(), (~positive).sum()
    targets = np.where(positive, (shown + 1) / (shown + 2), 1 / (hidden + 2))
    centre, spread = logits.mean(), logits.std() if np.ptp(logits) else 1.0
    inputs = (logits - centre) / spread

    def loss_and_gradient(fit: np.ndarray) -> tuple[float, np.ndarray]:
        z = fit[0] * inputs + fit[1]
        error = expit(z) - targets
        loss = np.logaddexp(0, z) - targets * z
        return loss.mean(), np.array([(error * inputs).mean(), error.mean()])

    found = minimize(
        loss_and_gradient,
        x0=[1.0, np.log((shown + 1) / (hidden + 1))],
        jac=True,
        method='L-BFGS-B',
        bounds=[(FLATTEST, None), (None, None)],
        options=dict(maxiter=1000, ftol=1e-15, gtol=1e-10),
    )
    slope = found.x[0] / spread
    return float(slope), float(found.x[1] - slope * centre)


def _steps(logits: np.ndarray, positive: np.ndarray) -> tuple[list[float], list[float]]:
    from sklearn.isotonic import IsotonicRegression  # needed to learn, and not to apply

    fit = IsotonicRegression().fit(logits, positive)
    return fit.X_thresholds_.tolist(), fit.y_thresholds_.tolist()
