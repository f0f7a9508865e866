"""Long-tailed subsets and their statistics: pure functions on label matrices, without torch.

``labels`` is (N, C), multi-hot, dense or scipy sparse. :func:`label_matrix` makes it of other
forms.
"""

from dbl.longtail.co_occurrence import (
    co_occurrence,
    conditional_probability,
    expected_draws,
    images_by_class,
)
from dbl.longtail.groups import head_medium_tail
from dbl.longtail.label_graph import label_graph
from dbl.longtail.label_matrix import label_matrix
from dbl.longtail.pairs import (
    Pair,
    group_labels_per_image,
    labels_per_image,
    least_frequent_pairs,
    most_frequent_pairs,
    rank_correlation,
)
from dbl.longtail.stratified_split import grouped_split, stratified_split, validation_split
from dbl.longtail.subset import head_to_tail_subset, pareto_counts
from dbl.longtail.summary import Statistics, statistics

__all__ = [
    'Pair',
    'Statistics',
    'co_occurrence',
    'conditional_probability',
    'expected_draws',
    'group_labels_per_image',
    'grouped_split',
    'head_medium_tail',
    'head_to_tail_subset',
    'images_by_class',
    'label_graph',
    'label_matrix',
    'labels_per_image',
    'least_frequent_pairs',
    'most_frequent_pairs',
    'pareto_counts',
    'rank_correlation',
    'statistics',
    'stratified_split',
    'validation_split',
]
