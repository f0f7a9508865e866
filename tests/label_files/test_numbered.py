"""Numbers in place of names: vectors of 0 and 1, scores, and the numbers of classes."""

import json

import pytest

from dbl.errors import InputError

VECTORS = {'a.jpg': ['0'], 'b.jpg': ['0', '2'], 'c.jpg': ['1'], 'd.jpg': []}
BITS = {'a.jpg': '1 0 0', 'b.jpg': '1 0 1', 'c.jpg': '0 1 0', 'd.jpg': '0 0 0'}


def table(cells):
    return 'image,labels\n' + ''.join(f'{image},"{cell}"\n' for image, cell in cells.items())


@pytest.mark.parametrize('separator', [' ', ',', '|', ', '])
def test_vectors_in_a_cell_are_no_numbers_of_classes(read, reading, separator):
    cells = {image: bits.replace(' ', separator) for image, bits in BITS.items()}
    assert read(table(cells)) == VECTORS
    assert 'vectors of 0 and 1, numbers (--names)' in reading(table(cells)).understood['labels']
    named = read(table(cells), names=['cat', 'dog', 'bird'])
    assert named['b.jpg'] == ['bird', 'cat']


def test_true_and_false_are_vectors_though_none_comes_twice_in_a_row(read):
    cells = {'a.jpg': '[True, False]', 'b.jpg': '[False, True]'}
    assert read(table(cells)) == {'a.jpg': ['0'], 'b.jpg': ['1']}


@pytest.mark.parametrize(
    ('cells', 'message'),
    [
        (
            ['[0.9, 0.1]', '[0.2, 0.7]'],
            "'0.9' is no name or number of a class; in place of a score",
        ),
        (['[1, -1, -1]', '[-1, 1, 1]'], "'-1' is no name or number of a class"),
        (['[1, 0]', '[0, 1]'], 'open whether 1 0 names two classes by their numbers, or says of e'),
        (
            ['0110', '1000', '0001'],
            "'0001' may be a digit for each class; write '0 0 0 1' for that",
        ),
        (['101', '010'], "'010' may be a digit for each class; write '0 1 0' for that"),
        (['cat:0.91|dog:0.2', 'cat:0.3'], "'cat:0.3' ends in a score; write the names alone"),
    ],
)
def test_what_may_be_scores_or_digits_is_refused(read, cells, message):
    with pytest.raises(InputError, match=message):
        read(table({f'{i}.jpg': cell for i, cell in enumerate(cells)}))


def test_numbers_of_classes_stay_what_they_are(read):
    assert read(table({'a.jpg': '0 2', 'b.jpg': '1 2', 'c.jpg': '0'}))['a.jpg'] == ['0', '2']
    assert read(table({'a.jpg': '[0.0, 2.0]', 'b.jpg': '[1.0]'})) == {
        'a.jpg': ['0', '2'],
        'b.jpg': ['1'],
    }
    assert read(table({'a.jpg': '10', 'b.jpg': '11'}))['b.jpg'] == ['11']


def test_too_large_a_number_names_the_file_that_takes_any(read):
    text = json.dumps([{'image': 'a.jpg', 'labels': [1, 2]}, {'image': 'b.jpg', 'labels': [2]}])
    with pytest.raises(
        InputError, match=r'has a class 2; .*--class-names FILE, with lines such as'
    ):
        read(text, 'train.json', names=['cat', 'dog'])


@pytest.mark.parametrize('name', ['label', 'class_id'])
def test_most_numbers_of_classes_may_be_0_and_1(read, name):
    """In a long tail they are."""
    numbers = [0, 0, 0, 1, 1, 0, 2, 5]
    text = ''.join(f'{i}.jpg,{number}\n' for i, number in enumerate(numbers))
    assert read(f'image,{name}\n{text}') == {f'{i}.jpg': [str(n)] for i, n in enumerate(numbers)}
