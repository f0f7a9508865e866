import hashlib

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.stats import pareto

from dbl.longtail import (
    co_occurrence,
    conditional_probability,
    expected_draws,
    head_medium_tail,
    head_to_tail_subset,
    images_by_class,
    label_graph,
    pareto_counts,
    stratified_split,
    validation_split,
)

LABELS = np.array([[1, 1, 0], [1, 0, 0], [1, 1, 1], [0, 1, 0]])


def test_pareto_counts_of_voc_mlt():
    expected = '800 529 359 248 175 125 91 67 50 38 29 23 18 14 11 9 7 6 5 4'
    assert pareto_counts(20, 800).tolist() == [int(n) for n in expected.split()]


@pytest.mark.parametrize('exponent', [0.1, 1, 2.5, 6.0, 30])
@pytest.mark.parametrize(
    ('num_classes', 'maximum', 'minimum'), [(1, 9, 3), (80, 1200, 1), (500, 10**9, 7)]
)
def test_pareto_counts_are_by_scipy_s_law(num_classes, maximum, minimum, exponent):
    x = np.linspace(pareto.ppf(0, exponent), pareto.ppf(0.99, exponent), num_classes)
    expected = pareto.pdf(x, exponent) * (maximum - minimum) / exponent + minimum
    found = pareto_counts(num_classes, maximum, minimum, exponent)
    assert found.tolist() == expected.astype(int).tolist()


def test_pareto_counts_keep_to_their_bounds():
    counts = pareto_counts(50, maximum=1000, minimum=10, exponent=3.0)
    assert counts[0] == 1000
    assert counts[-1] >= 10
    assert (np.diff(counts) <= 0).all()


@pytest.mark.parametrize(
    'arguments',
    [(0, 10), (5, 10, 11), (5, 10, 0), (5, 10, 1, 0.0), (5, 10, 1, float('nan')), (5, 10**20)],
    ids=str,
)
def test_pareto_counts_refuse(arguments):
    with pytest.raises(ValueError, match='but got'):
        pareto_counts(*arguments)


def test_groups_at_their_thresholds():
    groups = head_medium_tail([101, 100, 99, 20, 19, 0])
    assert groups == {'head': [0, 1], 'medium': [2, 3], 'tail': [4, 5]}
    assert head_medium_tail([101, 100], head=101)['head'] == [0]


def test_images_by_class():
    assert [i.tolist() for i in images_by_class(LABELS)] == [[0, 1, 2], [0, 2, 3], [2]]


def test_co_occurrence_of_a_worked_example():
    assert co_occurrence(LABELS).toarray().tolist() == [[3, 2, 1], [2, 3, 1], [1, 1, 1]]
    expected = [[1, 2 / 3, 1], [2 / 3, 1, 1], [1 / 3, 1 / 3, 1]]
    np.testing.assert_allclose(conditional_probability(csr_array(LABELS)).toarray(), expected)


def test_a_class_without_images_has_no_conditional_probability():
    assert conditional_probability(np.array([[1, 0]])).toarray().tolist() == [[1, 0], [0, 0]]


def test_expected_draws_of_a_worked_example():
    np.testing.assert_allclose(expected_draws(LABELS, 3), [8, 8, 5])


def test_subset_takes_everything_when_the_counts_allow_it():
    assert sorted(head_to_tail_subset(LABELS, [9, 9, 9])) == [0, 1, 2, 3]


def test_subset_meets_its_counts_where_labels_do_not_overlap():
    labels = np.repeat(np.eye(3, dtype=int), 50, axis=0)
    subset = head_to_tail_subset(labels, [40, 20, 10])
    assert sorted(labels[subset].sum(axis=0)) == [10, 20, 40]
    assert len(set(subset)) == len(subset)


def test_subset_removes_images_with_all_their_labels():
    labels = np.array([[1, 1]] * 30 + [[1, 0]] * 10)
    subset = head_to_tail_subset(labels, [40, 5])
    assert labels[subset].sum(axis=0).tolist() == [15, 5]


def test_subset_depends_on_the_seed_alone():
    labels = np.random.default_rng(0).random((300, 5)) < 0.3
    first, again, other = (head_to_tail_subset(labels, [50, 40, 30, 20, 10], s) for s in (0, 0, 1))
    assert first == again
    assert first != other


def test_subset_is_drawn_image_for_image():
    """Labels out of arithmetic, of as many images as VOC 2012 has.

    The digest is from the code that draws the published list from VOC's own labels: another order
    of drawing shows without them. With these frequencies each set's order matters.
    """
    labels = np.arange(11540)[:, None] * np.arange(7, 27) ** 2 % 1009 < np.geomspace(100, 40, 20)
    subset = head_to_tail_subset(labels, pareto_counts(20, 800))
    digest = hashlib.sha256('\n'.join(map(str, subset)).encode()).hexdigest()
    assert len(subset) == 692
    assert digest == '3c1e788a529cd09d99c63fc447ce0fc7a0a309bbced87ffe7d57521d5f4d77b8'


def test_label_graph_of_a_worked_example():
    """Of class 0's five images two show class 1, all of class 1's show class 0; 2 is alone."""
    labels = [[1, 0, 0]] * 3 + [[1, 1, 0]] * 2 + [[0, 0, 1]]
    np.testing.assert_allclose(
        label_graph(labels, threshold=0.5, p=0.25),
        [[1, 0, 0], [0.25 / np.sqrt(0.75), 0.75, 0], [0, 0, 1]],
    )
    linked = label_graph(labels, threshold=0.4, p=0.25)
    np.testing.assert_allclose(linked, [[0.75, 0.25, 0], [0.25, 0.75, 0], [0, 0, 1]])


def test_label_graph_shares_a_class_s_weight_among_its_neighbours():
    rng = np.random.default_rng(0)
    labels = rng.random((200, 6)) < 0.5
    graph = label_graph(labels, threshold=0.3, p=0.4)
    counts = labels.T.astype(int) @ labels
    linked = counts / counts.diagonal()[:, None] >= 0.3
    np.fill_diagonal(linked, False)
    assert linked.any()
    expected = 0.4 * linked / linked.sum(axis=1)[:, None] + 0.6 * np.eye(6)
    np.testing.assert_allclose(graph, expected)


def test_label_graph_without_links_leaves_each_class_alone():
    assert np.array_equal(label_graph(LABELS, p=0.0), np.eye(3))
    assert np.array_equal(label_graph(np.zeros((2, 3))), np.eye(3)), 'classes without images'


@pytest.mark.parametrize(('n', 'both'), [(35, 14), (55, 22), (70, 28), (5, 2)])
def test_label_graph_links_exactly_at_the_threshold(n, both):
    labels = [[1, 1]] * both + [[1, 0]] * (n - both)
    assert label_graph(labels, threshold=0.4)[0, 1] > 0
    assert label_graph(labels, threshold=0.41)[0, 1] == 0


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (dict(p=1), r'p must lie in \[0, 1\), but got 1'),
        (dict(threshold=0), r'threshold must lie in \(0, 1\], but got 0'),
    ],
)
def test_label_graph_names_bad_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        label_graph(LABELS, **arguments)


def test_a_stratified_split_of_a_worked_example():
    """Four images of each class and eight of none: one and two of them go to a quarter."""
    labels = np.repeat(np.vstack([np.eye(3, dtype=int), np.zeros((2, 3), dtype=int)]), 4, axis=0)
    rest, part = stratified_split(labels, 0.25)
    assert sorted([*rest, *part]) == list(range(20))
    assert labels[part].sum(axis=0).tolist() == [1, 1, 1]
    assert len(part) == 5


def test_a_stratified_split_keeps_every_class_s_share():
    rng = np.random.default_rng(0)
    labels = rng.random((3000, 12)) < np.geomspace(0.6, 0.003, 12)
    _, part = stratified_split(labels, 0.3, seed=1)
    assert len(part) == pytest.approx(900, abs=10)
    n = labels.sum(axis=0)
    assert (np.abs(labels[part].sum(axis=0) - 0.3 * n) <= np.maximum(1, 0.02 * n)).all()
    assert np.abs(labels[part].sum(axis=0)[6:] - 0.3 * n[6:]).max() <= 1, 'rare classes to one'
    again = stratified_split(labels, 0.3, seed=1)
    assert np.array_equal(part, again[1])
    assert not np.array_equal(part, stratified_split(labels, 0.3, seed=2)[1])


@pytest.mark.parametrize('fraction', [0, 1, -0.1, float('nan')])
def test_a_stratified_split_refuses(fraction):
    with pytest.raises(ValueError, match=r'fraction must lie in \(0, 1\), but got'):
        stratified_split(LABELS, fraction)


@pytest.mark.parametrize('fraction', [0.1, 0.5, 0.95])
def test_a_split_for_validation_leaves_each_class_an_image_to_train_on(fraction):
    labels = np.random.default_rng(0).random((60, 12)) < np.linspace(0.4, 0.02, 12)
    for seed in range(20):
        train, val = validation_split(labels, fraction, seed)
        assert sorted([*train, *val]) == list(range(60))
        assert (labels[train].any(axis=0) == labels.any(axis=0)).all()


def test_where_each_class_keeps_one_the_split_is_the_stratified_one():
    labels = np.random.default_rng(0).random((100, 3)) < 0.5
    for ours, theirs in zip(
        validation_split(labels, 0.2), stratified_split(labels, 0.2), strict=True
    ):
        assert ours.tolist() == theirs.tolist()
