import copy
import io
import pickle
from collections import Counter

import numpy as np
import pytest
import torch
from scipy.sparse import csr_matrix
from torch.utils.data import DataLoader, Dataset

from dbl.longtail import expected_draws
from dbl.samplers import AspectGroupedSampler, ClassAwareSampler, Draw, ShuffleSampler
from dbl.samplers.class_visits import ClassVisits


def wider_than_high(count):
    """The first three of four images are wider than high."""
    return np.arange(count) < 0.75 * count


@pytest.fixture
def long_tailed():
    rng = np.random.default_rng(0)
    labels = rng.random((400, 6)) < [0.6, 0.3, 0.15, 0.08, 0.04, 0.02]
    labels[0] = True
    return labels


def test_a_class_aware_epoch_has_n_max_over_4_draws_a_class(long_tailed):
    sampler = ClassAwareSampler(long_tailed)
    n_max = long_tailed.sum(axis=0).max()
    assert len(sampler) == len(sampler.plan(0)) == len(list(sampler)) == int(n_max * 6 / 4)
    assert len(ClassAwareSampler(long_tailed, draws_per_class=7)) == 42


def test_classes_are_visited_in_rounds_of_three_images():
    labels = np.repeat(np.eye(4, dtype=int), 9, axis=0)
    plan = ClassAwareSampler(labels, draws_per_class=9).plan(0)
    visited = labels[plan].argmax(axis=1).reshape(3, 4, 3)
    assert (visited == visited[:, :, :1]).all(), 'a visit stays with its class'
    assert (np.sort(visited[:, :, 0]) == [0, 1, 2, 3]).all(), 'a round visits every class once'
    assert Counter(plan.tolist()) == Counter(range(36)), 'a list ends before it repeats'


def test_lists_continue_across_epochs():
    labels = np.repeat(np.eye(2, dtype=int), 12, axis=0)
    sampler = ClassAwareSampler(labels, draws_per_class=3)
    drawn = np.concatenate([sampler.plan(epoch) for epoch in range(4)])
    assert sorted(drawn) == list(range(24))


def test_the_last_visit_is_cut_short(long_tailed):
    sampler = ClassAwareSampler(long_tailed, draws_per_class=20 / 6)
    assert len(sampler.plan(0)) == 20


def test_counts_of_positives_match_their_expectation(long_tailed):
    sampler = ClassAwareSampler(long_tailed, draws_per_class=3000)
    counted = long_tailed[sampler.plan(0)].sum(axis=0)
    expected = expected_draws(long_tailed, 3000)
    np.testing.assert_allclose(counted, expected, rtol=0.03)


@pytest.mark.parametrize(
    ('name', 'draws', 'batches', 'least', 'most'),
    [('voc_mlt', 3875, 121, 195, 2974), ('coco_mlt', 22560, 705, 287, 14297)],
)
def test_an_epoch_of_the_published_sets(published, name, draws, batches, least, most):
    """Figure 5: the expected positives of a class range from ``least`` to ``most``."""
    labels = published(name).labels.toarray()
    sampler = ClassAwareSampler(labels)
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
            return ClassAwareSampler(long_tailed, seed, 21.7, rank=rank, world_size=world_size)
        if request.param is AspectGroupedSampler:
            return AspectGroupedSampler(wider_than_high(53), 4 * world_size, seed, rank, world_size)
        return ShuffleSampler(53, seed, rank=rank, world_size=world_size)

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
    drawn = [whole_batches(list(sampler), 4) for sampler in ranks]
    together = np.stack(drawn, axis=2).reshape(-1, 4 * world_size)
    assert len(together) > 1
    assert np.array_equal(
        together, whole_batches(make(world_size=world_size).plan(0), 4 * world_size)
    )


def whole_batches(indices, size):
    """Cuts into batches as a DataLoader with drop_last does, (batches, size)."""
    return np.array(indices)[: len(indices) // size * size].reshape(-1, size)


def test_a_grouped_batch_has_one_aspect_ratio_and_no_image_is_dropped():
    sampler = AspectGroupedSampler(wider_than_high(50), batch_size=8)
    plan = sampler.plan(3)
    assert len(plan) == len(list(sampler)) == 40 + 16, '38 and 12 images in whole batches of 8'
    wide = plan.reshape(-1, 8) < 37.5
    assert (wide.all(axis=1) | ~wide.any(axis=1)).all()
    assert len({tuple(row[:1]) for row in wide}) == 2
    counts = Counter(plan.tolist())
    assert set(counts) == set(range(50))
    assert Counter(counts.values()) == {1: 44, 2: 6}, 'a group is padded by repetition'


def test_grouped_batches_come_in_random_order():
    sampler = AspectGroupedSampler(wider_than_high(64), batch_size=4)
    firsts = sampler.plan(0).reshape(-1, 4)[:, 0] < 48
    assert firsts.tolist() not in (sorted(firsts), sorted(firsts, reverse=True))


@pytest.mark.parametrize('count', [1, 3, 8])
def test_a_small_group_is_repeated_often_enough_and_said(count, caplog):
    plan = AspectGroupedSampler([True] * count, batch_size=8).plan(0)
    assert [text.split(' are')[0] for text in caplog.messages] == (
        [f'Only {count} images'] if count < 8 else []
    )
    assert len(plan) == 8
    counts = Counter(plan.tolist())
    assert set(counts) == set(range(count))
    assert max(counts.values()) - min(counts.values()) <= 1


def test_shuffle_draws_every_image_once():
    assert sorted(ShuffleSampler(50).plan(5)) == list(range(50))


def test_yields_numbered_draws():
    sampler = ShuffleSampler(5, seed=7)
    sampler.set_epoch(2)
    plan = sampler.plan(2)
    assert [draw.numbers for draw in sampler] == [(plan[i], 7, 2, i) for i in range(5)]


def test_the_ranks_share_one_plan_and_repeat_nothing():
    samplers = [ShuffleSampler(11, rank=rank, world_size=3) for rank in range(3)]
    ranks = [list(sampler) for sampler in samplers]
    assert {len(draws) for draws in ranks} == {3}
    together = sorted((d for draws in ranks for d in draws), key=lambda d: d.position)
    assert together == samplers[0].plan(0)[:9].tolist()


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
    with pytest.raises(ValueError, match='batch_size must be an integer of at least 1, but got 0'):
        AspectGroupedSampler(wider_than_high(5), batch_size=0)


NUMBERS = dict(seed=1, batch_size=4, rank=1, world_size=2)


@pytest.mark.parametrize('name', [*NUMBERS, 'num_images'])
@pytest.mark.parametrize('value', [None, 8.0, '8', -1])
def test_what_is_no_whole_number_is_named(name, value):
    given = {**NUMBERS, 'num_images': 10, name: value}
    if name == 'batch_size' and value is None:
        assert len(ShuffleSampler(**given)) == 5
    else:
        with pytest.raises(ValueError, match=f'{name}'):
            ShuffleSampler(**given)


def test_numbers_of_numpy_and_torch_are_numbers(long_tailed):
    plain = ClassAwareSampler(long_tailed, draws_per_visit=2, **NUMBERS)
    others = {name: np.int64(value) for name, value in NUMBERS.items()}
    sampler = ClassAwareSampler(long_tailed, draws_per_visit=torch.tensor(2), **others)
    sampler.set_epoch(np.int64(1))
    plain.set_epoch(1)
    draws = list(sampler)
    assert draws == list(plain)
    assert all(type(number) is int for number in draws[0].numbers)
    assert sampler.state_dict()['settings'] == plain.state_dict()['settings']


def test_a_batch_that_no_memory_holds_is_refused_before_it_is_filled():
    with pytest.raises(ValueError, match=r'100,000,000 draws, but a batch_size of 10+ makes 2e'):
        AspectGroupedSampler(wider_than_high(5), batch_size=10**15)


def test_a_class_without_images_is_named():
    with pytest.raises(ValueError, match='no image shows class 1, so none can be drawn'):
        ClassAwareSampler(np.array([[1, 0], [1, 0]]))


@pytest.mark.parametrize('kind', ['array', 'list', 'sparse', 'tensor', 'indices'])
def test_labels_come_in_any_form(long_tailed, kind):
    forms = {
        'array': long_tailed,
        'list': long_tailed.astype(int).tolist(),
        'sparse': csr_matrix(long_tailed),
        'tensor': torch.from_numpy(long_tailed),
        'indices': [np.flatnonzero(row).tolist() for row in long_tailed],
    }
    plan = ClassAwareSampler(forms[kind]).plan(1)
    assert plan.tolist() == ClassAwareSampler(long_tailed).plan(1).tolist()


def test_a_draw_is_an_index_and_survives_the_way_to_a_worker():
    draw = Draw(2, seed=5, epoch=7, position=11)
    for copied in (draw, copy.deepcopy(draw), pickle.loads(pickle.dumps(draw))):
        assert copied.numbers == (2, 5, 7, 11)
        assert type(copied) is Draw
        assert ['a', 'b', 'c'][copied] == 'c'
        assert torch.arange(5)[copied] == 2
        assert np.arange(5)[copied] == 2
        assert copied.generator().random() == draw.generator().random()
    assert repr(draw) == 'Draw(2, seed=5, epoch=7, position=11)'
    assert [str(draw), f'{draw}.jpg', f'{draw:03d}'] == ['2', '2.jpg', '002']


class Plain(Dataset):
    """A data set of torch's, which knows nothing of draws."""

    def __init__(self, count):
        self.images = torch.arange(count)

    def __getitem__(self, index):
        return self.images[index]

    def __len__(self):
        return len(self.images)


@pytest.mark.parametrize('workers', [0, 2])
def test_a_plain_data_set_goes_through_a_new_epoch_each_time(long_tailed, workers):
    sampler = ClassAwareSampler(long_tailed, draws_per_class=5)
    loader = DataLoader(
        Plain(len(long_tailed)), 6, sampler=sampler,
        num_workers=workers, persistent_workers=workers > 0,
    )  # fmt: skip
    epochs = [torch.cat(list(loader)).tolist() for _ in range(3)]
    assert epochs == [ClassAwareSampler(long_tailed, 0, 5).plan(e).tolist() for e in range(3)]


def test_every_image_is_seen_in_time(long_tailed):
    labelled = np.flatnonzero(long_tailed.any(axis=1))
    sampler = ClassAwareSampler(long_tailed)
    seen = {index for _ in range(20) for index in sampler}
    assert seen == set(labelled.tolist())


def test_where_the_epoch_is_set_a_look_at_the_first_batch_costs_none(make):
    sampler, plans = make(), [make().plan(epoch).tolist() for epoch in range(5)]
    length = len(sampler)
    assert list(sampler) == plans[0][:length]
    assert list(sampler) == plans[1][:length]
    for epoch in (3, 4):
        sampler.set_epoch(epoch)
        next(iter(sampler))
        assert list(sampler) == plans[epoch][:length]
        assert list(sampler) == plans[epoch][:length]


def test_what_is_left_out_of_an_epoch_is_left_out_of_that_one_alone(make):
    sampler, plans = make(), [make().plan(epoch).tolist() for epoch in range(2)]
    sampler.skip(3)
    assert list(sampler) == plans[0][3 : len(sampler)]
    assert list(sampler) == plans[1][: len(sampler)]


@pytest.mark.parametrize('world_size', [1, 2])
def test_batches_are_whole(long_tailed, world_size):
    """A batch of one image has no statistics for BatchNorm."""
    sizes = dict(batch_size=8, rank=world_size - 1, world_size=world_size)
    for sampler in (
        ClassAwareSampler(long_tailed, draws_per_class=6.9, **sizes),
        ShuffleSampler(41, **sizes),
        AspectGroupedSampler(wider_than_high(41), **sizes),
    ):
        assert len(list(sampler)) == len(sampler)
        assert len(sampler) % (8 // world_size) == 0
        assert 0 <= sampler.draws - len(sampler) * world_size < 8


def test_ranks_are_those_of_the_process_group(monkeypatch):
    sampler = ShuffleSampler(10)
    assert len(sampler) == 10
    monkeypatch.setattr(torch.distributed, 'is_initialized', lambda: True)
    monkeypatch.setattr(torch.distributed, 'get_rank', lambda: 1)
    monkeypatch.setattr(torch.distributed, 'get_world_size', lambda: 3)
    assert [draw.position for draw in sampler] == [1, 4, 7]


@pytest.mark.parametrize(
    ('ranks', 'message'),
    [
        (dict(rank=1), 'give both rank and world_size, or neither'),
        (dict(world_size=2), 'give both rank and world_size, or neither'),
        (dict(rank=2, world_size=2), 'rank must lie in .0, world_size=2., but got 2'),
    ],
)
def test_ranks_that_cannot_be_are_refused(ranks, message):
    with pytest.raises(ValueError, match=message):
        ShuffleSampler(10, **ranks)


def test_a_batch_that_the_processes_cannot_share_is_refused():
    sampler = ShuffleSampler(100, batch_size=32, rank=0, world_size=3)
    with pytest.raises(ValueError, match=r'multiple of the 3 processes that share it, but got 32'):
        list(sampler)


def test_a_sampler_has_no_generator_of_torch(make):
    """Frameworks take an attribute of that name for one."""
    assert not hasattr(make(), 'generator')


@pytest.mark.parametrize('epoch', [0, 1, 4])
def test_a_jump_goes_on_from_a_state_without_a_replay(long_tailed, epoch, monkeypatch):
    first = ClassAwareSampler(long_tailed, seed=3, draws_per_class=7)
    for _ in range(epoch + 1):
        list(first)
    buffer = io.BytesIO()
    torch.save(first.state_dict(), buffer)
    buffer.seek(0)
    second = ClassAwareSampler(long_tailed, seed=3, draws_per_class=7)
    second.load_state_dict(torch.load(buffer, weights_only=True))
    assert second.state_dict()['epoch'] == epoch
    taken, take = [], ClassVisits.take
    monkeypatch.setattr(ClassVisits, 'take', lambda self, n: taken.append(n) or take(self, n))
    for expected in (epoch, epoch + 1):
        assert list(second) == ClassAwareSampler(long_tailed, 3, 7).plan(expected).tolist()
    assert len(taken) == 1 + (epoch + 1) + (epoch + 2), "the next one of ours, and the fresh ones'"


def test_a_state_goes_from_sampler_to_sampler(long_tailed):
    """Whatever is asked of one before it draws."""
    plans = [ClassAwareSampler(long_tailed, 3, 7).plan(epoch).tolist() for epoch in range(5)]
    first = ClassAwareSampler(long_tailed, 3, 7)
    first.plan(3)
    second, third = (ClassAwareSampler(long_tailed, 3, 7) for _ in range(2))
    second.load_state_dict(first.state_dict())
    third.load_state_dict(second.state_dict())
    for epoch in (3, 4, 2, 0, 4):
        third.set_epoch(epoch)
        assert list(third) == plans[epoch]


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        (
            lambda labels: (labels[:, :5], 0, 7),
            'draws and draws_per_visit are .0, 35, 3.',
        ),
        (lambda labels: (labels, 1, 7), 'but were .0, 42, 3.'),
        (lambda labels: (labels, 0, 8), 'but were .0, 42, 3.'),
        (lambda labels: (labels[:-9], 0, 7), 'of classes with other numbers of images'),
    ],
)
def test_a_state_of_another_sampler_is_refused(long_tailed, change, message):
    state = ClassAwareSampler(long_tailed, draws_per_class=7).state_dict()
    with pytest.raises(ValueError, match=message):
        ClassAwareSampler(*change(long_tailed)).load_state_dict(state)


def test_a_plan_cannot_be_written_to(long_tailed):
    with pytest.raises(ValueError, match='read-only'):
        ClassAwareSampler(long_tailed).plan(0)[0] = 1


@pytest.mark.parametrize(
    ('make_sampler', 'message'),
    [
        (lambda: list(ClassAwareSampler([[0], [1], [2]])), 'an epoch has 0 draws, too few for a'),
        (lambda: list(ShuffleSampler(5, batch_size=8)), 'has 5 draws, too few for a batch of 8'),
        (lambda: AspectGroupedSampler([], 2), r'wider_than_high must have shape .N,., N > 0'),
        (
            lambda: ShuffleSampler(5).set_epoch(-1),
            'epoch must be an integer of at least 0, but got',
        ),
        (lambda: ShuffleSampler(5).set_epoch(1.5), 'epoch must be an integer of at least 0'),
        (lambda: ShuffleSampler(5).skip(6), r'draws must lie in .0, 5., but got 6'),
    ],
    ids=range(6),
)
def test_what_would_draw_nothing_or_something_else_is_refused(make_sampler, message):
    with pytest.raises(ValueError, match=message):
        make_sampler()


def test_labels_are_left_as_they_are():
    labels = csr_matrix(([1, 1, 1, 0, 1], [2, 1, 0, 1, 2], [0, 2, 3, 5]), shape=(3, 3))
    before = [labels.data.copy(), labels.indices.copy(), labels.indptr.copy()]
    for own in before:
        own.flags.writeable = False
    ClassAwareSampler(labels, draws_per_class=3)
    after = [labels.data, labels.indices, labels.indptr]
    assert all((a == b).all() for a, b in zip(after, before, strict=True))


@pytest.mark.parametrize(
    ('labels', 'message'),
    [
        (np.array([[1, 2], [0, 1]]), 'labels must be 0 or 1, but got 2'),
        (np.array([[1, -1], [0, 1]]), 'labels must be 0 or 1, but got -1'),
        (np.array([1, 0, 1]), r'numbers of shape \(N, C\), but got int64 of shape \(3,\)'),
        ([0, 1, 2], 'image 0: expected a list of class indices, but got 0'),
        ([[0], None], 'image 1: expected a list of class indices, but got None'),
        ('cat', 'numbers of shape'),
        (csr_matrix(([1, 1], [1, 1], [0, 2]), shape=(1, 2)), 'has an entry twice'),
        ([[0, 1], [1, 1, 0]], r'image 1: a class comes twice in \[1, 1, 0\]'),
        ([[0], [0.5]], 'a list of class indices must hold integers of at least 0, but got 0.5'),
        ([[0], [-1]], 'a list of class indices must hold integers of at least 0, but got -1'),
        ([['cat'], ['dog']], "must hold integers of at least 0, but got 'cat'"),
    ],
    ids=str,
)
def test_labels_that_are_none_are_refused(labels, message):
    with pytest.raises(ValueError, match=message):
        ClassAwareSampler(labels)
