"""What a table leaves open is refused, and never guessed: a class must not come or go unsaid."""

import json

import pytest

from dbl.commands.build_dataset import main
from dbl.dataset_tools.own_data import make_splits
from dbl.dataset_tools.own_tables import read_tables
from dbl.dataset_tools.own_voc import read_voc_files
from dbl.dataset_tools.wishes import Wishes
from dbl.errors import InputError
from dbl.label_files.answers import Answers
from dbl.label_files.reading import read_table


@pytest.fixture
def read(tmp_path):
    """Writes a table and reads it: the classes that each picture shows, by name."""

    def read(text, name='train.csv', **answers):
        path = tmp_path / name
        path.write_text(text)
        found = read_table(path, Answers(**answers)).annotations
        return {
            image: sorted(found.classes[c] for c in row)
            for image, row in zip(found.image_paths, found.label_indices, strict=True)
        }

    return read


def test_a_class_that_is_labelled_in_late_rows_alone_is_kept(read):
    early = ''.join(f'{i}.jpg,1,0,\n' for i in range(1005))
    found = read(f'image,cat,dog,rare\n{early}z.jpg,0,1,1\n', blank='negative')
    assert found['z.jpg'] == ['dog', 'rare']
    assert found['0.jpg'] == ['cat']


@pytest.mark.parametrize(
    ('column', 'message'),
    [
        ('10O10101', r"neither 0 nor 1 in line 4 \('dog': 'O'\); --positive-words"),
        ('10201310', r"neither 0 nor 1 in line 4 \('dog': '2'\), line 7 \('dog': '3'\); --pos"),
    ],
)
def test_an_odd_cell_does_not_take_its_class_along(read, column, message):
    rows = ''.join(f'{i}.jpg,1,{cell}\n' for i, cell in enumerate(column))
    with pytest.raises(InputError, match=message):
        read(f'image,cat,dog\n{rows}')


def test_one_of_two_columns_of_a_name_may_be_empty(read):
    assert read('image,cat,cat,dog\na.jpg,1,,0\nb.jpg,0,,1\n') == {
        'a.jpg': ['cat'],
        'b.jpg': ['dog'],
    }


@pytest.mark.parametrize(
    'text',
    [
        'image,category,cat,dog\na.jpg,indoor,1,0\nb.jpg,outdoor,1,1\n',
        "image,N,D,labels\na.jpg,1,0,['D']\nb.jpg,0,1,['D']\n",
        'image,label,blurred\na.jpg,1,0\nb.jpg,0,1\n',
        'image,cat,dog\na.jpg,seen,\nb.jpg,,seen\n',
    ],
)
def test_two_sets_of_labels_are_not_chosen_from(read, text):
    with pytest.raises(InputError, match='leaves open which columns hold labels'):
        read(text)


def test_a_word_that_is_no_name_makes_no_class(read):
    with pytest.raises(InputError, match=r"hold \['seen'\] alone.*; write 1 and 0"):
        read('image,cat,dog\na.jpg,seen,\nb.jpg,,seen\n', label_columns=['cat', 'dog'])


@pytest.mark.parametrize('words', ['x -', 'ja nein', 'WAHR FALSCH', 'present absent', '1,0 0,0'])
def test_words_of_other_languages_and_programs_are_known(read, words):
    yes, no = words.split()
    no = '' if no == '-' else no
    text = f'image;cat;dog\na.jpg;{yes};{no}\nb.jpg;{no};{yes}\n'
    assert read(text, blank='negative') == {'a.jpg': ['cat'], 'b.jpg': ['dog']}


def test_names_are_taken_before_numbers(read):
    text = 'image,class_id,class_name\na.jpg,0,cat\nb.jpg,1,dog\n'
    assert read(text) == {'a.jpg': ['cat'], 'b.jpg': ['dog']}


def test_minus_one_beside_an_empty_cell_is_open(read):
    with pytest.raises(InputError, match=r'-1 beside other words .*; --uncertain'):
        read('image,cat,dog\na.jpg,1,-1\nb.jpg,,1\n', blank='negative')


CAT_DOG = {'a.jpg': ['cat', 'dog'], 'b.jpg': ['cat']}


@pytest.mark.parametrize(
    ('two', 'one'),
    [
        ("['cat' 'dog']", "['cat']"),
        ("('cat', 'dog')", "('cat',)"),
        ("{'cat', 'dog'}", "{'cat'}"),
        ('{cat,dog}', '{cat}'),
        ("{'cat': 1, 'dog': 1}", "{'cat': 1, 'dog': 0}"),
    ],
)
def test_lists_that_were_printed_into_cells_are_read(read, two, one):
    assert read(f'image;labels\na.jpg;{two}\nb.jpg;{one}\n') == CAT_DOG


@pytest.mark.parametrize(
    ('two', 'one'),
    [
        ({'cat': 1, 'dog': 1}, {'cat': 1, 'dog': 0}),
        ({'cat': True, 'dog': True}, {'cat': True, 'dog': False}),
        ([['cat', 'dog']], [['cat']]),
    ],
)
def test_objects_of_json_are_read(read, two, one):
    records = [{'image': 'a.jpg', 'labels': two}, {'image': 'b.jpg', 'labels': one}]
    assert read(json.dumps(records), 'train.json') == CAT_DOG


@pytest.mark.parametrize(
    'vectors', [([1, 1, 0], [1, 0, 0]), ([1.0, 1.0, 0.0], [True, False, False])]
)
def test_vectors_are_read(read, vectors):
    records = [{'image': i, 'labels': v} for i, v in zip(CAT_DOG, vectors, strict=True)]
    found = read(json.dumps(records), 'train.json', names=['cat', 'dog', 'owl'])
    assert found == CAT_DOG


def test_a_mapping_that_is_not_understood_makes_no_class(read):
    records = [{'image': 'a.jpg', 'labels': [{'category_id': 3}]}]
    with pytest.raises(InputError, match='is no name of a class'):
        read(json.dumps(records), 'train.json')


def test_a_class_may_be_called_none_beside_another(read):
    text = 'image,labels\na.jpg,cat|None\nb.jpg,K|NA\n'
    assert read(text) == {'a.jpg': ['None', 'cat'], 'b.jpg': ['K', 'NA']}


@pytest.mark.parametrize(
    ('cells', 'message'),
    [
        (('"cat,dog"', 'dog;cat'), "both ';' and ',' may part names; --separator"),
        (('"tench, Tinca tinca"', 'goldfish'), 'one class or several; --separator none'),
    ],
)
def test_a_separator_is_not_guessed(read, cells, message):
    rows = ''.join(f'{i}.jpg,{cell}\n' for i, cell in enumerate(cells))
    with pytest.raises(InputError, match=message):
        read(f'image,labels\n{rows}')


def test_the_names_of_fiftyone_and_the_columns_of_pandas_are_kept(read):
    numbers = {'classes': ['cat', 'dog'], 'labels': {'a': [0, 1], 'b': [0]}}
    assert read(json.dumps(numbers), 'train.json') == {'a': ['cat', 'dog'], 'b': ['cat']}
    pandas = {'image': {'0': 'a.jpg', '1': 'b.jpg'}, 'labels': {'0': 'cat|dog', '1': 'cat'}}
    assert read(json.dumps(pandas), 'train.json') == CAT_DOG


@pytest.mark.parametrize('header', ['image,0,1', 'image,yes,no', 'Image Index,1,2', 'filename,x,y'])
def test_a_header_that_names_the_pictures_is_one(read, header):
    first, second = header.split(',')[1:]
    assert read(f'{header}\na.jpg,1,0\nb.jpg,0,1\n') == {'a.jpg': [first], 'b.jpg': [second]}


def test_a_given_header_takes_no_row_away(read):
    text = 'img_one,cat|dog\nimg_two,cat\n'
    found = read(text, header=['image', 'labels'])
    assert found == {'img_one': ['cat', 'dog'], 'img_two': ['cat']}


def test_a_short_row_is_no_comment(read):
    with pytest.raises(InputError, match='2 cells instead of 3 in line 3'):
        read('image,cat,dog\na.jpg,1,0\n#b.jpg,1\n')


@pytest.mark.parametrize(
    'answers',
    [
        {'separator': ';'},
        {'names': ['a', 'b']},
        {'confidence': 0.5},
        {'uncertain': 'negative'},
        {'blank': 'negative'},
    ],
)
def test_an_answer_without_effect_is_refused(tmp_path, answers):
    (tmp_path / 'train.csv').write_text('image,cat,dog\na.jpg,1,0\nb.jpg,1,1\n')
    with pytest.raises(InputError, match=f'--{next(iter(answers))} has no effect'):
        read_tables(tmp_path, '', Answers(**answers))


def splits(root, **wishes):
    return make_splits(root, read_tables(root), Wishes(**wishes)).splits


def test_a_picture_is_in_one_split_and_a_group_is_named(tmp_path):
    (tmp_path / 'all.csv').write_text('image,label,set\na,cat,train\na,dog,test\nb,cat,test\n')
    with pytest.raises(InputError, match="line 3: the column 'set' holds 'test' beside another"):
        splits(tmp_path, split_column='set')
    (tmp_path / 'all.csv').write_text('image,label,who\na,cat,1\nb,cat,\nc,dog,2\n')
    with pytest.raises(InputError, match="line 3: the column 'who' holds nothing for 'b'"):
        splits(tmp_path, group='who', test_fraction=0.5)
    with pytest.raises(InputError, match='--group says how --test-fraction splits'):
        splits(tmp_path, group='who', split_column='label')


def test_a_picture_that_is_missing_is_not_replaced_by_one_of_its_name(tmp_path):
    (tmp_path / 'train.csv').write_text('image,cat\ntrain/a.jpg,1\ntrain/b.jpg,1\n')
    (tmp_path / 'test.csv').write_text('image,cat\ntest/b.jpg,1\n')
    for name in ('train/a.jpg', 'test/b.jpg'):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    with pytest.raises(InputError, match=r"1 of the 2 .* 'train/b.jpg', and there is 'test/b"):
        splits(tmp_path)


def test_pictures_that_all_moved_alike_are_found(tmp_path):
    (tmp_path / 'train.csv').write_text('image,cat\n/old/x/1/a.jpg,1\n/old/x/2/a.jpg,1\n')
    (tmp_path / 'test.csv').write_text('image,cat\n/old/x/1/b.jpg,1\n')
    for name in ('new/1/a.jpg', 'new/2/a.jpg', 'new/1/b.jpg'):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found = splits(tmp_path)
    assert found['train'].image_paths == ['images/new/1/a.jpg', 'images/new/2/a.jpg']


def test_pictures_of_other_names_are_no_reason_to_go_on(tmp_path):
    (tmp_path / 'train.csv').write_text('image,cat\n1,1\n2,1\n')
    (tmp_path / 'test.csv').write_text('image,cat\n3,1\n')
    (tmp_path / '0001.png').touch()
    with pytest.raises(InputError, match=r"2 of the 2 pictures .* is '1', and there is '0001.png'"):
        splits(tmp_path)


def test_a_suffix_in_capitals_is_one_and_a_spreadsheet_is_named(tmp_path):
    (tmp_path / 'labels.xlsx').touch()
    with pytest.raises(InputError, match=r'labels.xlsx. is a spreadsheet; save it as train.csv'):
        read_tables(tmp_path)
    (tmp_path / 'Train.CSV').write_text('image,cat\na.jpg,1\n')
    assert read_tables(tmp_path)['train'].annotations.classes == ['cat']


@pytest.mark.parametrize(
    ('xml', 'picture'),
    [
        ('annotations/a.xml', 'images/a.png'),
        ('Annotations/a.xml', 'JPEGImages/a.png'),
        ('labels/a.xml', 'Images/a.png'),
        ('images/a.xml', 'images/a.png'),
        ('a.xml', 'a.png'),
    ],
)
def test_xml_is_found_where_annotation_tools_put_it(tmp_path, xml, picture):
    for name in (xml, picture):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / xml).write_text('<annotation><object><name>cat</name></object></annotation>')
    found = read_voc_files(tmp_path, Answers(), difficult=True)['train'].annotations
    assert (found.classes, found.image_paths) == (['cat'], [picture])


def test_a_confidence_may_have_a_decimal_comma(read):
    wide = 'image;cat;dog\na.jpg;0,9;0,2\nb.jpg;0,5;1\n'
    long = 'image;label;confidence\na.jpg;cat;0,9\na.jpg;dog;0,2\nb.jpg;cat;0,5\nb.jpg;dog;1\n'
    for text in (wide, long):
        assert read(text, confidence=0.5) == {'a.jpg': ['cat'], 'b.jpg': ['cat', 'dog']}


def test_inspect_refuses_an_answer_without_effect(tmp_path, monkeypatch, capsys):
    (tmp_path / 'labels.csv').write_text('image,cat\na.jpg,1\n')
    given = ['build_dataset', 'inspect', str(tmp_path / 'labels.csv'), '--separator', ';']
    monkeypatch.setattr('sys.argv', given)
    with pytest.raises(SystemExit):
        main()
    assert '--separator has no effect' in capsys.readouterr().err


def test_one_name_in_two_folders_is_no_one_picture(read):
    """Rows of two pictures were joined to one."""
    text = 'folder,file,label\nx,a.jpg,cat\ny,a.jpg,dog\nx,b.jpg,cat\n'
    with pytest.raises(InputError, match=r"line 3: 'a.jpg' is in the folder 'y' .*as 'y/a.jpg'"):
        read(text)
    assert read(text.replace('y,a', 'x,a'))['a.jpg'] == ['cat', 'dog']


@pytest.mark.parametrize('sign', ['/', '-', '_', ' or ', '\u2022'])
def test_parts_of_a_rare_class_are_asked_for_too(read, sign):
    """No class is called fox alone, so that nothing was asked."""
    names = ['cat', 'dog', f'cat{sign}dog', f'cat{sign}fox']
    text = '\n'.join(['image,labels', *(f'{i}.jpg,{name}' for i, name in enumerate(names)), ''])
    with pytest.raises(InputError, match='is one class or several'):
        read(text)
    assert read(text, separator=sign)['2.jpg'] == ['cat', 'dog']


def test_a_first_row_of_bare_names_is_no_header(read):
    """It was lost: img001 is called as a column of pictures may be."""
    rows = 'img001,cat\nimg002,dog\nimg003,cat\n'
    with pytest.raises(InputError, match='--header'):
        read(rows)
    assert read(rows, header=['image', 'label'])['img001'] == ['cat']


def test_a_folder_that_is_dropped_is_not_asked_for(read):
    text = 'image,label,folder\na.jpg,cat,batch1\na.jpg,dog,batch2\nb.jpg,cat,batch1\n'
    with pytest.raises(InputError, match="--drop-columns 'folder'"):
        read(text)
    assert read(text, drop_columns=['folder'])['a.jpg'] == ['cat', 'dog']


@pytest.mark.parametrize(
    'names',
    [
        ['dog', 'collar', 'dog_collar', 'tennis_racket', 'traffic_light', 'fire_hydrant'],
        ['animal', 'animal/dog', 'animal/dog/poodle', 'animal/dog/beagle', 'animal/cat'],
    ],
)
def test_names_of_several_words_and_paths_are_whole(read, names):
    text = '\n'.join(['image,labels', *(f'{i}.jpg,{name}' for i, name in enumerate(names)), ''])
    assert [*read(text).values()] == [[name] for name in names]


def test_the_example_shows_why_it_is_asked(read):
    text = 'image,labels\na.jpg,bat-ball\nb.jpg,dog-cat\nc.jpg,dog\nd.jpg,cat\n'
    with pytest.raises(InputError, match="whether 'dog-cat' is one class or several"):
        read(text)


def test_the_advised_separator_parts(read):
    text = 'image,labels\na.jpg,cat\u00a0and\u00a0dog\nb.jpg,cat\n'
    with pytest.raises(InputError, match="--separator ' and ' parts it"):
        read(text)
    assert read(text, separator=' and ')['a.jpg'] == ['cat', 'dog']


def test_a_header_may_have_numbers(read):
    text = 'image1,label\nimage001,cat\nimage002,dog\n'
    assert read(text) == {'image001': ['cat'], 'image002': ['dog']}
