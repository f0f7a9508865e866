import numpy as np
import pytest

from dbl.datasets import OtherShapes, ShapesMLT, drawing, other_shapes, shapes
from dbl.errors import InputError
from dbl.longtail import expected_draws, head_medium_tail


@pytest.fixture(scope='module')
def train_set() -> ShapesMLT:
    return ShapesMLT('train')


def test_statistics_are_those_of_the_docstring(train_set):
    freq = train_set.annotations.class_freq
    labels = train_set.annotations.labels.toarray().astype(bool)
    groups = head_medium_tail(freq)
    sizes = [len(g) for g in groups.values()]
    head, tail = labels[:, groups['head']].any(axis=1), labels[:, groups['tail']].any(axis=1)
    expected = {
        'images, classes': f'{len(train_set.annotations):,}, {labels.shape[1]}',
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
    assert min(ShapesMLT('test').annotations.class_freq) >= 20


def test_training_and_test_scenes_are_apart(train_set):
    names = [set(source.annotations.image_paths) for source in (train_set, ShapesMLT('test'))]
    assert not names[0] & names[1]


def test_scenes_are_drawn_from_the_seed(train_set):
    again, other = ShapesMLT('train'), ShapesMLT('train', scene_seed=1)
    assert again.annotations.sha256 == train_set.annotations.sha256
    assert again.read(5).tolist() == train_set.read(5).tolist()
    assert again.read(5).tolist() != train_set.read(6).tolist()
    assert other.annotations.sha256 != train_set.annotations.sha256


def test_the_set_is_that_of_dbl_0_1_0(train_set):
    digest = '41b50d32b08b76ff6e6e5f942ac256af5d03527fcdfc1d051f1e7cd83794a0f6'
    assert train_set.annotations.sha256 == digest


def test_scenes_are_square_and_never_missing(train_set):
    train_set.check_images()
    assert train_set.picture_bytes() == [train_set.read(0).nbytes] * len(train_set.annotations)
    assert not train_set.wider_than_high().any()


@pytest.mark.parametrize('label', range(24), ids=shapes.CLASSES)
def test_every_class_leaves_its_mark(label):
    image = np.zeros((64, 64, 3), np.uint8)
    fill, shape = shapes.CLASSES[label].split(' ')
    corners = drawing.placed(shapes.CORNERS[shape], np.random.default_rng(0))
    drawing.draw_shape(image, corners, fill, [255, 255, 255])
    assert 60 < image.any(axis=2).sum() < 900


def test_an_unknown_split_is_named():
    with pytest.raises(InputError, match="split 'trian' is unknown; choose from train"):
        ShapesMLT('trian')


def test_what_is_pretrained_on_is_of_other_kinds_and_says_nothing_by_its_colour():
    source = OtherShapes('test')
    assert not set(other_shapes.OTHER_CORNERS) & set(shapes.CORNERS)
    assert set(map(len, source.annotations.label_indices)) == {1, 2, 3}
    labels = source.annotations.labels.toarray().astype(bool)
    assert min(labels.sum(axis=0)) > 0.6 * max(labels.sum(axis=0))
    colours = np.array([source.read(i).reshape(-1, 3).mean(axis=0) for i in range(2000)])
    for shown in labels.T:
        spread = colours.std(axis=0) / np.sqrt(shown.sum())
        assert (np.abs(colours[shown].mean(axis=0) - colours.mean(axis=0)) < 4 * spread).all()


def test_its_scenes_are_drawn_anew_alike_and_kept_apart():
    train, test = OtherShapes('train'), OtherShapes('test')
    assert train.read(3).tolist() == OtherShapes('train').read(3).tolist()
    assert not set(train.identities()) & set(test.identities())
    assert len(np.unique(np.concatenate([s.fingerprints() for s in (train, test)]))) == 22_000
    assert train.picture_bytes()[0] == train.read(0).nbytes
    assert not set(OtherShapes('val').identities()) & {*train.identities(), *test.identities()}
    with pytest.raises(InputError, match="split 'trian' is unknown; choose from train"):
        OtherShapes('trian')
