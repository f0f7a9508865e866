import numpy as np
import pytest
import torch
from scipy.sparse import csr_array

import dbl
from dbl.longtail import label_matrix

LABELS = np.random.default_rng(0).random((60, 5)) < [0.9, 0.4, 0.3, 0.2, 0.1]


@pytest.mark.parametrize('form', [np.asarray, csr_array, torch.from_numpy, np.ndarray.tolist])
def test_all_in_one_call(form):
    found = dbl.statistics(form(LABELS), head=30, tail=10, draws_per_class=7)
    n = LABELS.sum(axis=0)
    assert found.num_images == 60
    assert found.class_freq == n.tolist()
    assert sorted(c for group in found.groups.values() for c in group) == list(range(5))
    assert found.groups['head'] == np.flatnonzero(n >= 30).tolist()
    assert found.groups['tail'] == np.flatnonzero(n < 10).tolist()
    together = LABELS.astype(int).T @ LABELS.astype(int)
    assert (found.co_occurrence.toarray() == together).all()
    np.testing.assert_allclose(found.conditional_probability.toarray(), together / n)
    np.testing.assert_allclose(found.expected_draws, 7 * (together / n).sum(axis=1))


def test_a_class_that_only_its_number_names_has_no_images():
    found = dbl.statistics([[0], [3]])
    assert found.class_freq == [1, 0, 0, 1]


@pytest.mark.parametrize(
    ('labels', 'expected'),
    [
        ([[0], [1], [0]], [[1, 0], [0, 1], [1, 0]]),
        ([[0, 1], [1, 0]], [[0, 1], [1, 0]]),
        ([[0, 2], [1, 0]], [[1, 0, 1], [1, 1, 0]]),
        ([[], [1]], [[0, 0], [0, 1]]),
        (((1,), (0, 1)), [[0, 1], [1, 1]]),
        ([np.array([1, 0]), np.array([0, 0])], [[1, 0], [0, 0]]),
        (torch.tensor([[1.0, 0.0]]), [[1, 0]]),
        (torch.tensor([[1.0, 0.0]]).to_sparse(), [[1, 0]]),
        (torch.tensor([[1.0, 0.0]]).to_sparse_csr(), [[1, 0]]),
        ([torch.tensor([0]), torch.tensor([0, 2])], [[1, 0, 0], [1, 0, 1]]),
        ([np.array([1, 2]), np.array([0, 1])], [[0, 1, 1], [1, 1, 0]]),
    ],
    ids=str,
)
def test_each_form_of_labels_is_understood(labels, expected):
    assert label_matrix(labels).toarray().tolist() == expected
