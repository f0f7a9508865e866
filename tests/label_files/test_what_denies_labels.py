"""What says of a label that it does not count is read, or asked for, and never passed over."""

import json

import pytest

from dbl.errors import InputError

PETS = {'a.jpg': ['cat'], 'b.jpg': ['cat', 'dog']}


def melted(name, yes, no):
    """A row for each picture and class, with a column that says whether it is shown."""
    rows = [
        f'{image},{label},{yes if label in shown else no}'
        for image, shown in PETS.items()
        for label in ('cat', 'dog')
    ]
    return '\n'.join([f'image,label,{name}', *rows, ''])


@pytest.mark.parametrize(
    ('words', 'other'), [(('✓', 'x'), '✓'), (('yes', 'x'), 'yes'), (('1', 'x'), '1')]
)
def test_a_cross_beside_a_tick_is_asked_for(read, words, other):
    """Both were taken for ticks, so that each picture showed each class."""
    yes, no = words
    text = f'image,cat,dog\na.jpg,{yes},{no}\nb.jpg,{yes},{yes}\n'
    with pytest.raises(InputError, match=f"x beside '{other}' .*--negative-words x says"):
        read(text)
    assert read(text, negative_words=['x']) == PETS
    assert read(text, positive_words=['x'])['a.jpg'] == ['cat', 'dog']


def test_a_cross_in_a_form_is_a_tick(read):
    text = 'image,cat,dog\na.jpg,x,\nb.jpg,X,x\n'
    assert read(text, blank='negative') == PETS


def test_a_cross_beside_the_owner_s_tick_is_asked_for(read):
    text = 'image,cat,dog\na.jpg,O,x\nb.jpg,O,O\n'
    with pytest.raises(InputError, match='--negative-words x says'):
        read(text, positive_words=['O'])
    assert read(text, positive_words=['O'], negative_words=['x']) == PETS


@pytest.mark.parametrize('name', ['present', 'value'])
def test_verdicts_are_read(read, name):
    for yes, no in (('pos', 'neg'), ('accept', 'reject'), ('correct', 'incorrect')):
        assert read(melted(name, yes, no)) == PETS


@pytest.mark.parametrize('name', ['answer', 'status', 'checked by a second person'])
def test_verdicts_under_other_names_are_asked_for(read, name):
    with pytest.raises(InputError, match=f"whether the column '{name}' .*column called confidence"):
        read(melted(name, 'accept', 'reject'))
    assert read(melted('confidence', 'accept', 'reject')) == PETS


def test_words_of_one_s_own_are_asked_for_and_read(read):
    text = melted('present', 'ano', 'ne')
    with pytest.raises(InputError, match="--negative-words say what 'ano' and 'ne' mean"):
        read(text)
    assert read(text, positive_words=['ano'], negative_words=['ne']) == PETS


@pytest.mark.parametrize('name', ['valid', 'paid'])
def test_a_name_that_ends_in_id_is_no_id(read, name):
    with pytest.raises(
        InputError, match=f"where '{name}' says of each .* column called confidence"
    ):
        read(melted(name, 1, 0))


@pytest.mark.parametrize('name', ['class_id', 'classId', 'labelid', 'ID'])
def test_ids_are_no_verdicts(read, name):
    assert read(melted(name, 1, 0))['a.jpg'] == ['cat', 'dog']


@pytest.mark.parametrize('name', ['invalid', 'absent', 'is_negative', 'rejected'])
def test_what_denies_is_to_be_turned_round(read, name):
    with pytest.raises(InputError, match='1 where it counts, and 0 where not, into a column'):
        read(melted(name, 0, 1))


@pytest.mark.parametrize('name', ['certainty', 'label_score', 'likelihood', 'confidence_score'])
def test_other_names_of_confidences_are_asked_for(read, name):
    text = melted(name, 0.9, 0.1)
    with pytest.raises(InputError, match=f"whether the column '{name}' .*call it confidence"):
        read(text)
    assert read(text, drop_columns=[name])['a.jpg'] == ['cat', 'dog']


def test_counts_of_none_are_asked_for(read):
    text = 'image,label,count\na.jpg,cat,2\na.jpg,dog,0\nb.jpg,dog,3\nb.jpg,cat,3\n'
    with pytest.raises(InputError, match=r'if 0 means .* confidence, and add --confidence 1'):
        read(text)
    assert read(text.replace('count', 'confidence'), confidence=1) == PETS


def test_lists_beside_lists_are_asked_for(read):
    text = 'image,labels,values\na.jpg,cat|dog,1|0\nb.jpg,cat|dog,1|1\n'
    with pytest.raises(InputError, match=r"column 'values' .*write a row for each label"):
        read(text)


def test_percentages_are_no_numbers_between_0_and_1(read):
    text = melted('confidence', 91, 12)
    with pytest.raises(InputError, match=r'other than 0 and 1 in line 2 \(91\).*--confidence N'):
        read(text)
    assert read(text, confidence=50) == PETS


@pytest.mark.parametrize(
    'parts',
    [('cat:1', 'dog:0'), ('cat=1', 'dog=0'), ('cat:True', 'dog:False'), ('cat .9', 'dog .2')],
)
def test_what_is_written_behind_a_name_is_no_part_of_it(read, parts):
    yes, no = parts
    text = f'image,labels\na.jpg,{yes}|{no}\nb.jpg,{yes}|dog{yes[3:]}\n'
    with pytest.raises(InputError, match='ends in a score; write the names alone'):
        read(text)


@pytest.mark.parametrize(
    'labels',
    [
        [['cat', 0.9], ['dog', 0.3]],
        [['cat', 1, 2, 30, 30]],
        {'cat': 2},
        {'negative': ['dog']},
        [{'name': 'cat', 'confidence_score': 0.9}],
    ],
    ids=str,
)
def test_numbers_and_denials_in_json_are_no_names(read, labels):
    text = json.dumps([{'image': 'a.jpg', 'labels': labels}, {'image': 'b.jpg', 'labels': labels}])
    with pytest.raises(InputError, match='is no name of a class'):
        read(text, 'train.json')


@pytest.mark.parametrize(('key', 'no'), [('status', 'rejected'), ('exists', False)])
def test_objects_that_are_denied_do_not_count(read, key, no):
    labels = [{'name': 'cat'}, {'name': 'dog', key: no}]
    text = json.dumps([{'image': 'a.jpg', 'labels': labels}, {'image': 'b.jpg', 'labels': 'dog'}])
    assert read(text, 'train.json') == {'a.jpg': ['cat'], 'b.jpg': ['dog']}


@pytest.mark.parametrize('nothing', ['-', r'\N', '#N/A', '[nan]'])
def test_signs_for_nothing_are_no_classes(read, nothing):
    text = f'image,labels\na.jpg,cat\nb.jpg,{nothing}\nc.jpg,dog\n'
    with pytest.raises(InputError, match='no label in line 3'):
        read(text)
    assert read(text, blank='negative')['b.jpg'] == []


@pytest.mark.parametrize('other', ['hard\u00a0hat', 'hard  hat', '"hard hat"'])
def test_blanks_and_quotes_make_no_other_class(read, other):
    text = json.dumps(
        [{'image': f'{i}.jpg', 'labels': [n]} for i, n in enumerate(['hard hat', other])]
    )
    assert {*map(tuple, read(text, 'train.json').values())} == {('hard hat',)}


@pytest.mark.parametrize(
    ('cell', 'classes'),
    [
        ('[0. 1. 1.]', ['1', '2']),
        ('"tensor([0, 1, 1])"', ['1', '2']),
        ('"tensor([0., 1., 1.], device=\'cuda:0\')"', ['1', '2']),
        ('"[np.False_, np.True_, np.True_]"', ['1', '2']),
        ("\"[np.str_('cat'), np.str_('dog')]\"", ['cat', 'dog']),
        ('"[np.int64(3), np.int64(7)]"', ['3', '7']),
    ],
)
def test_printed_arrays_are_read(read, cell, classes):
    assert read(f'image,labels\na.jpg,{cell}\nb.jpg,{cell}\n')['a.jpg'] == classes


def test_an_array_that_was_cut_short_is_refused(read):
    with pytest.raises(InputError, match=r"'\[0 1 \.\.\. 0\]' is no name of a class"):
        read('image,labels\na.jpg,[0 1 ... 0]\nb.jpg,[1 1 ... 0]\n')


def test_a_column_may_be_named_as_the_file_has_it(read):
    text = 'image,hard  hat,vest\na.jpg,1,0\nb.jpg,0,1\n'
    assert read(text, label_columns=['hard  hat'])['a.jpg'] == ['hard hat']


@pytest.mark.parametrize(
    ('key', 'value'),
    [
        ('uncertain', False),
        ('needs_confirmation', False),
        ('has_problem', False),
        ('occlusion_score', 0),
        ('config', 3),
        ('p1', 0),
    ],
)
def test_what_says_nothing_of_a_label_takes_none_away(read, key, value):
    labels = [{'name': 'cat', key: value}, {'name': 'dog'}]
    text = json.dumps([{'image': image, 'labels': labels[: len(of)]} for image, of in PETS.items()])
    assert read(text, 'train.json') == PETS


def test_a_single_object_is_denied_as_one_of_a_list_is(read):
    labels = [{'name': 'cat'}, {'name': 'dog', 'present': False}]
    text = json.dumps([{'image': f'{i}.jpg', 'label': own} for i, own in enumerate(labels)])
    assert read(text, 'train.json', blank='negative') == {'0.jpg': ['cat'], '1.jpg': []}


def test_scores_of_boxes_are_refused(read):
    boxes = [[{'x': 1, 'score': 0.2, 'rectanglelabels': ['cat']}]] * 2
    text = json.dumps([{'image': f'{i}.jpg', 'label': own} for i, own in enumerate(boxes)])
    with pytest.raises(InputError, match='of those alone whose score is high enough'):
        read(text, 'train.json')


@pytest.mark.parametrize('name', ['aesthetic_score', 'cloud_probability', 'imdb_score', 'config'])
def test_scores_of_pictures_are_left_out(read, name):
    text = f'image,tags,{name}\na.jpg,cat,0.9\nb.jpg,cat|dog,8.3\n'
    assert read(text) == PETS


@pytest.mark.parametrize('name', ['biopsy', 'quality'])
def test_findings_of_patients_are_left_out(read, name):
    text = f'image,labels,{name}\na.jpg,cat,pos\nb.jpg,cat|dog,neg\n'
    assert read(text) == PETS


def test_a_list_of_sureness_beside_a_list_of_labels_is_asked_for(read):
    rows = [
        {'image': i, 'label': of, 'label_confidence': [0.9] * len(of)} for i, of in PETS.items()
    ]
    with pytest.raises(InputError, match='write a row for each label'):
        read(json.dumps(rows), 'train.json')


@pytest.mark.parametrize('names', [['DR:0', 'DME:1', 'DR:2', 'DME:3'], ['Windows 3.1', 'f 1.8']])
def test_grades_and_versions_are_names(read, names):
    text = ''.join(f'{i}.jpg,{names[i]}|{names[1 - i]}\n' for i in (0, 1))
    more = ''.join(f'{i}.jpg,{name}|{name}\n' for i, name in enumerate(names[2:], start=2))
    assert {name for row in read(f'image,labels\n{text}{more}').values() for name in row} == {
        *names
    }


def test_an_empty_cell_beside_a_label_is_asked_for(read):
    text = melted('present', 'x', '')
    with pytest.raises(InputError, match='--blank negative or positive says how an empty cell'):
        read(text)
    assert read(text, blank='negative') == PETS


def test_a_class_may_be_called_none_in_a_list(read):
    text = json.dumps(
        [{'image': 'a.jpg', 'labels': ['none']}, {'image': 'b.jpg', 'labels': ['cat']}]
    )
    assert read(text, 'train.json')['a.jpg'] == ['none']


@pytest.mark.parametrize(
    ('labels', 'read_as'),
    [({'choices': None}, []), ({'index': 2}, ['2']), (['cat', 'other...'], ['cat', 'other...'])],
)
def test_values_of_objects_and_lists_stay_whole(read, labels, read_as):
    text = json.dumps([{'image': 'a.jpg', 'labels': labels}, {'image': 'b.jpg', 'labels': [3]}])
    assert read(text, 'train.json', blank='negative')['a.jpg'] == read_as
