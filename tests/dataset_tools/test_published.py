"""The published sets in numbers: against each other, the paper, and the code that makes them."""

import json

import pytest

from dbl.dataset_tools.build import MLT_SETS, compared_with_published, published_id
from dbl.dataset_tools.published import PublishedSubset, published_subset
from dbl.dataset_tools.subset import take
from dbl.datasets import Annotations
from dbl.longtail import head_medium_tail

NAMES = 'voc_mlt', 'coco_mlt'
# Of the published image ids, in their order, one a line.
SHA256 = {
    'coco_mlt': '03ca967da27204f543e74499dcccebe56cdb5bba47fe0d800f99c9f73fa489eb',
    'voc_mlt': '21d64ee973b786502cf5fc25a05edd271562d0e79e930072662878c1d220a8e5',
}


@pytest.mark.parametrize(
    ('name', 'images', 'positives', 'mean', 'largest', 'smallest', 'sizes'),
    [
        ('voc_mlt', 1142, 2346, 2.05, 775, 4, [6, 6, 8]),
        ('coco_mlt', 1909, 8316, 4.36, 1128, 6, [22, 33, 25]),
    ],
)
def test_the_paper_s_statistics(name, images, positives, mean, largest, smallest, sizes):
    image_ids, class_freq, groups = published_subset(name)
    assert len(image_ids) == len(set(image_ids)) == images
    assert (sum(class_freq), max(class_freq), min(class_freq)) == (positives, largest, smallest)
    assert positives / images == pytest.approx(mean, abs=0.005)
    assert [len(groups[group]) for group in ('head', 'medium', 'tail')] == sizes


@pytest.mark.parametrize('name', NAMES)
def test_the_groups_are_those_of_the_frequencies(name):
    published = published_subset(name)
    assert head_medium_tail(published.class_freq) == published.groups


@pytest.mark.parametrize(
    ('source', 'name', 'path'),
    [
        ('voc', 'voc_mlt', 'images/VOC2012/JPEGImages/{}.jpg'),
        ('coco', 'coco_mlt', 'images/train2017/{:0>12}.jpg'),
    ],
)
def test_a_set_is_the_published_one_by_its_ids_and_their_order(source, name, path):
    image_ids = published_subset(name).image_ids
    paths = [path.format(image_id) for image_id in image_ids]
    assert list(map(published_id, paths)) == image_ids
    pool = Annotations(['cat'], paths, [[0]] * len(paths))

    def said(chosen: list[int]) -> str:
        train = take(pool, chosen, {'subset': 'chosen by hand'}, published_id)
        return compared_with_published(source, train)

    rows = list(range(len(paths)))
    label = MLT_SETS[source][0]
    assert take(pool, rows, {}, published_id).built['sha256'] == SHA256[name]
    assert said(rows) == f'subset chosen by hand, equal to the published {label}, id for id'
    for other in (rows[:-1], rows[1:], [1, 0, *rows[2:]], sorted(rows, key=paths.__getitem__)):
        assert f'NOT equal to the published {label}' in said(other)


@pytest.mark.parametrize('name', NAMES)
def test_the_copy_is_exact(shared, name):
    reference = json.loads((shared / 'reference' / 'mlt_subsets.json').read_text())
    assert tuple(reference) == NAMES
    assert published_subset(name) == PublishedSubset(**reference[name])
