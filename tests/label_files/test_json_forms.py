"""Forms of JSON that people write without a tool."""

import json

import pytest

from dbl.errors import InputError

PETS = {'a.jpg': ['cat'], 'b.jpg': ['cat', 'dog']}
RECORDS = [{'image': image, 'labels': labels} for image, labels in PETS.items()]
WIDE = [{'image': 'a.jpg', 'cat': 1, 'dog': 0}, {'image': 'b.jpg', 'cat': 1, 'dog': 1}]


@pytest.mark.parametrize(
    'content',
    [
        {'a.jpg': 'cat', 'b.jpg': 'cat|dog'},
        {'a.jpg': 'cat', 'b.jpg': ['cat', 'dog']},
        {'a.jpg': {'cat': 1, 'dog': 0}, 'b.jpg': {'cat': 1, 'dog': 1}},
        {'a.jpg': {'cat': True, 'dog': False}, 'b.jpg': {'cat': True, 'dog': True}},
        {'a.jpg': {'tags': ['cat'], 'width': 9}, 'b.jpg': {'tags': ['cat', 'dog'], 'width': 8}},
        {'x/a.jpg': {'image': 7, 'tags': ['cat']}, 'x/b.jpg': {'image': 8, 'tags': ['cat', 'dog']}},
        {'annotations': RECORDS},
        {'data': RECORDS, 'version': 2},
        {'images': WIDE, 'name': 'pets', 'classes': ['cat', 'dog']},
        {'samples': [{'name': f'{r["image"]}', 'labels': r['labels']} for r in RECORDS]},
        {'info': {'by': 'me'}, 'items': RECORDS},
        {'schema': {'fields': []}, 'data': WIDE},
    ],
)
def test_json_is_read(read, content):
    found = read(json.dumps(content), 'train.json')
    assert {path.removeprefix('x/'): row for path, row in found.items()} == PETS


def test_pictures_without_suffix_are_found_in_a_wrapped_list(read):
    records = [{'image_id': 'p1', 'labels': ['cat']}, {'image_id': 'p2', 'labels': []}]
    assert read(json.dumps({'items': records}), 'train.json') == {'p1': ['cat'], 'p2': []}


def test_the_form_of_a_wrapped_list_is_said(reading):
    assert reading(json.dumps({'items': RECORDS}), 'train.json').understood['file'] == (
        "a list of records under 'items'"
    )


CLASSES = ['cat', 'dog', 'owl']


def test_classes_named_beside_a_wrapped_list_are_those_of_its_numbers(read, reading):
    def written(*labels: object, key: str = 'classes') -> str:
        images = [{'file': f'{i}.jpg', 'labels': own} for i, own in enumerate(labels)]
        return json.dumps({key: CLASSES, 'images': images})

    named = {'0.jpg': ['cat', 'owl'], '1.jpg': ['dog']}
    said = reading(written([0, 2], [1]), 'train.json').understood['labels']
    assert 'lists, numbers that the file names (--names)' in said
    for key in ('classes', 'class_names', 'Categories'):
        assert read(written([0, 2], [1], key=key), 'train.json') == named
    assert read(written([1, 0, 1], [0, 1, 0]), 'train.json') == named, 'vectors of 0 and 1'
    assert read(written(['owl', 'cat'], ['dog']), 'train.json') == named
    other = {'0.jpg': ['a', 'c'], '1.jpg': ['b']}
    assert read(written([0, 2], [1]), 'train.json', names=['a', 'b', 'c']) == other
    spaced = written([0, 2], [1]).replace('"cat"', '" cat "')
    assert read(spaced, 'train.json') == named
    unnamed = written([0, 2], [1]).replace('"cat"', '""')
    assert read(unnamed, 'train.json') == {'0.jpg': ['0', '2'], '1.jpg': ['1']}
    with pytest.raises(InputError, match="none of the number 0, so that 'cat' may be that of 1"):
        read(written([1, 2], [1]), 'train.json')
    with pytest.raises(InputError, match=r'its list of classes has 3 names, but .* has a class 3'):
        read(written([0, 3], [1]), 'train.json')


def test_null_is_not_guessed(read):
    text = json.dumps({'a.jpg': ['cat'], 'b.jpg': None})
    with pytest.raises(InputError, match='no label in record 2; --blank negative'):
        read(text, 'train.json')
    assert read(text, 'train.json', blank='negative') == {'a.jpg': ['cat'], 'b.jpg': []}
    text = json.dumps({'a.jpg': {'cat': 1, 'dog': 0}, 'b.jpg': {'cat': 1}})
    with pytest.raises(InputError, match=r"empty cell in record 2 \('dog'\); --blank negative"):
        read(text, 'train.json')


def test_scores_by_picture_want_a_threshold(read):
    text = json.dumps({'a.jpg': {'cat': 0.7, 'dog': 0.2}, 'b.jpg': {'cat': 0.9, 'dog': 0.6}})
    with pytest.raises(InputError, match=r'number between 0 and 1 .*--confidence 0\.5'):
        read(text, 'train.json')
    assert read(text, 'train.json', confidence=0.5) == PETS


def test_one_record_is_no_wrapped_list(read):
    record = {'image': 'a.jpg', 'annotations': [{'label': 'cat', 'id': 1}]}
    assert read(json.dumps(record), 'train.jsonl') == {'a.jpg': ['cat']}
    record = {'name': 'p1', 'objects': [{'id': 7, 'label': 'cat'}]}
    found = read(json.dumps(record), 'train.jsonl', labels_column='objects')
    assert found == {'p1': ['cat']}


@pytest.mark.parametrize('more', [{'categories': []}, {'categories': [{'id': 1, 'name': 'cat'}]}])
def test_coco_s_form_keeps_its_message(read, more):
    coco = {'images': [{'id': 1, 'file_name': 'a.jpg'}], 'annotations': []} | more
    with pytest.raises(InputError, match="COCO's form; read it with `build_dataset coco"):
        read(json.dumps(coco), 'train.json')


def test_two_lists_of_objects_are_not_chosen_from(read):
    with pytest.raises(InputError, match=r'--image-column|which columns hold labels'):
        read(json.dumps({'images': RECORDS, 'more': RECORDS}), 'train.json')


COLUMNS = {name: {str(i): row[name] for i, row in enumerate(WIDE)} for name in WIDE[0]}
BY_PICTURE = {row['image']: {'cat': row['cat'], 'dog': row['dog']} for row in WIDE}
CELLS = [[row['cat'], row['dog']] for row in WIDE]


@pytest.mark.parametrize(
    'content',
    [
        COLUMNS,
        {str(i): row for i, row in enumerate(WIDE)},
        BY_PICTURE,
        {name: {i: row[name] for i, row in BY_PICTURE.items()} for name in ('cat', 'dog')},
        {'columns': [*WIDE[0]], 'index': [0, 1], 'data': [[*row.values()] for row in WIDE]},
        {'columns': ['cat', 'dog'], 'index': [*PETS], 'data': CELLS},
        {name: [row[name] for row in WIDE] for name in WIDE[0]},
        {'image': [*PETS], 'labels': [*PETS.values()]},
        {'cat': ['a.jpg', 'b.jpg'], 'dog': ['b.jpg']},
    ],
)
def test_what_pandas_and_dictionaries_write_is_read(read, content):
    assert read(json.dumps(content), 'train.json') == PETS


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        (
            {'train': RECORDS, 'test': RECORDS},
            'holds several splits; write each into a file of its',
        ),
        ({'p1': ['cat'], 'p2': ['dog']}, 'open whether its keys are pictures or classes; write'),
    ],
)
def test_what_may_mean_several_things_is_asked_for(read, content, message):
    with pytest.raises(InputError, match=message):
        read(json.dumps(content), 'train.json')


def datumaro(**image):
    items = [
        {'id': path[0], 'annotations': [{'label_id': 'x cat dog'.split().index(n)} for n in names]}
        for path, names in PETS.items()
    ]
    for item in items:
        item |= {key: {'path': f'{item["id"]}.jpg'} for key in image}
    categories = {'label': {'labels': [{'name': n} for n in ('x', 'cat', 'dog')]}}
    return {'categories': categories, 'items': items}


def samples(kind, key):
    return {
        'samples': [
            {'filepath': path, 'tags': ['new'], 'ground_truth': {'_cls': kind, key: found}}
            for path, names in PETS.items()
            for found in [[{'label': name, 'confidence': None} for name in names]]
        ]
    }


VIA_3 = {
    'attribute': {'1': {'aname': 'pet', 'options': {'0': 'cat', '1': 'dog'}}},
    'file': {'1': {'fname': 'a.jpg'}, '2': {'fname': 'b.jpg'}},
    'view': {'1': {'fid_list': ['1']}, '2': {'fid_list': [2]}},
    'metadata': {'1_a': {'vid': '1', 'av': {'1': '0'}}, '2_b': {'vid': '2', 'av': {'1': '0,1'}}},
}


@pytest.mark.parametrize(
    ('content', 'form'),
    [
        (datumaro(image=1), "Datumaro's form"),
        (datumaro(media=1), "Datumaro's form"),
        (samples('Classifications', 'classifications'), "FiftyOne's samples"),
        (samples('Detections', 'detections'), "FiftyOne's samples"),
        (VIA_3, 'a project of VGG Image Annotator 3'),
    ],
)
def test_projects_of_tools_are_read(read, reading, content, form):
    assert read(json.dumps(content), 'train.json') == PETS
    assert reading(json.dumps(content), 'train.json').understood['file'] == form


def test_a_sample_s_score_is_not_overlooked(read):
    content = samples('Detections', 'detections')
    content['samples'][0]['ground_truth']['detections'][0]['confidence'] = 0.4
    with pytest.raises(InputError, match=r'open which columns|is no name of a class'):
        read(json.dumps(content), 'train.json')


def test_columns_of_pandas_may_be_numbers(read):
    content = {'columns': ['image', 0, 1], 'data': [['a.jpg', 1, 0], ['b.jpg', 1, 1]]}
    assert read(json.dumps(content), 'train.json') == {'a.jpg': ['0'], 'b.jpg': ['0', '1']}
