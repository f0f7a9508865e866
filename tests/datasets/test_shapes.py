import numpy as np
import pytest

from dbl.datasets import ShapesMLT, shapes
from dbl.errors import InputError
from dbl.longtail import expected_draws, head_medium_tail


@pytest.fixture(scope='module')
def train_set() -> ShapesMLT:
    return ShapesMLT('train', pipeline=[])


def test_statistics_are_those_of_the_docstring(train_set):
    labels = train_set.labels.toarray().astype(bool)
    groups = head_medium_tail(train_set.class_freq)
    sizes = [len(g) for g in groups.values()]
    freq = train_set.class_freq
    head, tail = labels[:, groups['head']].any(axis=1), labels[:, groups['tail']].any(axis=1)
    expected = {
        'images, classes': f'{len(train_set):,}, {labels.shape[1]}',
        'labels per image': f'{labels.sum(axis=1).mean():.1f}',
        'images per class, max and min': f'{max(freq)} and {min(freq)}',
        'head / medium / tail classes': '{} / {} / {}'.format(*sizes),
        'max over i of sum_j p(i|j) / C': f'{expected_draws(labels, 1).max() / len(sizes) / 8:.2f}',
        'tail images that show a head class': f'{(head & tail).sum() / tail.sum():.0%}'.replace(
            '%', ' %'
        ),
    }
    table = {line[:34].strip(): line[36:48].strip() for line in shapes.__doc__.splitlines()}
    assert {name: table[name] for name in expected} == expected


def test_every_test_class_has_positives():
    assert min(ShapesMLT('test', pipeline=[]).class_freq) >= 20


def test_training_and_test_scenes_are_apart(train_set):
    test_set = ShapesMLT('test', pipeline=[])
    names = [{d.get_data_info(i)['img_path'] for i in range(len(d))} for d in (train_set, test_set)]
    assert not names[0] & names[1]


def test_scenes_are_drawn_from_the_seed(train_set):
    again, other = ShapesMLT('train', pipeline=[]), ShapesMLT('train', pipeline=[], scene_seed=1)
    assert again.load_image(again.get_data_info(5)).tolist() == (
        train_set.load_image(train_set.get_data_info(5)).tolist()
    )
    assert len(other) != len(train_set) or other.class_freq != train_set.class_freq


@pytest.mark.parametrize('label', range(24), ids=shapes.CLASSES)
def test_every_class_leaves_its_mark(label):
    image = np.zeros((64, 64, 3), np.uint8)
    shapes._draw_shape(image, label, np.random.default_rng(0))
    assert 60 < image.any(axis=2).sum() < 900


def test_an_unknown_split_is_named():
    with pytest.raises(InputError, match="split 'trian' is unknown; choose from train"):
        ShapesMLT('trian', pipeline=[])
