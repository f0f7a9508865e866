import pickle

import numpy as np
import pytest
import torch

from dbl.datasets import AnnotatedFiles
from dbl.datasets.multi_label import MultiLabelDataset
from dbl.samplers import Draw
from dbl.transforms import Normalize, PhotometricDistortion, RandomCrop, RandomFlip, Resize


@pytest.fixture
def make(photo_folder):
    """Makes a training set whose batch pipeline has one drawn and one fixed transform."""

    def make(**arguments) -> MultiLabelDataset:
        source = AnnotatedFiles('train', data_root=str(photo_folder))
        pipeline = [RandomCrop(), Resize(32), RandomFlip()]
        batch_pipeline = [PhotometricDistortion(), Normalize()]
        return MultiLabelDataset(source, pipeline, batch_pipeline, **arguments)

    return make


def test_statistics(make):
    train_set = make()
    assert len(train_set) == 40
    assert train_set.classes == ['cat', 'dog', 'owl']
    assert train_set.class_freq == [40, 20, 10]
    assert train_set.labels.sum(axis=0).tolist() == [40, 20, 10]
    assert train_set.wider_than_high().tolist() == [True] * 40


def test_an_item(make):
    item = make()[4]
    assert item.keys() == {'images', 'targets', 'img_path'}
    assert item['images'].shape == (3, 32, 32)
    assert item['images'].dtype == torch.float32
    assert item['targets'].tolist() == [1, 0, 1]
    assert item['img_path'] == 'train4.png'


def test_transforms_draw_from_the_draw_s_numbers_in_their_order(make):
    draw = Draw(3, seed=1, epoch=2, position=5)
    data, generator = make(), draw.generator()
    image = data.source.read(3)
    for part in (RandomCrop(), Resize(32), RandomFlip(), PhotometricDistortion(), Normalize()):
        image = part.apply(image, part.draw(generator))
    np.testing.assert_array_equal(data[draw]['images'].numpy(), image.transpose(2, 0, 1))


def test_what_is_random_depends_on_the_draw_alone(make):
    train_set, draw = make(), Draw(3, seed=1, epoch=2, position=5)
    first = train_set[draw]['images']
    np.random.seed(5)
    torch.manual_seed(5)
    train_set[7]
    again = pickle.loads(pickle.dumps(train_set))[draw]['images']
    assert torch.equal(first, again)
    _, seed, epoch, position = draw.numbers
    others = ((0, epoch, position), (seed, 0, position), (seed, epoch, 0))
    for other in (Draw(3, *numbers) for numbers in others):
        assert not torch.equal(first, train_set[other]['images'])


def test_batched_items_hold_the_picture_and_the_same_draws(make):
    draw = Draw(3, seed=1, epoch=2, position=5)
    item = make(batched=True)[draw]
    assert item.keys() == {'pictures', 'draws', 'targets', 'img_path'}
    assert (item['pictures'].shape, item['pictures'].dtype) == ((32, 32, 3), torch.uint8)
    image = item['pictures'].numpy()
    for part, drawn in zip((PhotometricDistortion(), Normalize()), item['draws'], strict=True):
        image = part.apply(image, drawn)
    expected = make()[draw]['images'].numpy()
    np.testing.assert_array_equal(image.transpose(2, 0, 1), expected)


def test_a_held_picture_is_read_once(make, monkeypatch):
    data, draw = make(memory_budget=1), Draw(3, seed=1, epoch=2, position=5)
    expected = data[draw]['images']
    data.share_pictures()
    assert torch.equal(data[draw]['images'], expected)
    monkeypatch.setattr(data.source, 'read', lambda index: pytest.fail(f'{index} is read again'))
    assert torch.equal(data[draw]['images'], expected)


def test_without_a_budget_pictures_are_read_each_time(make):
    data = make()
    data.share_pictures()
    assert data.store is None


@pytest.mark.parametrize('budget', [-1, float('nan')])
def test_a_negative_budget_is_named(make, budget):
    with pytest.raises(ValueError, match=f'memory_budget must be at least 0 GB, but got {budget}'):
        make(memory_budget=budget)
