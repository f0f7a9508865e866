import json

import numpy as np
import pytest

from dbl.datasets import coco, voc
from dbl.datasets.word_vectors import (
    class_vectors,
    class_words,
    read_glove,
    read_word_vectors,
    write_word_vectors,
)
from dbl.errors import InputError

GLOVE = """the 9 9 9
teddy 1 2 3
bear 3 2 1
hot dog 7 7 7
cat -1.5 0 2e-1
dog 0 1 0
hot 2 1 2
"""


@pytest.fixture
def glove(tmp_path):
    path = tmp_path / 'glove.txt'
    path.write_text(GLOVE)
    return path


def test_a_class_of_several_words_averages_them(glove):
    vectors = class_vectors(['Cat', 'teddy bear', 'hot_dog'], glove)
    expected = [[-1.5, 0, 0.2], [2, 2, 2], [1, 1, 1]]
    np.testing.assert_allclose(vectors, expected, rtol=1e-6)


@pytest.mark.parametrize(
    ('name', 'words'),
    [
        ('tvmonitor', ['tv', 'monitor']),
        ('diningtable', ['dining', 'table']),
        ('pottedplant', ['potted', 'plant']),
        ('Traffic light', ['traffic', 'light']),
        ('wine_glass-2', ['wine', 'glass', '2']),
        ('Übung', ['übung']),
        ('???', []),
    ],
)
def test_words_of_a_name(name, words):
    assert class_words(name) == words


def test_missing_words_are_named(glove):
    with pytest.raises(
        InputError, match=r"no vector of 'polar' \(class 'polar bear'\), '\?' \(class '\?'\)"
    ):
        class_vectors(['cat', 'polar bear', '?'], glove)


def test_a_first_line_with_counts_is_understood(tmp_path):
    path = tmp_path / 'vectors.vec'
    path.write_text('2 3\n' + GLOVE)
    assert read_glove(path, ['dog', 'nothing'])['dog'].tolist() == [0, 1, 0]


@pytest.mark.parametrize('content', ['', 'one\n', '\x00\x01\n\n'])
def test_a_file_of_another_kind_has_no_words(tmp_path, content):
    path = tmp_path / 'glove.txt'
    path.write_text(content)
    with pytest.raises(InputError, match='no vector of'):
        class_vectors(['cat'], path)


@pytest.mark.parametrize(
    ('line', 'message'),
    [
        ('cat 1 x', 'expected a word and numbers'),
        ('cat 1 nan', 'holds numbers that are not finite'),
        ('cat 1 1e39', 'holds numbers that are not finite'),
    ],
)
def test_a_line_that_is_not_numbers_is_named(tmp_path, line, message):
    path = tmp_path / 'glove.txt'
    path.write_text(f'the 1 2\n{line}\n')
    with pytest.raises(InputError, match=f'glove.txt, line 2: {message}'):
        class_vectors(['cat'], path)


def test_a_byte_order_mark_is_no_part_of_the_first_word(tmp_path):
    path = tmp_path / 'glove.txt'
    path.write_text('\ufeffcat 1 2\n', encoding='utf-8')
    assert class_vectors(['cat'], path).tolist() == [[1, 2]]


def test_a_cut_npz_is_named(tmp_path):
    write_word_vectors(tmp_path / 'v.npz', ['a', 'b'], np.eye(2))
    content = bytearray((tmp_path / 'v.npz').read_bytes())
    content[60:90] = bytes(30)
    (tmp_path / 'v.npz').write_bytes(content)
    with pytest.raises(InputError, match='is not a file of word vectors'):
        read_word_vectors(tmp_path / 'v.npz', ['a', 'b'])


def test_round_trip(tmp_path):
    vectors = np.arange(6, dtype=np.float32).reshape(2, 3)
    write_word_vectors(tmp_path / 'new' / 'v.npz', ['a b', 'ö'], vectors)
    assert np.array_equal(read_word_vectors(tmp_path / 'new' / 'v.npz', ['a b', 'ö']), vectors)
    with pytest.raises(InputError, match="class 0 is 'a b' there and 'ö' in the data"):
        read_word_vectors(tmp_path / 'new' / 'v.npz', ['ö', 'a b'])


def test_an_npy_is_taken_in_the_order_of_the_classes(tmp_path):
    np.save(tmp_path / 'v.npy', np.eye(2))
    vectors = read_word_vectors(tmp_path / 'v.npy', ['a', 'b'])
    assert vectors.tolist() == [[1, 0], [0, 1]]
    assert vectors.dtype == np.float32


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        (b'', 'is not a file of word vectors'),
        (b'PK\x03\x04 cut', 'is not a file of word vectors'),
        (np.array([{}]), 'is not a file of word vectors'),
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
    with pytest.raises(InputError, match=r'tools/word_vectors.py --glove .*--out no.npz.*one_hot'):
        read_word_vectors('no.npz', ['a'])


def test_coco_s_names_are_those_of_its_annotations(shared):
    content = json.loads((shared / 'coco/annotations/instances_val2017.json').read_text())
    categories = sorted(content['categories'], key=lambda category: category['id'])
    assert [category['name'] for category in categories] == coco.CLASSES


def test_real_vectors_load(shared):
    vectors = read_word_vectors(shared / 'glove' / 'voc_glove300.npy', voc.CLASSES)
    assert vectors.shape == (20, 300)
