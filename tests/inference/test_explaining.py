import cv2
import numpy as np
import pytest
import torch

from dbl.errors import InputError
from dbl.inference.explain import explain, write_explanations
from dbl.inference.predictor import load_model

pytest.importorskip('pytorch_grad_cam')
ML_GCN = {'model.head.word_vectors': 'one_hot'}


@pytest.mark.parametrize(('row', 'options'), [('erm', {}), ('ml_gcn', ML_GCN)])
def test_a_map_is_as_large_as_the_picture(trained, photo_folder, row, options):
    model = load_model(trained(row, **options) / 'epoch_1.pth')
    with torch.no_grad():
        maps = explain(model, photo_folder / 'test0.png', [0, 2])
    assert maps.shape == (2, 40, 50)
    assert maps.min() >= 0
    assert maps.max() <= 1


def test_the_map_of_a_mean_with_mirror_images_is_of_the_picture_itself(trained, photo_folder):
    paths = [trained(name=f'run{seed}', seed=seed) / 'epoch_1.pth' for seed in (0, 1)]
    picture = photo_folder / 'test0.png'
    plain, flipped = (explain(load_model(*paths, flip=own), picture, [0]) for own in (False, True))
    np.testing.assert_allclose(flipped, plain, atol=1e-5)


def test_each_picture_gets_a_file_of_its_own(trained, tmp_path):
    model = load_model(trained() / 'epoch_1.pth')
    pictures = [tmp_path / name for name in ('a.png', 'a.bmp', 'a_bmp.png', 'a!bmp.png', 'ä' * 90)]
    for path in (own.with_suffix(own.suffix or '.png') for own in pictures):
        cv2.imwrite(str(path), np.zeros((30, 30, 3), np.uint8))
    found = [(own.with_suffix(own.suffix or '.png'), ['cat', 'dog']) for own in pictures]
    written = write_explanations(model, found, tmp_path / 'out')
    assert len(written) == len({*written}) == len(list((tmp_path / 'out').iterdir())) == 10


def test_features_have_no_map(of_features):
    with pytest.raises(InputError, match='expected a path, or a picture'):
        explain(load_model(of_features), np.zeros(5), [0])
