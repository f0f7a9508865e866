"""Names for the codes and numbers of a table, in a file of their own."""

import pytest

from dbl.errors import InputError
from dbl.label_files.answers import Answers
from dbl.label_files.reading import read_table

OPEN_IMAGES = (
    'ImageID,Source,LabelName,Confidence\na.jpg,human,/m/01yrx,1\na.jpg,human,/m/0bt9lr,0\n'
    'b.jpg,human,/m/01yrx,1\nb.jpg,human,/m/0bt9lr,1\n'
)
PETS = {'a.jpg': ['cat'], 'b.jpg': ['cat', 'dog']}
NAMES = '/m/01yrx,cat\n/m/0bt9lr,dog\n/m/0k4j,car\n'


@pytest.fixture
def named(tmp_path):
    """Writes a file of names, and gives its path."""

    def named(text, name='class-descriptions.csv'):
        path = tmp_path / name
        path.write_text(text)
        return path

    return named


@pytest.mark.parametrize('header', ['', 'LabelName,DisplayName\n'])
def test_open_images_classes_get_their_names(read, reading, named, header):
    path = named(header + NAMES)
    assert read(OPEN_IMAGES, class_names=path) == PETS
    found = reading(OPEN_IMAGES, class_names=path)
    assert found.understood['names'] == 'given to 2 of 2 classes (--class-names)'
    assert 'class_names' in found.used


@pytest.mark.parametrize(
    'text',
    [
        'image,label\na.jpg,1\nb.jpg,1\nb.jpg,7\nb.jpg,7\n',
        'image,labels\na.jpg,1\nb.jpg,1 7\n',
        'image,1,7\na.jpg,1,0\nb.jpg,1,1\n',
        'image,label1,label2\na.jpg,1,\nb.jpg,7,1\nb.jpg,7,7\nb.jpg,7,7\n',
    ],
)
def test_numbers_get_names_in_each_form(read, named, text):
    assert read(text, class_names=named('1;cat\n7;dog\n')) == PETS


def test_a_name_may_hold_the_delimiter(read, named):
    path = named('"/m/01yrx","Cat, tame"\n/m/0bt9lr,dog\n')
    assert read(OPEN_IMAGES, class_names=path)['a.jpg'] == ['Cat, tame']


def test_a_class_without_a_name_keeps_its_own_which_is_said(read, reading, named):
    path = named('/m/01yrx,cat\n')
    assert read(OPEN_IMAGES, class_names=path)['b.jpg'] == ['/m/0bt9lr', 'cat']
    said = reading(OPEN_IMAGES, class_names=path).understood['names']
    assert said == "given to 1 of 2 classes, not to '/m/0bt9lr' (--class-names)"


def test_classes_of_one_name_are_joined_where_one_says_so(read, named):
    path = named('/m/01yrx,pet\n/m/0bt9lr,pet\n')
    with pytest.raises(InputError, match=r"the classes 'pet' and 'pet', which .*--merge-case"):
        read(OPEN_IMAGES, class_names=path)
    found = read(OPEN_IMAGES, class_names=path, merge_case=True)
    assert found == {'a.jpg': ['pet'], 'b.jpg': ['pet']}


def test_a_column_of_a_known_class_may_be_empty_whatever_it_is_called(tmp_path, named):
    path = tmp_path / 'test.csv'
    path.write_text('image,1,7\na.jpg,1,\nb.jpg,1,\n')
    answers = Answers(class_names=named('1,cat\n7,dog\n'), blank='negative')
    found = read_table(path, answers, ['cat', 'dog']).annotations
    assert (found.classes, found.label_indices) == (['cat', 'dog'], [[0], [0]])


@pytest.mark.parametrize(
    ('text', 'answers', 'message'),
    [
        (
            'n1,cat\n',
            {},
            "no name for any class of .*, such as '/m/01yrx', but for 'n1'; its lines",
        ),
        ('/m/01yrx,cat,pet\n', {}, 'other than a class and its name in line 1; write two cells'),
        ('/m/01yrx,cat\n/m/01yrx,dog\n', {}, r"another name for a class in line 2 \('/m/01yrx'\)"),
        ('', {}, "csv' names no class"),
        (NAMES, {'names': ['cat']}, '--names and --class-names exclude each other'),
    ],
)
def test_a_file_that_does_not_fit_is_refused(read, named, text, answers, message):
    with pytest.raises(InputError, match=message):
        read(OPEN_IMAGES, class_names=named(text), **answers)


def test_a_file_that_is_not_there_is_named(read, tmp_path):
    with pytest.raises(InputError, match=r'no.csv. cannot be read: No such file'):
        read(OPEN_IMAGES, class_names=tmp_path / 'no.csv')


@pytest.mark.parametrize('content', ['{"0": "cat", "1": "dog"}', '{"cat": 0, "dog": 1}'])
def test_the_file_may_be_an_object_of_json(read, tmp_path, content):
    (tmp_path / 'names.json').write_text(content)
    text = 'image,labels\na.jpg,0 1\nb.jpg,1\n'
    found = read(text, class_names=tmp_path / 'names.json')
    assert found == {'a.jpg': ['cat', 'dog'], 'b.jpg': ['dog']}


@pytest.mark.parametrize(
    ('name', 'content', 'message'),
    [
        ('names.json', '["cat"]', 'is no object such as {"0": "cat"}'),
        ('names.json', '{"0": ["cat"]}', 'is no object such as'),
        ('names.json', '{', 'is not JSON'),
        ('names.txt', 'cat\ndog\n', 'a list of names alone, that of 0 first, is for --names'),
    ],
)
def test_other_files_are_refused_with_what_is_expected(read, tmp_path, name, content, message):
    (tmp_path / name).write_text(content)
    with pytest.raises(InputError, match=message):
        read('image,labels\na.jpg,0 1\n', class_names=tmp_path / name)
