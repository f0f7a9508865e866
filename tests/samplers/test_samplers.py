from collections import Counter
from types import SimpleNamespace

import numpy as np
import pytest

from dbl.errors import InputError
from dbl.longtail import expected_draws
from dbl.samplers import ClassAwareSampler, Draw, ShuffleSampler


def data_set(labels):
    labels = np.asarray(labels)
    names = [f'class {c}' for c in range(labels.shape[1])]
    return SimpleNamespace(labels=labels, metainfo={'classes': names})


class Images(list):
    """A data set of so many images."""


@pytest.fixture
def long_tailed():
    rng = np.random.default_rng(0)
    labels = rng.random((400, 6)) < [0.6, 0.3, 0.15, 0.08, 0.04, 0.02]
    labels[0] = True
    return data_set(labels)


def test_a_class_aware_epoch_has_n_max_over_4_draws_a_class(long_tailed):
    sampler = ClassAwareSampler(long_tailed)
    n_max = long_tailed.labels.sum(axis=0).max()
    assert len(sampler) == len(sampler.plan(0)) == len(list(sampler)) == int(n_max * 6 / 4)
    assert len(ClassAwareSampler(long_tailed, draws_per_class=7)) == 42


def test_classes_are_visited_in_rounds_of_three_images():
    labels = np.repeat(np.eye(4, dtype=int), 9, axis=0)
    plan = ClassAwareSampler(data_set(labels), draws_per_class=9).plan(0)
    visited = labels[plan].argmax(axis=1).reshape(3, 4, 3)
    assert (visited == visited[:, :, :1]).all(), 'a visit stays with its class'
    assert (np.sort(visited[:, :, 0]) == [0, 1, 2, 3]).all(), 'a round visits every class once'
    assert Counter(plan.tolist()) == Counter(range(36)), 'a list ends before it repeats'


def test_lists_continue_across_epochs():
    labels = np.repeat(np.eye(2, dtype=int), 12, axis=0)
    sampler = ClassAwareSampler(data_set(labels), draws_per_class=3)
    drawn = np.concatenate([sampler.plan(epoch) for epoch in range(4)])
    assert sorted(drawn) == list(range(24))


def test_the_last_visit_is_cut_short(long_tailed):
    sampler = ClassAwareSampler(long_tailed, draws_per_class=20 / 6)
    assert len(sampler.plan(0)) == 20


def test_counts_of_positives_match_their_expectation(long_tailed):
    sampler = ClassAwareSampler(long_tailed, draws_per_class=3000)
    counted = long_tailed.labels[sampler.plan(0)].sum(axis=0)
    expected = expected_draws(long_tailed.labels, 3000)
    np.testing.assert_allclose(counted, expected, rtol=0.03)


@pytest.mark.parametrize('sampler_type', [ClassAwareSampler, ShuffleSampler])
def test_a_plan_is_a_function_of_seed_and_epoch(long_tailed, sampler_type):
    data = long_tailed if sampler_type is ClassAwareSampler else Images(range(50))
    sampler, again = sampler_type(data, seed=3), sampler_type(data, seed=3)
    sampler.plan(0)
    assert sampler.plan(2).tolist() == again.plan(2).tolist()
    assert sampler.plan(2).tolist() != sampler.plan(1).tolist()
    assert sampler.plan(2).tolist() != sampler_type(data, seed=4).plan(2).tolist()


def test_shuffle_draws_every_image_once():
    assert sorted(ShuffleSampler(Images(range(50))).plan(5)) == list(range(50))


def test_yields_numbered_draws():
    sampler = ShuffleSampler(Images(range(5)), seed=7)
    sampler.set_epoch(2)
    plan = sampler.plan(2)
    assert list(sampler) == [Draw(plan[i], 7, 2, i) for i in range(5)]


def test_the_ranks_share_one_plan_and_repeat_nothing():
    samplers = [ShuffleSampler(Images(range(11))) for _ in range(3)]
    for rank, sampler in enumerate(samplers):
        sampler.rank, sampler.world_size = rank, 3
    ranks = [list(sampler) for sampler in samplers]
    assert {len(draws) for draws in ranks} == {3}
    together = sorted((d for draws in ranks for d in draws), key=lambda d: d.position)
    assert [d.index for d in together] == samplers[0].plan(0)[:9].tolist()


def test_random_numbers_of_a_draw_are_its_own():
    draws = [Draw(0, s, e, p) for s in range(3) for e in range(3) for p in range(3)]
    values = {draw.generator().random() for draw in draws}
    assert len(values) == len(draws)
    assert Draw(0, 1, 2, 3).generator().random() == Draw(9, 1, 2, 3).generator().random()


def test_a_class_without_images_is_named():
    with pytest.raises(InputError, match="class 'class 1' has no training image"):
        ClassAwareSampler(data_set([[1, 0], [1, 0]]))
