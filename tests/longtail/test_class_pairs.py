import numpy as np
import pytest

from dbl.dataset_tools.published import published_subset
from dbl.longtail import (
    group_labels_per_image,
    head_medium_tail,
    labels_per_image,
    least_frequent_pairs,
    most_frequent_pairs,
    rank_correlation,
)

LABELS = np.array([[1, 1, 0, 0], [1, 0, 0, 0], [1, 1, 1, 0], [0, 1, 0, 0]])


def test_labels_per_image_of_a_worked_example():
    assert labels_per_image(LABELS).tolist() == pytest.approx([2, 2, 3, 0])
    assert group_labels_per_image(LABELS, [0, 2]) == 2
    assert group_labels_per_image(LABELS, [2]) == 3
    assert np.isnan(group_labels_per_image(LABELS, [3]))


def test_pairs_of_a_worked_example():
    """Three images show class 0, three class 1, two both; one of these shows class 2 as well."""
    most, least = most_frequent_pairs(LABELS, 4), least_frequent_pairs(LABELS, [0, 1, 2], 3)
    assert [tuple(pair) for pair in most] == [(2, 0, 1), (2, 1, 1), (0, 1, 2 / 3), (1, 0, 2 / 3)]
    assert [tuple(pair) for pair in least] == [(0, 2, 1 / 3), (1, 2, 1 / 3), (0, 1, 2 / 3)]
    assert len(least_frequent_pairs(LABELS, [0, 1, 2], 100)) == 6
    assert least_frequent_pairs(LABELS, [2], 3) == []
    assert least_frequent_pairs(LABELS, [], 3) == []


def test_rank_correlation():
    assert rank_correlation([9, 5, 1], [100, 40, 7]) == pytest.approx(1)
    assert rank_correlation([9, 5, 1], [7, 40, 100]) == pytest.approx(-1)


@pytest.mark.parametrize(('name', 'mean'), [('voc_mlt', 2.05), ('coco_mlt', 4.36)])
def test_published_sets(published, name, mean):
    train = published(name)
    assert train.labels.sum() / len(train) == pytest.approx(mean, abs=0.005)
    assert head_medium_tail(train.class_freq) == published_subset(name).groups
    per_class = labels_per_image(train.labels)
    dense = train.labels.toarray()
    expected = [dense[dense[:, c] > 0].sum(axis=1).mean() for c in range(len(train.classes))]
    np.testing.assert_allclose(per_class, expected)
