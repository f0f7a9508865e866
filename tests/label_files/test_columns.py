"""Which columns are of labels: counts, numbered names, and what is no class."""

import pytest

from dbl.errors import InputError

COUNTS = 'image,person,cat\na.jpg,3,1\nb.jpg,0,0\nc.jpg,2,0\nd.jpg,2,1\n'
SEVERAL = {'a.jpg': ['bird', 'cat', 'dog'], 'b.jpg': ['cat'], 'c.jpg': ['dog']}


def test_counts_beside_0_and_1_are_asked_for(read):
    with pytest.raises(InputError, match=r"column 'person' are, as 3, 2, .* --positive-words 3 2 "):
        read(COUNTS)
    assert read(COUNTS, drop_columns=['person'])['a.jpg'] == ['cat']
    assert read(COUNTS, label_columns=['cat'])['a.jpg'] == ['cat']
    with pytest.raises(InputError, match="'person' are"):
        read(COUNTS.replace('b.jpg,0', 'b.jpg,'))
    shown = read(COUNTS, positive_words=['2', '3'])
    assert shown == {'a.jpg': ['cat', 'person'], 'b.jpg': [], 'c.jpg': ['person'],
                     'd.jpg': ['cat', 'person']}  # fmt: skip


def test_a_column_that_pandas_renamed_is_asked_for(read):
    text = 'image,cat,dog,cat.1,dog.1\na.jpg,1,0,0,1\nb.jpg,0,1,1,0\n'
    message = r"'cat.1' is of another class than 'cat'.*pandas.* \(1 more like it\): --drop-columns"
    with pytest.raises(InputError, match=message):
        read(text)
    shown = read(text, drop_columns=['cat.1', 'dog.1'])
    assert shown == {'a.jpg': ['cat'], 'b.jpg': ['dog']}
    shown = read(text, label_columns=['cat', 'dog', 'cat.1', 'dog.1'])
    assert shown == {'a.jpg': ['cat', 'dog.1'], 'b.jpg': ['cat.1', 'dog']}


@pytest.mark.parametrize('names', ['1,1.1', 'v1,v2.1', 'cat,cat.one', 'cat,dog.1'])
def test_a_point_and_a_number_may_be_of_the_name(read, names):
    first, second = names.split(',')
    assert read(f'image,{names}\na.jpg,1,0\nb.jpg,0,1\n') == {'a.jpg': [first], 'b.jpg': [second]}


@pytest.mark.parametrize('header', ['age', 'Patient Age', 'fold', 'width'])
def test_numbers_of_another_kind_are_not_asked_for(read, header):
    assert read(COUNTS.replace('person', header))['a.jpg'] == ['cat']
    assert read(COUNTS.replace('b.jpg,0', 'b.jpg,7').replace('person', 'site'))['a.jpg'] == ['cat']
    assert read('image,n,cat\na.jpg,0,1\nb.jpg,1,0\nc.jpg,2,1\nd.jpg,3,0\n')['a.jpg'] == ['cat']


@pytest.mark.parametrize('name', ['is_test', 'partition', 'Patient Sex', 'subject_id', 'isVal'])
def test_what_says_nothing_of_the_picture_is_no_class(read, name):
    assert read(f'image,{name},cat\na.jpg,1,0\nb.jpg,0,1\n') == {'a.jpg': [], 'b.jpg': ['cat']}


@pytest.mark.parametrize(
    'names',
    ['label,label2,label3', 'label,label.1,label.2', 'label,label,label', 'tag 1,Tag 2,tag3'],
)
def test_columns_of_one_name_each_name_a_class(read, names):
    rows = 'a.jpg,cat,dog,bird\nb.jpg,cat,,\nc.jpg,dog,,\n'
    assert read(f'image,{names}\n{rows}') == SEVERAL


def test_empty_cells_at_the_end_of_a_row_may_be_left_out(read):
    header = ['image', 'label1', 'label2', 'label3']
    assert read('a.jpg,cat,dog,bird\nb.jpg,cat\nc.jpg,dog\n', header=header) == SEVERAL
    with pytest.raises(InputError, match='expected 4 cells, but got 1; a cell that holds the sign'):
        read('a.jpg,cat,dog,bird\nb.jpg\nc.jpg,dog\n', header=header)


def test_of_two_columns_of_names_none_is_chosen(read):
    text = 'image,label,tags\na.jpg,cat,indoor\nb.jpg,dog,outdoor\n'
    with pytest.raises(InputError, match=r"leaves open .* 'label' .* 'tags' .*--labels-column"):
        read(text)
    assert read(text, labels_column='tags')['a.jpg'] == ['indoor']
    assert read('image,class_name,class_id\na.jpg,cat,0\nb.jpg,dog,7\n')['b.jpg'] == ['dog']


def test_minus_one_means_no_only_beside_1(read):
    with pytest.raises(InputError, match='-1 without a 1 in its cells; --uncertain negative'):
        read('image,cat,dog\na.jpg,-1,-1\nb.jpg,-1,-1\n')


def test_signs_without_a_width_are_no_part_of_a_name(read):
    assert read('image,labels\na.jpg,cat|dog\u200b\nb.jpg,\ufeffdog\n') == {
        'a.jpg': ['cat', 'dog'],
        'b.jpg': ['dog'],
    }


def test_a_path_is_the_same_however_it_is_spelt(read):
    text = 'image,label\nx/a.jpg,cat\n./x/a.jpg,dog\nx//a.jpg,bird\nfile:///x/b%20c.jpg,cat\n'
    assert read(text) == {'x/a.jpg': ['bird', 'cat', 'dog'], '/x/b c.jpg': ['cat']}


def test_a_header_in_the_middle_is_no_picture(read):
    with pytest.raises(InputError, match='the header again in line 3; remove it'):
        read('image_id,label\np1,cat\nimage_id,label\np2,dog\n')
    with pytest.raises(InputError, match='has a header, but no rows below it'):
        read('image,cat,dog\n')
