from collections import Counter
from types import SimpleNamespace

import numpy as np
import pytest

from dbl.errors import InputError
from dbl.longtail import expected_draws
from dbl.samplers import AspectGroupedSampler, ClassAwareSampler, Draw, ShuffleSampler


def data_set(labels):
    labels = np.asarray(labels)
    names = [f'class {c}' for c in range(labels.shape[1])]
    return SimpleNamespace(labels=labels, classes=names)


class Images(list):
    """A data set of so many images; the first three in four are wider than high."""

    def wider_than_high(self):
        return np.arange(len(self)) < 0.75 * len(self)


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


@pytest.mark.parametrize(
    ('name', 'draws', 'batches', 'least', 'most'),
    [('voc_mlt', 3875, 121, 195, 2974), ('coco_mlt', 22560, 705, 287, 14297)],
)
def test_an_epoch_of_the_published_sets(published, name, draws, batches, least, most):
    """Figure 5: the expected positives of a class range from ``least`` to ``most``."""
    labels = published(name).labels.toarray()
    sampler = ClassAwareSampler(data_set(labels))
    assert len(sampler) == draws
    assert len(sampler) // 32 == batches
    expected = expected_draws(labels, draws / labels.shape[1])
    assert [round(expected.min()), round(expected.max())] == [least, most]
    counted = sum(labels[sampler.plan(epoch)].sum(axis=0) for epoch in range(10))
    sampling_error = np.sqrt(10 * expected)
    assert (np.abs(counted - 10 * expected) < 3 * sampling_error).all()


@pytest.fixture(params=[AspectGroupedSampler, ClassAwareSampler, ShuffleSampler])
def make(request, long_tailed):
    """Makes a sampler of each kind, for a world of ``world_size`` processes of batch 4."""

    def make_sampler(seed: int = 0, rank: int = 0, world_size: int = 1):
        if request.param is ClassAwareSampler:
            sampler = ClassAwareSampler(long_tailed, seed, draws_per_class=21.7)
        elif request.param is AspectGroupedSampler:
            sampler = AspectGroupedSampler(Images(range(53)), seed, batch_size=4 * world_size)
        else:
            sampler = ShuffleSampler(Images(range(53)), seed)
        sampler.rank, sampler.world_size = rank, world_size
        return sampler

    return make_sampler


def test_a_plan_is_a_function_of_seed_and_epoch(make):
    sampler = make(seed=3)
    sampler.plan(0)
    assert sampler.plan(2).tolist() == make(seed=3).plan(2).tolist()
    assert sampler.plan(2).tolist() != sampler.plan(1).tolist()
    assert sampler.plan(2).tolist() != make(seed=4).plan(2).tolist()


@pytest.mark.parametrize('world_size', [2, 3])
def test_batches_of_all_processes_are_those_of_one(make, world_size):
    """Whole global batches, in the order of the one-process plan, nothing twice."""
    ranks = [make(rank=rank, world_size=world_size) for rank in range(world_size)]
    drawn = [whole_batches([draw.index for draw in sampler], 4) for sampler in ranks]
    together = np.stack(drawn, axis=2).reshape(-1, 4 * world_size)
    assert len(together) > 1
    assert np.array_equal(
        together, whole_batches(make(world_size=world_size).plan(0), 4 * world_size)
    )


def whole_batches(indices, size):
    """Cuts into batches as a DataLoader with drop_last does, (batches, size)."""
    return np.array(indices)[: len(indices) // size * size].reshape(-1, size)


def test_a_grouped_batch_has_one_aspect_ratio_and_no_image_is_dropped():
    sampler = AspectGroupedSampler(Images(range(50)), batch_size=8)
    plan = sampler.plan(3)
    assert len(plan) == len(list(sampler)) == 40 + 16, '38 and 12 images in whole batches of 8'
    wide = plan.reshape(-1, 8) < 37.5
    assert (wide.all(axis=1) | ~wide.any(axis=1)).all()
    assert len({tuple(row[:1]) for row in wide}) == 2
    counts = Counter(plan.tolist())
    assert set(counts) == set(range(50))
    assert Counter(counts.values()) == {1: 44, 2: 6}, 'a group is padded by repetition'


def test_grouped_batches_come_in_random_order():
    sampler = AspectGroupedSampler(Images(range(64)), batch_size=4)
    firsts = sampler.plan(0).reshape(-1, 4)[:, 0] < 48
    assert firsts.tolist() not in (sorted(firsts), sorted(firsts, reverse=True))


@pytest.mark.parametrize('count', [1, 3, 8])
def test_a_small_group_is_repeated_often_enough_and_said(count, caplog):
    data = SimpleNamespace(wider_than_high=lambda: [True] * count)
    plan = AspectGroupedSampler(data, batch_size=8).plan(0)
    assert [text.split(' are')[0] for text in caplog.messages] == (
        [f'Only {count} images'] if count < 8 else []
    )
    assert len(plan) == 8
    counts = Counter(plan.tolist())
    assert set(counts) == set(range(count))
    assert max(counts.values()) - min(counts.values()) <= 1


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


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (dict(draws_per_visit=0), 'draws_per_visit must be an integer of at least 1, but got 0'),
        (dict(draws_per_visit=1.5), 'draws_per_visit must be an integer of at least 1'),
        (dict(draws_per_class=-3), 'draws_per_class must be above 0, but got -3'),
        (dict(draws_per_class=1e15), 'at most 100,000,000 draws, but draws_per_class=1e[+]15'),
        (dict(draws_per_visit=10**15), 'at most 100,000,000 draws, but draws_per_visit=10+ makes'),
    ],
)
def test_bad_arguments_are_named(long_tailed, arguments, message):
    with pytest.raises(ValueError, match=message):
        ClassAwareSampler(long_tailed, **arguments)


def test_a_batch_of_none_is_named():
    with pytest.raises(ValueError, match='batch_size must be at least 1, but got 0'):
        AspectGroupedSampler(Images(range(5)), batch_size=0)


def test_a_batch_that_no_memory_holds_is_refused_before_it_is_filled():
    with pytest.raises(ValueError, match=r'100,000,000 draws, but a batch_size of 10+ makes 2e'):
        AspectGroupedSampler(Images(range(5)), batch_size=10**15)


def test_a_class_without_images_is_named():
    with pytest.raises(InputError, match="class 'class 1' has no training image"):
        ClassAwareSampler(data_set([[1, 0], [1, 0]]))
