import numpy as np
import pytest

from dbl.dataset_tools.word_vectors import (
    class_vectors,
    class_words,
    read_glove,
    write_word_vectors,
)
from dbl.datasets.word_vectors import read_word_vectors
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


def test_round_trip(tmp_path):
    vectors = np.arange(6, dtype=np.float32).reshape(2, 3)
    write_word_vectors(tmp_path / 'new' / 'v.npz', ['a b', 'ö'], vectors)
    assert np.array_equal(read_word_vectors(tmp_path / 'new' / 'v.npz', ['a b', 'ö']), vectors)
    with pytest.raises(InputError, match="class 0 is 'a b' there and 'ö' in the data"):
        read_word_vectors(tmp_path / 'new' / 'v.npz', ['ö', 'a b'])


def test_a_mean_of_large_numbers_is_read_back(tmp_path):
    """Summed as they are, in float32, they would not be finite."""
    (tmp_path / 'glove.txt').write_text('hot 3e38 1\ndog 3e38 2\n')
    vectors = class_vectors(['hot dog'], tmp_path / 'glove.txt')
    write_word_vectors(tmp_path / 'v.npz', ['hot dog'], vectors)
    assert read_word_vectors(tmp_path / 'v.npz', ['hot dog']).tolist() == vectors.tolist()
    np.testing.assert_allclose(vectors, [[3e38, 1.5]], rtol=1e-6)


def test_long_values_are_shown_by_their_beginning(tmp_path):
    path = tmp_path / 'glove.txt'
    path.write_text(f'cat 1 {"x" * 99_999}\n')
    with pytest.raises(InputError, match='line 1: expected a word and numbers') as error:
        class_vectors(['cat'], path)
    assert len(str(error.value)) < 500
    with pytest.raises(InputError, match='no vector of') as error:
        class_vectors([f'class{i}' for i in range(9999)], path)
    assert len(str(error.value)) < 1000
    path.write_text(f'cat {"9" * 5000}\n')
    assert read_glove(path, ['dog']) == {}
