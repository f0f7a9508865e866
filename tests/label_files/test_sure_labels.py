"""Labels that count from a confidence on, and what is said of the others."""

import json

import pytest

from dbl.errors import InputError

PETS = {'a.jpg': ['cat'], 'b.jpg': ['cat', 'dog']}
ROWS = 'a.jpg,cat,0.9,dog,0.2\nb.jpg,dog,0.5,cat,1\n'


@pytest.mark.parametrize(
    'header',
    [
        'image,label1,conf1,label2,conf2',
        'image,label_1,confidence_1,label_2,confidence_2',
        'image,class1,score1,class2,score2',
        'image,Label 1,Probability 1,Label 2,Probability 2',
    ],
)
def test_a_confidence_belongs_to_the_label_of_its_number(read, reading, header):
    text = f'{header}\n{ROWS}'
    with pytest.raises(InputError, match=r'between 0 and 1 in line 2 \(0.9\).*--confidence 0\.5'):
        read(text)
    assert read(text, confidence=0.5) == PETS
    assert read(text, confidence=0.95) == {'a.jpg': [], 'b.jpg': ['cat']}
    _, _, first, _, second = header.split(',')
    said = reading(text, confidence=0.5).understood
    assert said['confidence'] == (
        f"in the columns '{first}', '{second}' (--confidence); 1 of 4 labels are below 0.5"
    )
    assert 'left out' not in said


def test_the_order_of_the_columns_does_not_matter(read):
    text = 'conf2,image,label2,label1,conf1\n0.2,a.jpg,dog,cat,0.9\n1,b.jpg,cat,dog,0.5\n'
    assert read(text, confidence=0.5) == PETS


def test_an_empty_label_needs_no_confidence_and_an_unsure_one_is_none(read):
    header = 'image,label1,conf1,label2,conf2\n'
    text = f'{header}a.jpg,cat,0.9,,\nb.jpg,dog,0.2,,\nc.jpg,,,dog,1\n'
    assert read(text, confidence=0.5) == {'a.jpg': ['cat'], 'b.jpg': [], 'c.jpg': ['dog']}
    with pytest.raises(InputError, match=r"no number for a confidence in line 5 \(''\)"):
        read(f'{text}d.jpg,cat,1,dog,\n', confidence=0.5)
    with pytest.raises(InputError, match='no label in line 2; --blank negative'):
        read(f'{header}a.jpg,,,,\nb.jpg,dog,1,cat,1\n')


def test_confidences_of_0_and_1_need_no_threshold(reading):
    found = reading('image,label1,conf1,label2,conf2\na.jpg,cat,1,dog,0\n')
    assert found.annotations.classes == ['cat']
    assert found.understood['confidence'].endswith('; 1 of 2 labels are below 1')


def test_labels_below_the_threshold_are_counted_in_each_form(reading):
    long = 'image,label,conf\na.jpg,cat,0.9\na.jpg,dog,0.2\nb.jpg,cat,0.5\nb.jpg,dog,1\n'
    said = reading(long, confidence=0.5).understood['confidence']
    assert said == "in the column 'conf' (--confidence); 1 of 4 labels are below 0.5"
    cells = 'image,labels,conf\na.jpg,cat|dog,0.9\nb.jpg,owl|cat,0.2\n'
    said = reading(cells, confidence=0.5).understood['confidence']
    assert said == "in the column 'conf' (--confidence); 2 of 4 labels are below 0.5"
    records = [
        {'image': 'a.jpg', 'labels': ['cat', 'dog'], 'score': 0.9},
        {'image': 'b.jpg', 'labels': ['owl'], 'score': 0.2},
    ]
    found = reading(json.dumps(records), 'train.json', confidence=0.5)
    assert found.understood['confidence'].endswith('; 1 of 3 labels are below 0.5')
    assert found.annotations.label_indices == [[0, 1], []]


def test_one_column_of_confidences_is_for_all_labels(read):
    text = 'image,label1,label2,score\na.jpg,cat,dog,0.9\nb.jpg,cat,owl,0.2\n'
    assert read(text, confidence=0.5) == {'a.jpg': ['cat', 'dog'], 'b.jpg': []}


@pytest.mark.parametrize(
    ('header', 'columns'),
    [
        ('image,label1,conf1,label2,note', "'conf1'"),
        ('image,label1,conf1,label2,conf3', "'conf1', 'conf3'"),
        ('image,label1,score1,label2,prob1', "'score1', 'prob1'"),
        ('image,label,score,note,prob', "'score', 'prob'"),
    ],
)
def test_whose_a_confidence_is_is_not_guessed(read, header, columns):
    with pytest.raises(
        InputError, match=f'open which of the columns {columns} says how sure .*drop'
    ):
        read(f'{header}\n{ROWS}', confidence=0.5)


def test_a_confidence_that_is_no_class_is_not_taken_for_one(read):
    with pytest.raises(InputError, match=r"open .*, of 'prob_0' \(as '1'\), 'prob_1'"):
        read('image,prob_0,prob_1\na.jpg,1,0\nb.jpg,0,1\n')
    options = {'label_columns': ['prob_0', 'prob_1']}
    found = read('image,prob_0,prob_1\na.jpg,1,0\nb.jpg,0,1\n', **options)
    assert found == {'a.jpg': ['prob_0'], 'b.jpg': ['prob_1']}


def test_a_numbered_label_that_is_0_or_1_alone_may_be_one(read):
    text = 'image,label1,label2\na.jpg,5,1\nb.jpg,7,0\n'
    with pytest.raises(InputError, match='leaves open which columns hold labels'):
        read(text)
    found = read(text, label_columns=['label1', 'label2'])
    assert found == {'a.jpg': ['1', '5'], 'b.jpg': ['0', '7']}
