"""Labels that are objects of JSON, and columns that say whether a label counts."""

import json

import pytest

from dbl.errors import InputError

PETS = {'a.jpg': ['cat'], 'b.jpg': ['cat', 'dog']}


def records(key, yes, no):
    found = [
        {
            'image': image,
            'labels': [{'name': n, key: yes if n in of else no} for n in PETS['b.jpg']],
        }
        for image, of in PETS.items()
    ]
    return json.dumps(found)


@pytest.mark.parametrize(
    ('key', 'yes', 'no'),
    [
        ('value', 1, 0),
        ('present', True, False),
        ('Is Present', 'yes', 'no'),
        ('status', 'positive', 'negative'),
        ('score', 1.0, 0.0),
    ],
)
def test_a_label_that_does_not_count_is_none(read, key, yes, no):
    assert read(records(key, yes, no), 'train.json') == PETS


def test_other_keys_of_a_label_say_nothing(read):
    text = records('crowd', 0, 0)
    assert read(text, 'train.json') == {key: ['cat', 'dog'] for key in PETS}
    assert read(records('value', None, None), 'train.json') == {key: ['cat', 'dog'] for key in PETS}


def test_a_score_is_refused_where_it_is_of_the_labels(read):
    with pytest.raises(InputError, match=r'is no name of a class; .* whose score is high enough'):
        read(records('score', 0.9, 0.2), 'train.json')
    guesses = [{'label': 'cat', 'score': 0.3}]
    text = json.dumps([{'image': i, 'labels': n, 'guesses': guesses} for i, n in PETS.items()])
    assert read(text, 'train.json') == PETS


@pytest.mark.parametrize(('yes', 'no'), [('1', '0'), ('yes', 'no'), ('True', 'False')])
@pytest.mark.parametrize('name', ['value', 'present', 'Is Present'])
def test_a_row_may_say_whether_its_label_counts(read, reading, name, yes, no):
    text = (
        f'image,label,{name}\na.jpg,cat,{yes}\na.jpg,dog,{no}\nb.jpg,cat,{yes}\nb.jpg,dog,{yes}\n'
    )
    assert read(text) == PETS
    said = reading(text).understood['confidence']
    assert said == f"in the column '{name}' (--confidence); 1 of 4 labels are below 1"


def test_another_column_of_0_and_1_beside_names_is_asked_for(read):
    text = 'image,label,visible\na.jpg,cat,1\na.jpg,dog,0\nb.jpg,cat,1\nb.jpg,dog,1\n'
    with pytest.raises(
        InputError, match="where 'visible' says of each label whether it counts, write 1 wh"
    ):
        read(text)
    assert read(text.replace('visible', 'confidence')) == PETS
    assert read(text, labels_column='label')['a.jpg'] == ['cat', 'dog']
    assert read(text.replace('visible', 'verified'))['a.jpg'] == ['cat', 'dog']


def test_a_class_called_value_is_one(read):
    assert read('image,value,present\na.jpg,1,0\nb.jpg,0,1\n') == {
        'a.jpg': ['value'],
        'b.jpg': ['present'],
    }


def test_boxes_of_label_studio_are_labels(read):
    boxes = [[{'x': 1, 'rectanglelabels': ['cat']}], [{'x': 1, 'polygonlabels': ['cat', 'dog']}]]
    rows = [{'image': i, 'label': own} for i, own in zip(PETS, boxes, strict=True)]
    assert read(json.dumps(rows), 'train.json') == PETS
    cells = [json.dumps(own).replace('"', '""') for own in boxes]
    text = ''.join(f'{image},"{cell}"\n' for image, cell in zip(PETS, cells, strict=True))
    assert read(f'image,label\n{text}') == PETS
