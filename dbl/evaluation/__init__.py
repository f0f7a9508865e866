"""How good logits and decisions are: average precision, F1, thresholds, calibration."""

from dbl.evaluation.average_precision import average_precision
from dbl.evaluation.calibration import calibrated, isotonic, platt, temperature
from dbl.evaluation.calibration_error import (
    brier_score,
    expected_calibration_error,
    reliability_curve,
)
from dbl.evaluation.group_f1 import group_f1, micro_f1
from dbl.evaluation.metric import MultiLabelMetric, f1_scores, group_means
from dbl.evaluation.per_class import PerClass, per_class
from dbl.evaluation.thresholds import (
    Thresholds,
    best_f1_thresholds,
    precision_thresholds,
    shared_threshold,
)

__all__ = [
    'MultiLabelMetric',
    'PerClass',
    'Thresholds',
    'average_precision',
    'best_f1_thresholds',
    'brier_score',
    'calibrated',
    'expected_calibration_error',
    'f1_scores',
    'group_f1',
    'group_means',
    'isotonic',
    'micro_f1',
    'per_class',
    'platt',
    'precision_thresholds',
    'reliability_curve',
    'shared_threshold',
    'temperature',
]
