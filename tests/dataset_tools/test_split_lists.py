"""Lists that say which pictures are tested on, as data sets publish them."""

import pytest

from dbl.dataset_tools.split_lists import splits_listed
from dbl.errors import InputError

NIH = 'Image Index,Finding Labels,Patient ID\n' + ''.join(
    f'{i // 2:08}_{i % 2:03}.png,{"Mass|Edema" if i % 3 else "Mass"},{i // 2}\n' for i in range(8)
)


def listed(write, images, lists):
    root = write(lists)
    return splits_listed(images, {name.partition('.')[0]: root / name for name in lists})


@pytest.mark.parametrize(
    ('image', 'line'),
    [
        ('a.jpg', 'a.jpg'),
        ('images/a.jpg', 'a.jpg'),
        ('images/a.jpg', 'a'),
        ('images/a.jpg', 'images/a'),
        ('a', 'a.jpg'),
        ('a.jpg', 'data/images/a.jpg'),
        ('images/a.jpg', './images/a.jpg'),
        ('images/a.jpg', r'images\a.jpg'),
        ('images/a.jpg', '/home/me/images/a.jpg'),
        ('/home/me/images/a.jpg', 'images/a.jpg'),
        ('a', '/home/me/a.jpg'),
    ],
)
def test_a_picture_may_be_named_with_other_folders_or_without_its_suffix(write, image, line):
    images = [image, image.replace('a', 'b'), 'images/ba.jpg']
    assert listed(write, images, {'test.txt': f'\n{line}\n\n'}) == ['test', 'train', 'train']


@pytest.mark.parametrize(
    ('images', 'line'),
    [
        (['a.jpg'], 'a.png'),
        (['train/a.jpg'], 'test/a.jpg'),
        (['ba.jpg'], 'a.jpg'),
        (['a.jpg'], 'images'),
        (['a.jpg'], '/'),
    ],
)
def test_a_picture_of_another_folder_or_suffix_is_another(write, images, line):
    with pytest.raises(InputError, match=r"test.txt' names 1 pictures that have no labels, of 1; "):
        listed(write, images, {'test.txt': line})


def test_a_path_is_taken_before_one_that_ends_in_it(write):
    images = ['x/a.jpg', 'a.jpg', 'a', 'b/x/a.jpg']
    assert listed(write, images, {'test.txt': 'a.jpg\na\n'}) == ['train', 'test', 'test', 'train']
    with pytest.raises(InputError, match=r"test.txt, line 1: 'b.jpg' may mean two pictures"):
        listed(write, ['x/b.jpg', 'y/b.jpg'], {'test.txt': 'b.jpg'})


@pytest.mark.parametrize(
    ('lists', 'message'),
    [
        ({'test.txt': 'c.jpg\na.jpg\nd.jpg\n'}, r"names 2 pictures .*, of 3; the first is 'c.jpg'"),
        ({'test.txt': 'a.jpg\n', 'val.txt': 'a\n'}, r"val.txt, line 1: 'a' is in test and valid"),
        ({'test.txt': '\n\n'}, r"test.txt' lists no picture"),
        ({'split.txt': 'a.jpg train\n'}, r"split.txt' lacks 1 of the 2 .*, the first is 'b.jpg'"),
        ({'split.txt': 'a.jpg train\nb.jpg 2\n'}, "expected train, test or val, but got '2'; numb"),
        ({'split.txt': 'a.jpg train\nb.jpg\n'}, 'line 2: expected a picture and its split, but'),
        ({'split.txt': 'image,split\n'}, r"split.txt' lists no picture"),
        ({'split.txt': 'a.jpg 0\nb.jpg 1\n'}, "expected train, test or val, but got '0'"),
    ],
)
def test_what_is_wrong_in_a_list_is_named(write, lists, message):
    with pytest.raises(InputError, match=message):
        listed(write, ['a.jpg', 'b.jpg'], lists)


@pytest.mark.parametrize(
    'text',
    [
        'a.jpg train\nb c.jpg test\n',
        'a.jpg,train\nb c.jpg,test\n',
        'image;split\na.jpg;Train\nb c.jpg;TEST\n',
        '"image","set"\n"a.jpg","train"\n"b c.jpg","test"\n',
        'a\ttraining\nb c\ttesting\n',
    ],
)
def test_a_list_of_all_pictures_may_be_parted_by_what_tables_are(write, text):
    assert listed(write, ['a.jpg', 'b c.jpg'], {'split.txt': text}) == ['train', 'test']


def test_nih_s_list_says_what_is_tested_on(write, build, splits):
    names = [line.split(',')[0] for line in NIH.splitlines()[1:]]
    root = write({
        'Data_Entry_2017.csv': NIH,
        'test_list.txt': '\n'.join(names[5:]),
        'train_val_list.txt': '\n'.join(names[:5]),
    })  # fmt: skip
    table = ('--train', root / 'Data_Entry_2017.csv', '--no-subset')
    tested = ('--test-list', root / 'test_list.txt')
    said = build('table', root, *table, *tested)
    assert 'written to' in said
    assert 'groups' not in said
    assert splits() == {'train': names[:5], 'test': names[5:]}
    said = build('table', root, *table, *tested, '--group', 'Patient ID')
    assert (
        "warning: 1 of the 4 groups of --group 'Patient ID' are in more than one split, the first "
        "is '2'"
    ) in said


def test_celeba_s_partition_says_the_split_of_each_picture(write, build, splits):
    attributes = '3\nYoung Bald\n000001.jpg 1 -1\n000002.jpg -1 1\n000003.jpg 1 1\n'
    partition = '000001.jpg 0\n000002.jpg 1\n000003.jpg 2\n'
    root = write({'list_attr_celeba.txt': attributes, 'list_eval_partition.txt': partition})
    said = build(
        'table', root, '--train', root / 'list_attr_celeba.txt', '--no-subset',
        '--split-list', root / 'list_eval_partition.txt',
    )  # fmt: skip
    assert 'written to' in said
    assert splits() == {'train': ['000001.jpg'], 'val': ['000002.jpg'], 'test': ['000003.jpg']}


@pytest.mark.parametrize(
    ('column', 'values', 'message'),
    [
        ('partition', '012', 'written to'),
        (
            'partition',
            '010',
            "'partition': expected train, test or val, but got '0'",
        ),
        (
            'fold',
            '012',
            "but got '0'; numbers are read in CelebA's partition alone, where",
        ),
        ('set', '01v', "but got '0'"),
        ('part', '012', "--split-column: column 'part' is unknown; choose from"),
    ],
)
def test_numbers_are_splits_in_celeba_s_column_alone(write, build, column, values, message):
    header = 'partition' if column == 'part' else column
    rows = [f'{i}.jpg,{value},1,{i % 2}\n' for i, value in enumerate(values)]
    root = write({'all.csv': f'image,{header},cat,dog\n{"".join(rows)}'})
    said = build('table', root, '--no-subset', '--split-column', column)
    assert message in said
    if column == 'partition' and values == '012':
        assert "left out: 'partition': --split-column (--label-columns)" in said


def test_lists_of_files_in_the_forms_of_coco_and_voc(write, build, splits):
    coco = {
        'images': [{'id': i, 'file_name': f'{i}.jpg'} for i in range(4)],
        'categories': [{'id': 1, 'name': 'cat'}],
        'annotations': [{'image_id': i, 'category_id': 1} for i in range(4)],
    }
    cat = '<annotation><object><name>cat</name></object></annotation>'
    files = {f'images/{i}.xml': cat for i in range(4)} | {f'images/{i}.jpg': '' for i in range(4)}
    root = write({**files, 'all.json': coco, 'tested.txt': '2\n', 'valid.txt': '3\n'})
    lists = ('--test-list', root / 'tested.txt', '--val-list', root / 'valid.txt', '--no-subset')
    for form in ('coco', 'voc'):
        assert 'written to' in build(form, root, *lists)
        assert splits() == {
            'train': ['images/0.jpg', 'images/1.jpg'],
            'test': ['images/2.jpg'],
            'val': ['images/3.jpg'],
        }


WIDE = 'image,cat\na.jpg,1\nb.jpg,1\nc.jpg,1\n'


@pytest.mark.parametrize(
    ('files', 'options', 'message'),
    [
        ({}, ['--test-fraction', '0.3', '--test-list', 'L'], '--test-fraction and --test-list or'),
        ({}, ['--split-column', 'cat', '--val-list', 'L'], '--split-column and --test-list or'),
        ({}, ['--split-list', 'L', '--test-list', 'L'], '--split-list and --test-list or --val-l'),
        ({'test.csv': WIDE}, ['--test-list', 'L'], 'has test images; leave --test-list out'),
        (
            {'val.csv': WIDE},
            ['--test-list', 'L', '--val-list', 'L'],
            'has validation images;',
        ),
        ({'val.csv': WIDE}, ['--split-list', 'L'], '--split-list takes the splits from one table'),
        ({}, ['--val-list', 'L'], 'has no test images; add a table'),
        ({'list.txt': 'a\nb\nc\n'}, ['--test-list', 'L'], 'no image is left for the training set'),
        ({'list.txt': 'a train\nb train\nc val'}, ['--split-list', 'L'], 'left for the test set'),
    ],
)
def test_a_list_and_other_ways_to_divide_exclude_each_other(write, build, files, options, message):
    root = write({'train.csv': WIDE, 'list.txt': 'b\n', **files})
    options = [str(root / 'list.txt') if option == 'L' else option for option in options]
    assert message in build('table', root, '--no-subset', *options)


@pytest.mark.parametrize('name', ['test.txt', 'list.txt'])
def test_a_list_beside_the_one_table_is_no_table(write, build, splits, name):
    root = write({'labels.csv': WIDE, name: 'b\n'})
    assert 'written to' in build('table', root, '--no-subset', '--test-list', root / name)
    assert splits() == {'train': ['a.jpg', 'c.jpg'], 'test': ['b.jpg']}


def test_a_validation_list_goes_with_a_test_table(write, build, splits):
    root = write({'train.csv': WIDE, 'test.csv': 'image,cat\nd.jpg,1\n', 'list.txt': 'b\n'})
    said = build('table', root, '--val-list', root / 'list.txt', '--no-subset')
    assert 'val.json: all of val' in said
    assert splits() == {'train': ['a.jpg', 'c.jpg'], 'test': ['d.jpg'], 'val': ['b.jpg']}


@pytest.mark.parametrize('header', ['image', 'Image', '\ufeffid', 'file_name'])
def test_a_list_may_have_a_header(write, header):
    images = ['a.jpg', 'b.jpg']
    assert listed(write, images, {'test.csv': f'{header}\nb.jpg\n'}) == ['train', 'test']


def test_a_list_may_be_in_utf_16_as_powershell_writes_it(tmp_path):
    path = tmp_path / 'test.txt'
    path.write_text('b.jpg\n', encoding='utf-16')
    assert splits_listed(['a.jpg', 'b.jpg'], {'test': path}) == ['train', 'test']
    path.write_bytes(b'\xe9.jpg')
    with pytest.raises(InputError, match='is not text in UTF-8'):
        splits_listed(['a.jpg'], {'test': path})


def test_a_list_in_place_of_the_training_table_is_told(write, build):
    root = write({'labels.csv': WIDE, 'train.txt': 'a.jpg\nb.jpg\n', 'test.txt': 'c.jpg\n'})
    said = build('table', root, '--no-subset')
    assert (
        "train.txt' is a list of pictures, and no table; --train FILE names the table, and" in said
    )
    options = ('--train', root / 'labels.csv', '--test-list', root / 'test.txt')
    assert 'written to' in build('table', root, '--no-subset', *options)
