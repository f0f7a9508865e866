"""Features in a sparse matrix, held against the same in a dense one."""

import numpy as np
import pytest
from scipy.sparse import coo_array, csc_array, csr_array, save_npz

from dbl.config import load_config
from dbl.datasets import Annotations, FeatureMatrix, write_json
from dbl.errors import InputError
from dbl.experiment import build_experiment
from dbl.training.loop import train

CLASSES = ['tin', 'gold']


def write(folder, features, form):
    labels = Annotations(CLASSES, [f'{i}' for i in range(len(features))], [[i % 2] for i in
                         range(len(features))])  # fmt: skip
    for split in ('train', 'test'):
        folder.mkdir(exist_ok=True)
        write_json(folder / f'{split}.json', Annotations(CLASSES, [f'{split}{name}' for name in
                   labels.image_paths], labels.label_indices))  # fmt: skip
        if form == 'sparse':
            save_npz(folder / f'{split}.npz', csr_array(features))
        else:
            np.save(folder / f'{split}.npy', features)


@pytest.fixture
def features():
    rng = np.random.default_rng(0)
    found = rng.random((24, 30)).astype(np.float32)
    return np.where(found > 0.8, found, 0)


def test_rows_are_those_of_the_dense_matrix(tmp_path, features):
    for form in ('sparse', 'dense'):
        write(tmp_path / form, features, form)
    sparse, dense = (FeatureMatrix('train', str(tmp_path / form)) for form in ('sparse', 'dense'))
    assert sparse.channels == dense.channels == 30
    for index in range(24):
        np.testing.assert_array_equal(sparse.read(index), dense.read(index))
    np.testing.assert_array_equal(sparse.fingerprints(), dense.fingerprints())


def test_a_training_on_them_is_the_same_bit_for_bit(tmp_path, features):
    logits = []
    for form in ('sparse', 'dense'):
        write(tmp_path / form, features, form)
        options = {'data_root': str(tmp_path / form), 'train_dataloader.batch_size': 8, 'epochs': 2,
                   'metric.head': 13, 'metric.tail': 12}  # fmt: skip
        train(build_experiment(load_config('features/erm', options)), tmp_path / f'run_{form}')
        with np.load(tmp_path / f'run_{form}/scores.npz') as scores:
            logits.append(scores['logits'])
    np.testing.assert_array_equal(*logits)


def damaged(folder, **parts):
    folder.mkdir()
    write_json(folder / 'train.json', Annotations(CLASSES, ['0', '1'], [[0], [1]]))
    sound = dict(data=np.ones(2, np.float32), indices=np.array([0, 1]), indptr=np.array([0, 1, 2]),
                 shape=np.array([2, 3]), format=np.array(b'csr'))  # fmt: skip
    np.savez(folder / 'train.npz', **{**sound, **parts})


@pytest.mark.parametrize(
    'parts',
    [
        {'indices': np.array([0, 7])},
        {'indices': np.array([0, -1])},
        {'indptr': np.array([0, 2, 1])},
        {'indptr': np.array([0, 2])},
        {'shape': np.array([-2, 3])},
        {'shape': np.array([2.5, np.nan])},
        {'data': np.ones(7, np.float32)},
        {'indices': np.array([True, False])},
        {'indptr': np.array([0.0, 1.0, 2.0])},
        {'shape': np.array(['2', '3'])},
    ],
)
def test_damage_is_refused(tmp_path, parts):
    damaged(tmp_path / 'x', **parts)
    with pytest.raises(InputError, match='is damaged'):
        FeatureMatrix('train', str(tmp_path / 'x'))


@pytest.mark.parametrize('form', [coo_array, csc_array])
def test_another_sparse_form_is_refused(tmp_path, features, form):
    """A square CSC matrix would be read as its transpose."""
    write(tmp_path / 'x', features, 'sparse')
    save_npz(tmp_path / 'x/train.npz', form(features[:, :24]))
    with pytest.raises(
        InputError, match=r'a sparse matrix of rows, CSR, but holds (coo|csc); save'
    ):
        FeatureMatrix('train', str(tmp_path / 'x'))


def test_a_row_that_would_fill_the_memory_is_refused(tmp_path):
    damaged(tmp_path / 'x', shape=np.array([2, 2**40]))
    with pytest.raises(InputError, match=r'the bytes of a dense row of .* are 4398046511104'):
        FeatureMatrix('train', str(tmp_path / 'x'))


def test_a_damaged_archive_is_refused(tmp_path):
    damaged(tmp_path / 'x')
    path = tmp_path / 'x/train.npz'
    content = bytearray(path.read_bytes())
    content[content.rindex(b'PK\x01\x02') + 6] = 252  # of a later version of .zip
    path.write_bytes(content)
    with pytest.raises(InputError, match=r'is missing or damaged: zip file version 25\.2'):
        FeatureMatrix('train', str(tmp_path / 'x'))


def test_numbers_that_are_not_finite_are_named(tmp_path, features):
    features[3, np.flatnonzero(features[3])[0]] = np.nan
    write(tmp_path / 'x', features, 'sparse')
    with pytest.raises(InputError, match="the features of 'train3' are not finite"):
        FeatureMatrix('train', str(tmp_path / 'x')).read(3)
