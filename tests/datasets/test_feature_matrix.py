import numpy as np
import pytest

from dbl.config import load_config
from dbl.datasets import Annotations, FeatureMatrix, write_json
from dbl.errors import InputError
from dbl.experiment import build_experiment
from dbl.inference.predictor import load_model
from dbl.training.loop import train


@pytest.fixture
def folder(tmp_path):
    """Anybody's features in .npz: 3 classes, each with a direction of its own."""
    rng = np.random.default_rng(0)
    for split, count in (('train', 90), ('test', 30)):
        targets = (rng.random((count, 3)) < [0.5, 0.3, 0.2]).astype(np.uint8)
        targets[:3] = np.eye(3)
        features = targets @ (4 * np.eye(3, 5)) + rng.normal(size=(count, 5))
        names = ['cat', 'dog', 'owl']
        np.savez(tmp_path / f'{split}.npz', features=features, targets=targets, classes=names)
    return tmp_path


@pytest.mark.parametrize('row', ['erm', 'db_focal', 'rs_cb_focal', 'ml_gcn'])
def test_any_row_trains_on_anybodys_features(root, folder, row):
    options = {'data_root': str(folder), 'train_dataloader.batch_size': 10, 'epochs': 4}
    config = load_config(root / f'configs/features/{row}.py', options)
    metrics = train(build_experiment(config), folder / 'run')
    assert metrics['mAP/total'] > 0.8
    with np.load(folder / 'test.npz') as test, np.load(folder / 'run/scores.npz') as scores:
        found = load_model(folder / 'run/epoch_4.pth').predict(test['features'])
        np.testing.assert_allclose(found.logits, scores['logits'], atol=1e-4)


def test_a_matrix_stays_on_the_disk_and_has_its_labels_beside_it(tmp_path):
    features = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    np.save(tmp_path / 'train.npy', features)
    write_json(tmp_path / 'train.json', Annotations(['a'], ['x.jpg', 'y.jpg'], [[0], []]))
    source = FeatureMatrix('train', str(tmp_path))
    assert isinstance(source.features, np.memmap)
    assert source.channels == 4
    assert source.read(1).tolist() == features[1][:, None].tolist()
    assert len(set(source.fingerprints().tolist())) == 2
    assert [name.rpartition('/')[2] for name in source.identities()] == ['x.jpg', 'y.jpg']


def test_a_name_with_a_dot_is_that_of_both_files(tmp_path):
    np.save(tmp_path / 'train.v2.npy', np.ones((1, 4)))
    write_json(tmp_path / 'train.v2.json', Annotations(['a'], ['x.jpg'], [[0]]))
    assert FeatureMatrix('train.v2', str(tmp_path)).annotations.image_paths == ['x.jpg']


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        (dict(features=np.eye(3)), 'for 2 labelled rows, but got float64 of shape'),
        (dict(features=np.array([['a', 'b'], ['c', 'd']])), 'expected numbers'),
        (dict(features=np.ones(2)), 'expected numbers of shape'),
        (dict(features=np.ones((2, 0, 3))), 'expected numbers of shape'),
        (dict(targets=np.full((2, 2), 2)), 'targets must be 0 or 1, but got 2'),
        (dict(targets=np.eye(3)), 'for 2 classes'),
        (dict(classes=['a', 'a']), 'class 2 is'),
    ],
)
def test_what_does_not_go_together_is_refused(tmp_path, content, message):
    sound = dict(features=np.eye(2), targets=np.eye(2), classes=['a', 'b'])
    np.savez(tmp_path / 'train.npz', **{**sound, **content})
    with pytest.raises(InputError, match=message):
        FeatureMatrix('train', str(tmp_path))


def test_missing_and_damaged_files_are_named(tmp_path):
    with pytest.raises(InputError, match='neither is there; `python -m dbl features'):
        FeatureMatrix('train', str(tmp_path))
    (tmp_path / 'train.npy').write_bytes(b'nothing')
    with pytest.raises(InputError, match='is damaged'):
        FeatureMatrix('train', str(tmp_path))
    (tmp_path / 'train.npz').touch()
    with pytest.raises(InputError, match='both are there'):
        FeatureMatrix('train', str(tmp_path))


def test_a_network_for_pictures_refuses_features(root, folder):
    options = {'data_root': str(folder), 'model.backbone': {'type': 'ConvNet', 'channels': [4]}}
    config = load_config(root / 'configs/features/erm.py', options)
    with pytest.raises(InputError, match=r'takes pictures.*width 5; .*model.backbone.type=Feat'):
        build_experiment(config)


def test_whole_numbers_are_features_too(tmp_path):
    counts = np.array([[3, 0], [1, 2]])
    np.savez(tmp_path / 'train.npz', features=counts, targets=np.eye(2), classes=['a', 'b'])
    assert FeatureMatrix('train', str(tmp_path)).read(0).ravel().tolist() == [3, 0]


def test_a_row_that_is_not_finite_is_named(tmp_path):
    features = np.array([[1.0, 2.0], [np.nan, 2.0]])
    np.savez(tmp_path / 'train.npz', features=features, targets=np.eye(2), classes=['a', 'b'])
    source = FeatureMatrix('train', str(tmp_path))
    assert source.read(0).shape == (1, 1, 2)
    with pytest.raises(InputError, match="the features of 'train row 1' are not finite"):
        source.read(1)


def test_features_of_two_widths_are_refused(root, folder):
    rows = dict(np.load(folder / 'test.npz'))
    np.savez(folder / 'test.npz', **{**rows, 'features': rows['features'][:, 1:]})
    config = load_config(root / 'configs/features/erm.py', {'data_root': str(folder)})
    with pytest.raises(InputError, match='features of one width, but have 5 and 4'):
        build_experiment(config)
