"""The folders of label files that tools write: which files are read, and what they are read as."""

import json
from pathlib import Path

import pytest

from dbl.dataset_tools.own_coco import find_coco_files, read_coco_files
from dbl.dataset_tools.own_data import make_splits
from dbl.dataset_tools.own_tables import read_tables
from dbl.dataset_tools.own_voc import read_voc_files
from dbl.dataset_tools.wishes import Wishes
from dbl.errors import InputError
from dbl.label_files.answers import Answers
from dbl.label_files.find import find_label_files

PETS = {'a.jpg': {'cat'}, 'b.jpg': {'cat', 'dog'}}
WIDE = 'image,cat,dog\na.jpg,1,0\nb.jpg,1,1\n'


@pytest.fixture
def write(tmp_path):
    """Writes files of the given content into a folder."""

    def write(files):
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text if isinstance(text, str) else json.dumps(text))
        return tmp_path

    return write


def shown(reading) -> dict[str, set[str]]:
    """The classes of each picture, by the name of its file."""
    found = reading.annotations
    names = [path.split('/')[-1] for path in found.image_paths]
    rows = ({found.classes[c] for c in row} for row in found.label_indices)
    return dict(zip(names, rows, strict=True))


@pytest.mark.parametrize(
    ('files', 'expected'),
    [
        (['train.csv'], ['train.csv']),
        (['train.tsv', 'test.jsonl', 'val.json'], ['train.tsv', 'test.jsonl', 'val.json']),
        (['training.txt', 'testing.txt', 'dev.txt'], ['training.txt', 'testing.txt', 'dev.txt']),
        (
            ['train/_classes.csv', 'valid/_classes.csv'],
            ['train/_classes.csv', 'valid/_classes.csv'],
        ),
        (
            ['train/metadata.csv', 'test/metadata.jsonl', 'train/notes.csv'],
            ['train/metadata.csv', 'test/metadata.jsonl'],
        ),
        (['labels.csv', 'readme.md'], ['labels.csv']),
        (['labels.csv', 'test.csv'], ['labels.csv', 'test.csv']),
        (['train.csv', 'other.csv'], ['train.csv']),
    ],
)
def test_the_table_of_each_split_is_found(write, files, expected):
    root = write(dict.fromkeys(files, WIDE))
    found = [path.relative_to(root).as_posix() for path in find_label_files(root).values()]
    assert found == expected


def test_of_several_tables_one_is_named(write):
    root = write({'train.csv': WIDE, 'train.json': '[]', 'my.csv': WIDE})
    with pytest.raises(InputError, match=r"train.csv' and '.*train.json' are there; --train names"):
        find_label_files(root)
    assert find_label_files(root, '.csv') == {'train': root / 'train.csv'}
    given = find_label_files(root, given={'train': root / 'my.csv', 'test': None})
    assert given == {'train': root / 'my.csv'}


def test_a_table_that_is_named_for_one_split_is_not_that_of_another_as_well(write, monkeypatch):
    root = write({'train.csv': WIDE, 'valid.csv': WIDE})
    monkeypatch.chdir(root)
    for given in (root / 'valid.csv', Path('valid.csv')):
        assert find_label_files(root, given={'test': given}) == {
            'train': root / 'train.csv',
            'test': given,
        }


@pytest.mark.parametrize(
    ('files', 'message'),
    [
        ([], 'has no table of labels, such as train.csv or labels.json'),
        (['a.csv', 'b.csv'], "but 'a.csv', 'b.csv'; --train FILE"),
        (['train.pkl'], 'is a pickle, which can run code when it is read; save it as train.csv'),
        (['train.csv.zip'], 'train.csv.zip. is packed; unpack it'),
        (['labels.npy'], 'labels.npy. holds arrays; save its labels as train.csv'),
    ],
)
def test_where_there_is_no_table_it_says_what_there_is(write, files, message):
    root = write(dict.fromkeys(files, WIDE))
    with pytest.raises(InputError, match=message):
        find_label_files(root)
    with pytest.raises(InputError, match='is no folder; --root must be the folder of the data'):
        find_label_files(root / 'no')


@pytest.mark.parametrize(
    ('name', 'text'),
    [
        ('_classes.csv', 'filename, cat, dog\na.jpg, 1, 0\nb.jpg, 1, 1\n'),  # Roboflow
        ('metadata.csv', 'file_name,cat,dog\na.jpg,1,0\nb.jpg,1,1\n'),  # imagefolder
        (
            'metadata.jsonl',
            '{"file_name": "a.jpg", "labels": ["cat"]}\n'
            '{"file_name": "b.jpg", "labels": ["cat", "dog"]}\n',
        ),
    ],
)
def test_a_table_beside_the_pictures_of_its_split_is_read(write, name, text):
    folders = ('train', 'test', 'valid')
    files = {f'{folder}/{name}': text.replace('a.jpg', f'{folder}.jpg') for folder in folders}
    pictures = {f'{folder}/{p}.jpg': '' for folder in folders for p in (folder, 'b')}
    root = write(files | pictures)
    splits = make_splits(root, read_tables(root), Wishes()).splits
    assert [*splits] == ['train', 'test', 'val']
    assert splits['val'].image_paths == ['images/valid/valid.jpg', 'images/valid/b.jpg']
    assert splits['train'].image_paths == ['images/train/train.jpg', 'images/train/b.jpg']
    assert all(split.label_indices == [[0], [0, 1]] for split in splits.values())


def test_an_empty_column_of_a_test_table_is_that_of_a_class_that_is_trained(write):
    root = write({'train.csv': WIDE, 'test.csv': 'image,cat,dog,note\nc.jpg,1,,\nd.jpg,1,,\n'})
    with pytest.raises(InputError, match=r"empty cell in line 2 \('dog'\), line 3 .*; --blank"):
        read_tables(root)
    splits = make_splits(
        root, read_tables(root, answers=Answers(blank='negative')), Wishes()
    ).splits
    assert splits['test'].classes == ['cat', 'dog']
    assert splits['test'].label_indices == [[0], [0]]


NUS = {
    'ImageList/TrainImagelist.txt': 'x\\a.jpg\nx\\b.jpg\n',
    'ImageList/TestImagelist.txt': 'x\\c.jpg\n',
    'TrainTestLabels/Labels_cat_Train.txt': '1\n1\n',
    'TrainTestLabels/Labels_dog_Train.txt': '0\n1\n',
    'TrainTestLabels/Labels_cat_Test.txt': '0\n',
    'TrainTestLabels/Labels_dog_Test.txt': '1\n',
}


def test_nus_wide_is_read(write):
    readings = read_tables(write(NUS))
    assert shown(readings['train']) == PETS
    assert readings['train'].annotations.image_paths == ['x/a.jpg', 'x/b.jpg']
    assert shown(readings['test']) == {'c.jpg': {'dog'}}


@pytest.mark.parametrize(
    ('file', 'text', 'message'),
    [
        ('TrainTestLabels/Labels_dog_Train.txt', '0\n', 'has 1 lines for 2 pictures'),
        ('TrainTestLabels/Labels_dog_Train.txt', '0\n2\n', "expected 0 or 1, but got '2'"),
        ('ImageList/TestImagelist.txt', None, 'TestImagelist.txt'),
        ('TrainTestLabels/Labels_*_Test.txt', None, 'there is no such file'),
    ],
)
def test_what_is_wrong_in_nus_wide_is_named(write, file, text, message):
    root = write(NUS)
    for path in root.glob(file):
        path.unlink() if text is None else path.write_text(text)
    with pytest.raises(InputError, match=message):
        read_tables(root)


IMAGES = [{'id': i, 'file_name': name} for i, name in enumerate(PETS, start=1)]
CATEGORIES = [{'id': i, 'name': name} for i, name in enumerate(('all', 'cat', 'dog'))]
OBJECTS = [{'image_id': i, 'category_id': c} for i, c in ((1, 1), (1, 1), (2, 1), (2, 2))]
COCO = {'images': IMAGES, 'categories': CATEGORIES, 'annotations': OBJECTS}


def changed(key, **more):
    """COCO's form, with more in each entry of a list."""
    return COCO | {key: [entry | more for entry in COCO[key]]}


@pytest.mark.parametrize(
    'content',
    [
        COCO,
        changed('annotations', area=0, bbox=[0.1, 0.1, 0.2, 0.2]),
        changed('annotations', area=None, bbox=[]),
        changed('annotations', iscrowd=1),
        COCO | {'annotations': [*OBJECTS, {'image_id': 9, 'category_id': 2}]},
        COCO | {'annotations': [*OBJECTS, {'image_id': 1, 'category_id': 9}]},
        COCO | {'annotations': [*OBJECTS, {'image_id': 1, 'category_id': 2, 'ignore': 1}]},
        COCO | {'annotations': [{k: str(v) for k, v in entry.items()} for entry in OBJECTS]},
        COCO | {'images': [*IMAGES, {'id': 3, 'file_name': 'a.jpg'}]},
        COCO
        | {'images': [{'id': e['id'], 'coco_url': f'http://x/{e["file_name"]}'} for e in IMAGES]},
        COCO | {'categories': [entry | {'name': f' {entry["name"]} '} for entry in CATEGORIES]},
    ],
)
def test_coco_s_form_is_read(write, content):
    root = write({'train.json': content})
    reading = read_coco_files({'train': root / 'train.json'}, Answers())['train']
    assert shown(reading) == PETS
    assert "categories without objects: 'all'" in reading.understood['left out']
    left = len(content['annotations']) - len(OBJECTS)
    assert f'of which {left} do not count' in reading.understood['objects']


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        ('{', 'is not JSON'),
        ([], 'it has no list of images'),
        (
            {'images': [], 'categories': []},
            'it has no list of annotations; a test set needs labels',
        ),
        (changed('images', id=1), r'an id that came before in images\[1\] \(1\)'),
        (changed('images', file_name=None), r'no id or no file_name in images\[0\], images\[1\]'),
        (changed('categories', name=None), r'categories\[0\]: expected id and name'),
    ],
)
def test_what_is_not_in_coco_s_form_is_named(write, content, message):
    root = write({'train.json': content})
    with pytest.raises(InputError, match=message):
        read_coco_files({'train': root / 'train.json'}, Answers())


@pytest.mark.parametrize(
    ('train', 'test'),
    [
        ('annotations/instances_train2017.json', 'annotations/instances_val2017.json'),
        ('annotations/instances_default.json', 'annotations/instances_test.json'),  # CVAT
        ('train/_annotations.coco.json', 'valid/_annotations.coco.json'),  # Roboflow
        ('train.json', 'test.json'),
    ],
)
def test_files_in_coco_s_form_are_found(write, train, test):
    root = write({train: COCO, test: COCO, 'annotations/captions_train2017.json': '{}'})
    if 'instances_train' not in train:
        (root / 'annotations/captions_train2017.json').unlink()
    assert find_coco_files(root, {}) == {'train': root / train, 'test': root / test}
    given = find_coco_files(root, {'train': root / 'my.json', 'val': None})
    assert given['train'] == root / 'my.json'


def test_of_several_files_in_coco_s_form_one_is_named(write):
    root = write({'train_a.json': COCO, 'train_b.json': COCO})
    with pytest.raises(InputError, match='are there; --train-json names one'):
        find_coco_files(root, {})


def xml(*names, difficult=0, encoding=None):
    """An XML file in VOC's form, whose objects have parts."""
    declared = f'<?xml version="1.0" encoding="{encoding}"?>' if encoding else ''
    objects = ''.join(
        f'<object><name>{name}</name><difficult>{difficult}</difficult>'
        '<part><name>head</name></part></object>'
        for name in names
    )
    return f'{declared}<annotation><filename>x</filename>{objects}</annotation>'


FILES = {'a': xml('cat', 'cat'), 'b': xml('cat', 'dog')}
DEVKIT = {f'VOC2012/Annotations/{k}.xml': text for k, text in FILES.items()}
LISTS = 'ImageSets/Main'
LAYOUTS = {
    'a devkit': DEVKIT
    | {f'VOC2012/{LISTS}/trainval.txt': 'a\nb.jpg\n', f'VOC2007/{LISTS}/test.txt': 'c\n'}
    | {'VOC2007/Annotations/c.xml': xml('dog')},
    'one folder with lists': {f'Annotations/{k}.xml': text for k, text in FILES.items()}
    | {f'{LISTS}/train.txt': 'a\nb\n', f'{LISTS}/test.txt': 'c\n', 'Annotations/c.xml': xml('dog')},
    'one folder': {f'Annotations/{k}.xml': text for k, text in FILES.items()},
    'beside the pictures': {f'train/{k}.xml': text for k, text in FILES.items()}
    | {'test/c.xml': xml('dog'), 'test/c.jpg': '', 'train/a.jpg': ''},
}


@pytest.mark.parametrize('layout', LAYOUTS)
def test_xml_in_voc_s_form_is_found_and_read(write, layout):
    readings = read_voc_files(write(LAYOUTS[layout]), Answers(), difficult=True)
    assert shown(readings['train']) == PETS
    if layout == 'one folder':
        assert [*readings] == ['train']
    else:
        assert shown(readings['test']) == {'c.jpg': {'dog'}}


@pytest.mark.parametrize('word', ['1', 'True', 'yes'])
def test_difficult_objects_count_unless_one_says_otherwise(write, word):
    root = write({'train/a.xml': xml('cat'), 'train/b.xml': xml('dog', difficult=word)})
    assert shown(read_voc_files(root, Answers(), True)['train'])['b.jpg'] == {'dog'}
    reading = read_voc_files(root, Answers(), False)['train']
    assert shown(reading) == {'a.jpg': {'cat'}, 'b.jpg': set()}
    assert reading.understood['objects'].startswith('2, of which 1 difficult ones do not count')


def test_xml_in_an_encoding_of_several_bytes_is_read(write):
    root = write({})
    (root / 'train').mkdir()
    (root / 'train/a.xml').write_bytes(xml('猫', encoding='gb2312').encode('gb2312'))
    assert shown(read_voc_files(root, Answers(), True)['train']) == {'a.jpg': {'猫'}}


@pytest.mark.parametrize(
    ('files', 'message'),
    [
        ({}, 'has no XML files, nor have its folders Annotations'),
        ({'train/a.xml': '<a', 'train/b.xml': '<b'}, r'a\.xml.* is not an XML.*b\.xml.* is not an'),
        ({'train/a.xml': xml('')}, 'object 1 has no name'),
        ({'train/a.xml': xml('cat', 'Cat')}, "'Cat' and 'cat', which differ by case.*--merge-case"),
        ({'train/a.xml': xml('cat', difficult=1)}, 'none of the 1 objects counts; without'),
    ],
)
def test_what_is_wrong_with_xml_is_named(write, files, message):
    with pytest.raises(InputError, match=message):
        read_voc_files(write(files), Answers(), difficult=False)
