"""-1 means the same in all tables of a set."""

import pytest

from dbl.dataset_tools.own_tables import read_tables
from dbl.errors import InputError
from dbl.label_files.answers import Answers

SIGNS = 'image,cat,dog\na.jpg,1,-1\nb.jpg,-1,1\n'
ZEROS = 'image,cat,dog\nc.jpg,1,0\nd.jpg,0,1\n'
BOTH = 'image,cat,dog\nc.jpg,1,-1\nd.jpg,0,1\n'


def shown(readings):
    return {name: reading.annotations.label_indices for name, reading in readings.items()}


@pytest.mark.parametrize(('train', 'test'), [(SIGNS, ZEROS), (ZEROS, SIGNS), (SIGNS, BOTH)])
def test_minus_one_beside_the_zero_of_another_table_is_open(write, train, test):
    root = write({'train.csv': train, 'test.csv': test})
    with pytest.raises(InputError, match=r'-1.*--uncertain negative, positive or unknown says how'):
        read_tables(root)
    readings = read_tables(root, answers=Answers(uncertain='negative'))
    assert shown(readings) == {'train': [[0], [1]], 'test': [[0], [1]]}


@pytest.mark.parametrize('text', [SIGNS, ZEROS])
def test_tables_that_agree_are_read(write, text):
    root = write({'train.csv': text, 'test.csv': text, 'val.csv': 'image,cat,dog\ne.jpg,1,1\n'})
    assert shown(read_tables(root))['val'] == [[0, 1]]


def test_names_in_another_table_say_nothing_of_minus_one(write):
    root = write({'train.csv': SIGNS, 'test.jsonl': '{"image": "c.jpg", "labels": ["cat"]}'})
    assert shown(read_tables(root)) == {'train': [[0], [1]], 'test': [[0]]}
