"""How a model's logits become probabilities and labels, learnt on images for validation."""

from collections.abc import Callable, Mapping, Sequence
from math import inf, isfinite
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import numpy as np
from scipy.special import expit

from dbl.errors import InputError, shortened, unknown
from dbl.evaluation.calibration import Calibration, calibrated, isotonic, platt, temperature
from dbl.evaluation.rare_classes import Chosen
from dbl.evaluation.thresholds import LEAST, best_f1_thresholds, precision_thresholds
from dbl.files import read_json
from dbl.whole_numbers import Count

Method = Literal['none', 'temperature', 'platt', 'isotonic']
CALIBRATIONS: dict[Method, Callable[..., Calibration]] = {
    'temperature': temperature,
    'platt': platt,
    'isotonic': isotonic,
}


Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Finite = Annotated[float, msgspec.Meta(ge=-1e300, le=1e300)]
AboveZero = Annotated[float, msgspec.Meta(gt=0, le=1e300)]
Points = Annotated[list[Finite], msgspec.Meta(min_length=1)]


class Decisions(msgspec.Struct):
    """How logits become scores, and scores labels.

    Attributes:
        rule: What the thresholds are best for, in words.
        num_images: Images for validation that they were learnt on.
        thresholds: A class is present where its score is at least this, (C,). None: never.
        chosen: Whose images decided, see :class:`~dbl.evaluation.thresholds.Thresholds`.
        calibration: Turns logits into scores; None takes their sigmoid.
    """

    rule: str
    num_images: Count
    thresholds: list[Share | None]
    chosen: list[Chosen]
    calibration: dict[str, Any] | None = None

    def scores(self, logits: np.ndarray) -> np.ndarray:
        """The scores, (N, C), of logits, (N, C)."""
        return scores_of(logits, self.calibration)

    def decide(self, scores: np.ndarray) -> np.ndarray:
        """Which classes are present, (N, C), by their scores, (N, C).

        >>> decisions = Decisions('given', 0, [0.5, None], ['all', 'all'])
        >>> decisions.decide(np.array([[0.5, 1.0]])).tolist()
        [[True, False]]
        """
        return scores >= np.array([inf if t is None else t for t in self.thresholds])


def calibration_of(decisions: Decisions | None) -> dict[str, Any] | None:
    """The calibration of decisions, or None where there is none."""
    return None if decisions is None else decisions.calibration


def scores_of(logits: np.ndarray, calibration: Mapping[str, Any] | None) -> np.ndarray:
    """The scores, (N, C), of logits, (N, C): calibrated, or else their sigmoid.

    >>> scores_of(np.zeros((1, 2)), None).tolist()
    [[0.5, 0.5]]
    """
    if calibration is None:
        return expit(logits.astype(np.float64))
    return calibrated(logits, calibration)  # type: ignore[arg-type]  # a plain dict, checked below


def learn_decisions(
    logits: np.ndarray,
    targets: np.ndarray,
    precision: float | None = None,
    method: Method = 'none',
    least: int = LEAST,
) -> Decisions:
    """Learns thresholds, and perhaps a calibration before them.

    Args:
        logits: Of images for validation.
        targets: Their labels.
        precision: The share of predictions that have to be right. None takes the best F1.
        method: How the logits are calibrated.
        least: Positives that a class needs for a threshold of its own.

    Shape:
        - logits: (N, C); targets: (N, C), multi-hot.

    Raises:
        InputError: No image shows any class.

    >>> logits = np.array([[2.0, -1.0], [1.0, 0.5], [-1.0, 3.0]])
    >>> targets = np.array([[1, 0], [1, 1], [0, 1]])
    >>> learn_decisions(logits, targets, least=1).decide(scores_of(logits, None)).astype(int)
    array([[1, 0],
           [1, 1],
           [0, 1]])
    """
    calibration = None if method == 'none' else dict(CALIBRATIONS[method](logits, targets))
    scores = scores_of(logits, calibration)
    if precision is None:
        found, rule = best_f1_thresholds(scores, targets, least), 'best F1'
    else:
        found = precision_thresholds(scores, targets, precision, least)
        rule = f'precision of at least {precision:g}'
    values = [float(value) if isfinite(value) else None for value in found.values]
    return Decisions(rule, len(targets), values, found.chosen, calibration)


def given_decisions(
    text: str, classes: Sequence[str], calibration: Mapping[str, Any] | None = None
) -> Decisions:
    """Takes thresholds that somebody names: one number for all classes, or a .json with each.

    Args:
        text: A number in [0, 1], or the path of a .json, ``{"cat": 0.4, ...}``. There, null is a
            threshold that no score reaches.
        classes: Names of the classes, C.
        calibration: Turns logits into scores before them.

    Raises:
        InputError: It is neither, or the file lacks a class or has an unknown one.

    >>> given_decisions('0.5', ['cat', 'dog']).thresholds
    [0.5, 0.5]
    """
    if Path(text).suffix.lower() == '.json':
        values = _from_json(Path(text), classes)
    else:
        values = [_number(text, 'the threshold')] * len(classes)
    chosen: list[Chosen] = ['all'] * len(classes)
    return Decisions('given', 0, values, chosen, dict(calibration) if calibration else None)


def _from_json(path: Path, classes: Sequence[str]) -> list[float | None]:
    given = read_json(path)
    for name in given:
        if name not in classes:
            raise unknown(f"'{path}': class", name, classes)
    missing = [name for name in classes if name not in given]
    if missing:
        raise InputError(f"'{path}' has no threshold for {len(missing)} classes, as '{missing[0]}'")
    pairs = ((name, given[name]) for name in classes)
    return [None if own is None else _number(own, f"'{path}': '{name}'") for name, own in pairs]


def _number(value: object, what: str) -> float:
    try:
        number = float(str(value))
    except ValueError:
        number = -1.0
    if not 0 <= number <= 1:
        raise InputError(
            f'{what} must be a number from 0 to 1, or a .json of them by class, but got '
            f"'{shortened(value)}'"
        )
    return number


def decisions_of(content: Any, num_classes: int, path: str | Path) -> Decisions:
    """Reads what a model's file says of decisions.

    Raises:
        InputError: It is damaged.
    """
    try:
        return _decisions_of(content, num_classes)
    except (ValueError, AttributeError) as error:  # of a tensor, msgspec asks for its keys
        raise InputError(f"'{path}' is damaged: its decisions: {error}") from error


def _decisions_of(content: Any, num_classes: int) -> Decisions:
    found = msgspec.convert(content, Decisions)
    lists: dict[str, Sequence] = {'thresholds': found.thresholds, 'chosen': found.chosen}
    if found.calibration is not None:
        kind = _Isotonic if found.calibration.get('method') == 'isotonic' else _Sigmoid
        learnt = msgspec.structs.asdict(msgspec.convert(found.calibration, kind))
        lists |= {name: own for name, own in learnt.items() if name != 'method'}
    for name, own in lists.items():
        if len(own) != num_classes:
            raise ValueError(f'expected {name} of {num_classes} classes, but got {len(own)}')
    for at, scores in zip(lists.get('logits', ()), lists.get('scores', ()), strict=True):
        _check_steps(at, scores)
    return found


def _check_steps(at: list[float], scores: list[float]) -> None:
    """Raises ValueError unless the points of an isotonic calibration rise."""
    if len(at) != len(scores):
        raise ValueError(f'a class has {len(at)} logits, but {len(scores)} scores')
    if at != sorted(set(at)) or scores != sorted(scores):
        raise ValueError('the logits and scores of a class must rise')


class _Sigmoid(msgspec.Struct):
    """What :class:`~dbl.evaluation.calibration.SigmoidCalibration` must hold, whatever made it."""

    method: Literal['temperature', 'platt']
    slope: list[AboveZero]
    offset: list[Finite]
    chosen: list[Chosen]


class _Isotonic(msgspec.Struct):
    logits: list[Points]
    scores: list[Annotated[list[Share], msgspec.Meta(min_length=1)]]
    chosen: list[Chosen]
