import hashlib
import json

import numpy as np
import pytest
from bombs import beginning

from dbl.datasets import Annotations, read_annotations, write_json
from dbl.errors import InputError


def test_reads_csv(tmp_path):
    path = tmp_path / 'train.csv'
    path.write_text('\ufeffimage,cat,"big, dog"\na.jpg,1,0\n\nsub/b.jpg, 0 ,1\nc.jpg,0,0\n')
    annotations = read_annotations(path)
    assert annotations == Annotations(
        ['cat', 'big, dog'], ['a.jpg', 'sub/b.jpg', 'c.jpg'], [[0], [1], []]
    )
    assert annotations.class_freq == [1, 1]
    assert annotations.labels.toarray().tolist() == [[1, 0], [0, 1], [0, 0]]


def test_json_comes_back_as_it_was_written(tmp_path):
    annotations = Annotations(['cat', 'öwl'], ['a.jpg', 'b.jpg'], [[0, 1], []], {'seed': 3})
    write_json(tmp_path / 'train.json', annotations)
    assert read_annotations(tmp_path / 'train') == annotations
    assert [p.name for p in tmp_path.iterdir()] == ['train.json']


def test_the_digest_is_of_paths_and_labels_in_order():
    """Worked out by hand: paths, where each image's labels end, and the labels, as int64."""
    paths, indices = ['a.jpg', 'b.jpg'], [[1], [0, 1]]
    numbers = np.array([0, 1, 3, 1, 0, 1], dtype='<i8')
    expected = hashlib.sha256(b'a.jpg\nb.jpg' + numbers.tobytes()).hexdigest()
    assert Annotations(['cat', 'dog'], paths, indices).sha256 == expected
    assert Annotations(['Cat', 'Dog'], paths, indices, {'seed': 3}).sha256 == expected
    for other in ((paths[::-1], indices), (paths, indices[::-1]), (paths, [[1, 0], [1]])):
        assert Annotations(['cat', 'dog'], *other).sha256 != expected


@pytest.mark.parametrize(
    ('text', 'message'),
    [
        ('', "line 1: expected the header 'image,<class>"),
        ('name,cat\na.jpg,1\n', "line 1: .* but got 'name,cat'; name the column of paths 'image'"),
        ('Image,cat\na.jpg,1\n', "but got 'Image,cat'; name .* 'image', in small letters"),
        ('image;cat\na.jpg;1\n', "but got 'image;cat'; separate the cells by commas, not semic"),
        ('image\tcat\na.jpg\t1\n', 'separate the cells by commas, not tabs'),
        ('image\na.jpg\n', "but got 'image'; add a column for each class"),
        ('image,cat\na.jpg,1\nb.jpg,2\n', "line 3, class 'cat': expected 0 or 1, but got '2'"),
        ('image,cat\na.jpg,\n', "line 2, class 'cat': expected 0 or 1, but got ''"),
        ('image,cat\na.jpg,1,0\n', 'line 2: expected 2 cells, but got 3'),
        ('image,cat\na.jpg,1\na.jpg,0\n', "image 2 is 'a.jpg', as is image 1"),
        ('image,cat,cat\na.jpg,1,0\n', "class 2 is 'cat', as is class 1"),
        ('image,cat,\na.jpg,1,0\n', "the name of class 2, '', is empty"),
        ('image,cat\n,1\n', "the name of image 1, '', is empty"),
        ('image,cat\n../a.jpg,1\n', "image 1, '../a.jpg', leaves the folder"),
        ('image,cat\na/../../b.jpg,1\n', 'leaves the folder of the annotations; put or link'),
        ('image,cat\n/etc/passwd,1\n', 'leaves the folder'),
        ('image,cat\nC:\\a.jpg,1\n', 'leaves the folder'),
        ('image,cat\n..\\a.jpg,1\n', 'leaves the folder'),
        ('image,cat\n', 'names no image'),
        (f'image,{"a" * 256}\na.jpg,1\n', r"class 'a{40}\.\.\.' are 256, but at most 255"),
        (f'image,cat\na.jpg,{"1" * 99_999}\n', r"expected 0 or 1, but got '1{40}\.\.\.'"),
        (f'image,{"a" * 99_999}\na.jpg,2\n', r"line 2, class 'a{40}\.\.\.': expected 0 or 1"),
        (f'image,cat\n{"a" * 4097},1\n', r"'a{40}\.\.\.', has 4097 characters, and no path has"),
        (
            'image,cat\na\0/../b.jpg,1\n',
            'has a control character|contains NUL',
        ),  # of csv, in Python 3.10
        (f'image{",a" * 300_000}\na.jpg{",1" * 300_000}\n', "class 2 is 'a', as is class 1"),
        ('image,cat\n"a.jpg,1\n', 'not a .csv file in UTF-8'),
        (b'image,c\xe4t\na.jpg,1\n', 'not a .csv file in UTF-8'),
    ],
    ids=beginning,
)
def test_bad_csv_is_named_with_its_place(tmp_path, text, message):
    path = tmp_path / 'train.csv'
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(InputError, match=message) as error:
        read_annotations(path)
    assert str(path) in str(error.value)
    assert len(str(error.value)) < 500


def entry(path='a.jpg', labels=(0,)):
    return {'img_path': path, 'labels': list(labels)}


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        ({}, "metainfo.classes and data_list; .*'metainfo'"),
        ([], 'metainfo.classes and data_list'),
        ({'metainfo': {'classes': ['cat']}}, "'data_list'"),
        ({'metainfo': {'classes': 'cat'}, 'data_list': [entry()]}, 'must be a list of names'),
        ({'metainfo': {'classes': ['cat']}, 'data_list': [{}]}, 'expected img_path and labels'),
        (
            {'metainfo': {'classes': ['cat']}, 'data_list': [3]},
            r'data_list\[0\]: expected img_path',
        ),
        ({'metainfo': {'classes': ['cat']}, 'data_list': {}}, 'must be a list of entries'),
        ({'metainfo': {'classes': ['cat']}, 'data_list': [entry('\ud800')]}, 'not Unicode text'),
        (f'{{"metainfo": {"7" * 5000}}}', 'is not a .json file'),
        (
            {'metainfo': {'classes': ['cat']}, 'data_list': [entry(labels=[1])]},
            r'\[0, 1\), but got \[1\]',
        ),
        ({'metainfo': {'classes': ['cat']}, 'data_list': [entry(labels=[-1])]}, r'data_list\[0\]'),
        (
            {'metainfo': {'classes': ['cat']}, 'data_list': [entry(labels=[0, 0])]},
            'different class',
        ),
        ({'metainfo': {'classes': ['cat']}, 'data_list': [entry(labels=['cat'])]}, 'indices'),
        (
            {'metainfo': {'classes': ['cat']}, 'data_list': [entry(path=3)]},
            'must be text, but got 3',
        ),
        ({'metainfo': {'classes': ['cat']}, 'data_list': [entry(), entry()]}, 'as is image 1'),
        ({'metainfo': {'classes': ['cat']}, 'data_list': []}, 'names no image'),
        (
            {'metainfo': {'classes': ['cat'], 'built': [1]}, 'data_list': [entry()]},
            r'metainfo.built must be an object, but got \[1\]',
        ),
        (
            {'metainfo': {'classes': ['cat']}, 'data_list': [entry(labels=range(99_999))]},
            r'\[0, 1\), but got \[0, 1, 2, [0-9, ]+\.\.\.$',
        ),
        (
            {'metainfo': {'classes': ['cat']}, 'data_list': [entry(labels=['x' * 99_999])]},
            r"indices, but got \['x+\.\.\.$",
        ),
        (
            {'metainfo': {'classes': ['cat']}, 'data_list': [entry(path=['x' * 99_999])]},
            r"must be text, but got \['x+\.\.\.$",
        ),
        ({'metainfo': {'classes': ['a' * 99_999]}, 'data_list': [entry()]}, r"'a{40}\.\.\.' are"),
        ({'metainfo': {'classes': ['cat']}, 'data_list': [entry(labels=[1e999])]}, r'got \[inf'),
        ('[' * 100_000, 'is not a .json file'),
        ('{"a":' * 100_000, 'is not a .json file'),
        ('{"metainfo": {}, "metainfo": {}}', "the key 'metainfo' comes 2 times in one object"),
    ],
    ids=beginning,
)
def test_bad_json_is_named_with_its_place(tmp_path, content, message):
    path = tmp_path / 'train.json'
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    with pytest.raises(InputError, match=message) as error:
        read_annotations(path)
    assert str(path) in str(error.value)
    assert len(str(error.value)) < 500


def test_torn_json_is_named(tmp_path):
    path = tmp_path / 'train.json'
    path.write_text('{"metainfo": {"cla')
    with pytest.raises(InputError, match=r'train.json.* is not a .json file in UTF-8'):
        read_annotations(path)


def test_a_missing_file_names_the_command(tmp_path):
    with pytest.raises(
        InputError,
        match=r"none of '.*train.json', '.csv' and '.jsonl' exists .*, make a set of it ",
    ):
        read_annotations(tmp_path / 'train')
    with pytest.raises(InputError, match=r'test.csv. does not exist'):
        read_annotations(tmp_path / 'test.csv')
    (tmp_path / 'test.xml').write_text('')
    with pytest.raises(InputError, match=r'must be a .json, .csv or .jsonl file'):
        read_annotations(tmp_path / 'test.xml')
    with pytest.raises(InputError, match=r"none of '.*train.v3.json'.* exists .*has test.xml"):
        read_annotations(tmp_path / 'train.v3')


def test_a_name_may_hold_a_dot(tmp_path):
    (tmp_path / 'train.v2.csv').write_text('image,cat\na.jpg,1\n')
    assert read_annotations(tmp_path / 'train.v2').image_paths == ['a.jpg']


@pytest.mark.parametrize(
    ('labels', 'unknown', 'message'),
    [
        ([0], [7], r'unknown must lie in \[0, 2\), but got \[7\]'),
        ([7], [0], r'labels must lie in \[0, 2\), but got \[7\]'),
        ([0], 1, 'unknown must be different class indices, but got 1'),
        ([0], [0], 'labels and unknown must be different class indices, but both have 0'),
        ([0], [1, 1], r'unknown must be different class indices, but got \[1, 1\]'),
    ],
)
def test_the_list_that_is_wrong_is_named(tmp_path, labels, unknown, message):
    entry = {'img_path': 'a.jpg', 'labels': labels, 'unknown': unknown}
    content = {'metainfo': {'classes': ['cat', 'dog']}, 'data_list': [entry]}
    (tmp_path / 'train.json').write_text(json.dumps(content))
    with pytest.raises(InputError, match=message):
        read_annotations(tmp_path / 'train')


def test_two_files_of_one_name_are_refused(tmp_path):
    for suffix in ('.json', '.csv'):
        (tmp_path / f'train{suffix}').write_text('')
    with pytest.raises(InputError, match='keep one of them'):
        read_annotations(tmp_path / 'train')


@pytest.mark.parametrize(
    ('names', 'shown'),
    [
        (['labels.csv', 'a.png'], 'has labels.csv'),
        (['b.png', 'a.png'], 'has a.png, b.png'),
        ([], 'has no file'),
        ([f'{"a" * 90}.csv'], r'has a{80}\.\.\.'),
    ],
    ids=beginning,
)
def test_where_a_table_is_missing_those_that_are_there_are_named(tmp_path, names, shown):
    for name in names:
        (tmp_path / name).touch()
    with pytest.raises(InputError, match=rf"exists \('{tmp_path}' {shown}\); rename the table"):
        read_annotations(tmp_path / 'train')


def test_jsonl(tmp_path):
    path = tmp_path / 'train.jsonl'
    path.write_text(
        '{"image": "a.jpg", "labels": ["dog", "cat"]}\n\n{"image": "\u2028b", "labels": []}\n',
        encoding='utf-8',
    )
    annotations = read_annotations(tmp_path / 'train')
    assert annotations.classes == ['cat', 'dog']
    assert annotations.image_paths == ['a.jpg', '\u2028b']
    assert annotations.label_indices == [[0, 1], []]


@pytest.mark.parametrize(
    'line',
    [
        'x',
        '[]',
        '3',
        '{"image": 3, "labels": []}',
        '{"image": "a"}',
        '{"image": "a", "labels": "x"}',
    ]
    + ['{"image": "a", "labels": [1]}', '{"image": "a", "labels": null}', '[' * 100_000],
    ids=beginning,
)
def test_bad_jsonl_is_named(tmp_path, line):
    path = tmp_path / 'train.jsonl'
    path.write_text('{"image": "b", "labels": ["cat"]}\n' + line)
    with pytest.raises(InputError, match=r'train.jsonl, line 2: expected \{"image"'):
        read_annotations(path)


def test_a_label_that_comes_twice_is_named(tmp_path):
    path = tmp_path / 'train.jsonl'
    path.write_text('{"image": "b", "labels": ["cat", "cat"]}')
    with pytest.raises(InputError, match=r'line 1: a label comes twice in'):
        read_annotations(path)


def test_a_key_of_a_line_that_comes_twice_is_named(tmp_path):
    path = tmp_path / 'train.jsonl'
    path.write_text('{"image": "a", "labels": ["cat"], "labels": []}')
    with pytest.raises(InputError, match=r"line 1: the key 'labels' comes 2 times"):
        read_annotations(path)


def test_the_longest_name_can_be_changed(tmp_path, monkeypatch):
    path = tmp_path / 'train.csv'
    path.write_text(f'image,{"a" * 256}\na.jpg,1\n')
    monkeypatch.setenv('DBL_MAX_NAME', '256')
    assert len(read_annotations(path).classes[0]) == 256


def test_a_path_that_no_file_can_have_does_not_exist(tmp_path):
    for name in ('a' * 300, f'{"a" * 300}.csv'):
        with pytest.raises(InputError, match='exist'):
            read_annotations(tmp_path / name)


@pytest.mark.parametrize(
    ('classes', 'paths', 'message'),
    [
        ([''], ['a'], "the name of class 1, '', is empty"),
        ([' '], ['a'], "the name of class 1, ' ', is empty"),
        (['cat', 'a\tb'], ['a'], 'class 2, .* has a control character'),
        (['\ud800'], ['a'], 'is not Unicode text'),
        (['cat', 'cat'], ['a'], "class 2 is 'cat', as is class 1; keep one"),
        (['a' * 256], ['a'], r"class 'a{40}\.\.\.' are 256, but at most 255"),
        ([], ['a'], 'names no class'),
        (['cat'], [], 'names no image'),
        (['cat'], ['../a'], "image 1, '../a', leaves the folder"),
        (['cat'], ['/a'], "image 1, '/a', leaves the folder"),
        (['cat'], ['a', './a'], "image 2 is 'a', as is image 1"),
        (['cat'], ['a' * 5000], 'has 5000 characters'),
    ],
    ids=beginning,
)
def test_what_would_not_be_read_is_not_written(tmp_path, classes, paths, message):
    path = tmp_path / 'train.json'
    with pytest.raises(InputError, match=rf"what '{path}' would hold.* ?{message}"):
        write_json(path, Annotations(classes, paths, [[]] * len(paths)))
    assert list(tmp_path.iterdir()) == []
