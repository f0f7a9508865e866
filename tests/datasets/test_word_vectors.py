import numpy as np
import pytest

from dbl.dataset_tools import voc
from dbl.datasets.word_vectors import read_word_vectors
from dbl.errors import InputError


def test_a_cut_npz_is_named(tmp_path):
    np.savez(tmp_path / 'v.npz', classes=['a', 'b'], vectors=np.eye(2))
    read_word_vectors(tmp_path / 'v.npz', ['a', 'b'])
    content = bytearray((tmp_path / 'v.npz').read_bytes())
    content[60:90] = bytes(30)
    (tmp_path / 'v.npz').write_bytes(content)
    with pytest.raises(InputError, match='is missing or damaged'):
        read_word_vectors(tmp_path / 'v.npz', ['a', 'b'])


def test_an_npy_is_taken_in_the_order_of_the_classes(tmp_path):
    np.save(tmp_path / 'v.npy', np.eye(2))
    vectors = read_word_vectors(tmp_path / 'v.npy', ['a', 'b'])
    assert vectors.tolist() == [[1, 0], [0, 1]]
    assert vectors.dtype == np.float32


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        (b'', 'is missing or damaged'),
        (b'PK\x03\x04 cut', 'is missing or damaged'),
        (np.array([{}]), 'is missing or damaged'),
        (np.zeros((3, 4)), r'must hold numbers of shape \(2, d\), .* of shape \(3, 4\)'),
        (np.zeros(2), 'must hold numbers'),
        (np.array([['a'], ['b']]), 'must hold numbers'),
        (np.array([[np.nan], [0]]), 'numbers that are not finite'),
        (np.array([[1e300], [0]]), 'numbers that are not finite'),
        (np.zeros((2, 0)), 'must hold numbers'),
    ],
)
def test_bad_files_are_named(tmp_path, content, message):
    path = tmp_path / 'v.npy'
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        np.save(path, content, allow_pickle=True)
    with pytest.raises(InputError, match=message):
        read_word_vectors(path, ['a', 'b'])


def test_missing_vectors_say_how_to_get_them():
    with pytest.raises(InputError, match=r'-m dbl word_vectors --glove .*--out no.npz.*one_hot'):
        read_word_vectors('no.npz', ['a'])


def test_real_vectors_load(shared):
    vectors = read_word_vectors(shared / 'glove' / 'voc_glove300.npy', voc.CLASSES)
    assert vectors.shape == (20, 300)


def test_vectors_that_unpack_to_too_much_are_refused(tmp_path, monkeypatch):
    path = tmp_path / 'v.npz'
    np.savez_compressed(path, classes=['a', 'b'], vectors=np.zeros((2, 10**6), np.int8))
    assert read_word_vectors(path, ['a', 'b']).nbytes == 8_000_000
    for limit, message in (('7999999', 'vectors of .* are 8000000'), ('1999999', 'unpacks to are')):
        monkeypatch.setenv('DBL_MAX_UNPACKED', limit)
        with pytest.raises(InputError, match=message):
            read_word_vectors(path, ['a', 'b'])


@pytest.mark.parametrize('theirs', ['a', [['a', 'b']], [1, 2], ['a'] * 9999])
def test_classes_of_another_form_are_other_classes(tmp_path, theirs):
    np.savez(tmp_path / 'v.npz', classes=theirs, vectors=np.eye(2))
    with pytest.raises(InputError, match='has other classes, or another order: class') as error:
        read_word_vectors(tmp_path / 'v.npz', ['a', 'b' * 99_999])
    assert len(str(error.value)) < 500
