import pickle

import numpy as np
import pytest
import torch
from PIL import ExifTags, Image

from dbl.datasets import MultiLabelDataset
from dbl.errors import InputError
from dbl.samplers import Draw

PIPELINE = [
    dict(type='PhotometricDistortion'),
    dict(type='RandomCrop'),
    dict(type='Resize', size=32),
    dict(type='RandomFlip'),
    dict(type='Normalize'),
]


@pytest.fixture
def train_set(photo_folder):
    return MultiLabelDataset(ann_file='train', data_root=str(photo_folder), pipeline=PIPELINE)


def test_statistics(train_set):
    assert train_set.metainfo['classes'] == ['cat', 'dog', 'owl']
    assert train_set.class_freq == [40, 20, 10]
    assert train_set.labels.sum(axis=0).tolist() == [40, 20, 10]


def test_statistics_follow_mmengine_s_indices(photo_folder):
    part = MultiLabelDataset(ann_file='train', data_root=str(photo_folder), indices=[0, 1])
    assert part.class_freq == [2, 1, 1]
    assert part.labels.toarray().tolist() == [[1, 0, 1], [1, 1, 0]]


def test_an_item(train_set):
    item = train_set[4]
    assert item['images'].shape == (3, 32, 32)
    assert item['images'].dtype == torch.float32
    assert item['targets'].tolist() == [1, 0, 1]
    assert item['img_path'] == 'train4.png'


def test_what_is_random_depends_on_the_draw_alone(train_set):
    draw = Draw(3, seed=1, epoch=2, position=5)
    first = train_set[draw]['images']
    np.random.seed(5)
    torch.manual_seed(5)
    train_set[7]
    again = pickle.loads(pickle.dumps(train_set))[draw]['images']
    assert torch.equal(first, again)
    for other in (draw._replace(seed=0), draw._replace(epoch=0), draw._replace(position=0)):
        assert not torch.equal(first, train_set[other]['images'])


def test_a_missing_picture_is_named(photo_folder, train_set):
    train_set.check_images()
    (photo_folder / 'train3.png').unlink()
    (photo_folder / 'train8.png').unlink()
    with pytest.raises(InputError, match=r'2 of the 40 images .* the first is .*train3.png'):
        train_set.check_images()
    with pytest.raises(InputError, match=r'train3.png. of .*train.csv. does not exist'):
        train_set[3]


@pytest.mark.parametrize('content', [b'', b'not a picture'])
def test_a_broken_picture_is_named(photo_folder, train_set, content):
    (photo_folder / 'train3.png').write_bytes(content)
    with pytest.raises(InputError, match=r'train3.png. cannot be decoded'):
        train_set[3]


def test_which_images_are_wider_than_high(photo_folder):
    """40x50 pixels all; one made high, one square, and one high one to be turned by its EXIF."""
    for name, size, orientation in (('train1', (40, 50), 1), ('train2', (40, 40), 1)) + (
        ('train3', (40, 50), 6),
    ):
        exif = Image.Exif()
        exif[ExifTags.Base.Orientation] = orientation
        path = photo_folder / f'{name}.png'
        Image.new('RGB', size).save(path, 'JPEG', exif=exif)
    train_set = MultiLabelDataset(ann_file='train', data_root=str(photo_folder), pipeline=[])
    wide = train_set.wider_than_high()
    assert wide.tolist() == [True, False, False, True] + [True] * 36
    for i in range(4):
        height, width = train_set.load_image(train_set.get_data_info(i)).shape[:2]
        assert wide[i] == (width > height)


def test_a_broken_header_is_named(photo_folder):
    (photo_folder / 'train7.png').write_bytes(b'broken')
    train_set = MultiLabelDataset(ann_file='train', data_root=str(photo_folder), pipeline=[])
    with pytest.raises(InputError, match=r"train7.png' cannot be decoded"):
        train_set.wider_than_high()
