"""How good logits are: average precision, its means by group, and F1."""

from dbl.evaluation.average_precision import average_precision
from dbl.evaluation.metric import MultiLabelMetric, f1_scores, group_means

__all__ = ['MultiLabelMetric', 'average_precision', 'f1_scores', 'group_means']
