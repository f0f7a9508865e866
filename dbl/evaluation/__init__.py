from dbl.evaluation.average_precision import average_precision
from dbl.evaluation.f1 import f1_scores
from dbl.evaluation.group_means import group_means
from dbl.evaluation.metric import MultiLabelMetric
from dbl.evaluation.table import metrics_table

__all__ = [
    'MultiLabelMetric',
    'average_precision',
    'f1_scores',
    'group_means',
    'metrics_table',
]
