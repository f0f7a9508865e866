"""Properties of subset, split, samplers and average precision, on labels of any kind."""

from itertools import islice

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import average_precision_score

from dbl.evaluation import average_precision
from dbl.longtail import head_to_tail_subset, pareto_counts, stratified_split
from dbl.samplers import AspectGroupedSampler, ClassAwareSampler, ShuffleSampler
from dbl.samplers.class_visits import ClassVisits

LABELS = arrays(
    np.uint8, st.tuples(st.integers(1, 40), st.integers(1, 7)), elements=st.integers(0, 1)
)
SEEDS = st.integers(0, 2**32 - 1)


@given(LABELS, SEEDS, st.integers(1, 60), st.floats(0.1, 20))
def test_a_subset_is_of_the_pool_and_the_last_class_keeps_to_its_count(
    labels, seed, maximum, exponent
):
    counts = pareto_counts(labels.shape[1], maximum, exponent=exponent)
    subset = head_to_tail_subset(labels, counts, seed)
    assert len(set(subset)) == len(subset)
    assert set(subset) <= set(range(len(labels)))
    assert all(labels[i].any() for i in subset), 'images without labels belong to no class'
    n, kept = labels.sum(axis=0), labels[subset].sum(axis=0)
    assert (kept <= n).all()
    joint = labels.T.astype(int) @ labels
    draws = (joint / np.maximum(n, 1)).sum(axis=1)
    last = np.flatnonzero(draws <= draws.min() + 1e-9)  # one of them is: rounding decides ties
    assert any(kept[c] == min(n[c], counts[-1]) for c in last)
    assert subset == head_to_tail_subset(labels, counts, seed)


@given(LABELS, SEEDS, st.floats(0.05, 0.95))
def test_a_split_takes_every_image_once(labels, seed, fraction):
    rest, part = stratified_split(labels, fraction, seed)
    assert sorted([*rest, *part]) == list(range(len(labels)))
    again = stratified_split(labels, fraction, seed)
    assert (part == again[1]).all()


@given(st.lists(st.integers(1, 9), min_size=1, max_size=6), SEEDS, st.integers(1, 5))
def test_class_aware_visits_go_round_the_classes_and_their_images(sizes, seed, per_visit):
    """Each round visits each class once; a class's images all come before any comes again."""
    images_of = np.split(np.arange(sum(sizes)), np.cumsum(sizes)[:-1])
    visits = ClassVisits(images_of, per_visit, np.random.default_rng(seed))
    drawn = [[] for _ in sizes]
    for _ in range(12):
        visited = []
        for visit in visits.take(len(sizes)).reshape(-1, per_visit).tolist():
            (c,) = {c for c, images in enumerate(images_of) if visit[0] in images}
            visited.append(c)
            drawn[c] += visit
        assert sorted(visited) == list(range(len(sizes)))
    for images, size in zip(drawn, sizes, strict=True):
        assert len(images) == 12 * per_visit
        for start in range(0, len(images) - size + 1, size):
            assert len(set(images[start : start + size])) == size


def visits_by_definition(images_of, per_visit, rng):
    """Each list, of a class's images and of the classes, is endless: shuffled over and over."""

    def endless(items):
        while True:
            yield from rng.permutation(items).tolist()

    lists = [endless(images) for images in images_of]
    for c in endless(range(len(lists))):
        yield from islice(lists[c], per_visit)


@given(st.lists(st.integers(1, 9), min_size=1, max_size=6), SEEDS, st.integers(1, 5))
def test_visits_are_those_of_their_definition_whatever_is_taken_at_once(sizes, seed, per_visit):
    images_of = np.split(np.arange(sum(sizes)), np.cumsum(sizes)[:-1])
    visits = ClassVisits(images_of, per_visit, np.random.default_rng(seed))
    expected = visits_by_definition(images_of, per_visit, np.random.default_rng(seed))
    for count in (1, 0, 7, 20):
        assert visits.take(count).tolist() == [*islice(expected, count * per_visit)]
        other = ClassVisits(images_of, per_visit, np.random.default_rng(seed + 1))
        other.load_state(visits.state())
        visits = other


@given(LABELS, SEEDS, st.floats(0.3, 30), st.integers(1, 5))
def test_a_class_aware_plan_is_as_long_as_said_and_the_same_again(
    labels, seed, draws_per_class, per_visit
):
    assume(labels.any(axis=0).all())
    sampler = ClassAwareSampler(labels, seed, draws_per_class, per_visit)
    plans = [sampler.plan(epoch).tolist() for epoch in range(3)]
    assert {len(plan) for plan in plans} == {int(draws_per_class * labels.shape[1])}
    assert plans == [sampler.plan(epoch).tolist() for epoch in range(3)]
    assert all(labels[i].any() for plan in plans for i in plan)


@given(LABELS, SEEDS, st.integers(1, 9))
def test_every_image_is_drawn_once_but_for_what_fills_batches(labels, seed, batch_size):
    wide = labels[:, 0] == 1
    shuffled = ShuffleSampler(len(labels), seed)
    grouped = AspectGroupedSampler(wide, batch_size, seed)
    for epoch in range(3):
        assert sorted(shuffled.plan(epoch)) == list(range(len(labels)))
        plan = grouped.plan(epoch)
        assert set(plan) == set(range(len(labels)))
        assert len(plan) % batch_size == 0
        of_batches = wide[plan.reshape(-1, batch_size)]
        assert (of_batches.all(axis=1) | ~of_batches.any(axis=1)).all()


@given(LABELS, SEEDS, st.integers(0, 100), st.integers(1, 4))
def test_ranks_share_the_plan_and_go_on_where_it_was_left(labels, seed, skipped, world_size):
    assume(len(labels) >= world_size)
    drawn = {}
    for rank in range(world_size):
        sampler = ShuffleSampler(len(labels), seed, rank=rank, world_size=world_size)
        sampler.skip(min(skipped, len(sampler)))
        drawn |= {draw.position: int(draw) for draw in sampler}
    plan = sampler.plan(0)
    first, last = min(skipped, len(sampler)) * world_size, len(sampler) * world_size
    assert drawn == {position: plan[position] for position in range(first, last)}


@given(LABELS, SEEDS, st.booleans())
def test_average_precision_is_scikit_learn_s(targets, seed, tied):
    scores = np.random.default_rng(seed).standard_normal(targets.shape)
    scores = scores.round(0) if tied else scores
    ours = average_precision(scores, targets)
    for c, value in enumerate(ours):
        if targets[:, c].any():
            assert value == pytest.approx(average_precision_score(targets[:, c], scores[:, c]))
        else:
            assert np.isnan(value)
