import hashlib
import json
import re
import time

import pytest

from dbl.dataset_tools.output import check_output, link_images, write_splits
from dbl.dataset_tools.own_data import make_splits
from dbl.dataset_tools.own_tables import read_tables
from dbl.dataset_tools.subset import left_over, long_tailed, take, with_subset
from dbl.dataset_tools.wishes import Wishes
from dbl.datasets import Annotations
from dbl.datasets.annotation_formats import read_annotations
from dbl.errors import InputError
from dbl.label_files.pictures import find_pictures


def read_pool(root, suffix, **wishes):
    return make_splits(root, read_tables(root, suffix), Wishes(**wishes)).splits


@pytest.fixture
def write(tmp_path):
    """Writes train.jsonl with rows of labels; returns its folder."""

    def write(rows):
        lines = [json.dumps({'image': f'{i}.jpg', 'labels': row}) for i, row in enumerate(rows)]
        (tmp_path / 'train.jsonl').write_text('\n'.join(lines))
        return tmp_path

    return write


@pytest.mark.parametrize(
    ('rows', 'fraction'), [([['a'], ['b']] * 10, 0.01), ([[str(i)] for i in range(30)], 0.3)]
)
def test_a_split_that_leaves_one_side_empty_is_refused(write, rows, fraction):
    with pytest.raises(InputError, match=rf'--test-fraction {fraction} of \d+ images leaves none'):
        read_pool(write(rows), '.jsonl', test_fraction=fraction)


def test_a_class_is_named_once(write):
    with pytest.raises(InputError, match="--classes names 'a' 2 times"):
        read_pool(write([['a'], ['b']] * 5), '.jsonl', test_fraction=0.4, classes=['a', 'b', 'a'])


def test_a_table_of_another_form_is_read_where_there_is_none_of_the_one_asked_for(write):
    assert len(read_pool(write([['a'], ['b']] * 5), '.csv', test_fraction=0.4)['test']) == 4


def test_where_a_table_is_missing_those_that_are_there_are_named(tmp_path):
    for name in ('one', 'two'):
        (tmp_path / f'{name}.csv').write_text('image,a\n1,1\n')
    with pytest.raises(InputError, match=r"has no train.csv.* but 'one.csv', 'two.csv'; --train"):
        read_pool(tmp_path, '.csv')


def test_tables_of_other_classes_are_refused(tmp_path):
    (tmp_path / 'train.csv').write_text('image,a,b\n1,1,0\n')
    (tmp_path / 'test.csv').write_text('image,a\n2,1\n')
    with pytest.raises(InputError, match=r"test table has no column for .*: 'b'; name"):
        read_pool(tmp_path, '.csv')
    assert read_pool(tmp_path, '.csv', classes=['a'])['train'].classes == ['a']
    (tmp_path / 'test.csv').write_text('image,a,b,bb\n2,1,0,1\n')
    with pytest.raises(InputError, match=r"do not have: 'bb' \(perhaps 'b' is meant\); rename"):
        read_pool(tmp_path, '.csv')


@pytest.fixture
def tables(tmp_path):
    """A folder with train.csv, test.csv and val.csv, of classes a and b."""
    (tmp_path / 'train.csv').write_text('image,a,b\n1,1,0\n2,0,1\n3,1,1\n')
    (tmp_path / 'test.csv').write_text('image,a,b\n4,1,1\n')
    (tmp_path / 'val.csv').write_text('image,b,a\n6,1,0\n5,1,1\n')
    return tmp_path


def test_a_validation_file_is_read_beside_the_others(tables):
    splits = read_pool(tables, '.csv')
    assert [*splits] == ['train', 'test', 'val']
    val = splits['val']
    assert val.classes == splits['train'].classes == ['a', 'b']
    assert (val.image_paths, val.label_indices) == (['images/6', 'images/5'], [[1], [0, 1]])
    assert val.built['subset'] == 'all of val'
    assert val.built['sha256'] == hashlib.sha256(b'images/6\nimages/5').hexdigest()
    assert read_pool(tables, '.csv', classes=['b'])['val'].label_indices == [[0], [0]]


def test_a_validation_file_stays_whole_where_test_images_are_split_off(write):
    folder = write([['a'], ['b']] * 10)
    (folder / 'val.jsonl').write_text('{"image": "v.jpg", "labels": ["a"]}')
    splits = read_pool(folder, '.jsonl', test_fraction=0.3)
    assert [(name, len(split)) for name, split in splits.items()] == [
        ('train', 14),
        ('test', 6),
        ('val', 1),
    ]


def test_a_validation_file_of_other_classes_is_refused(tables):
    (tables / 'val.csv').write_text('image,a\n5,1\n')
    message = "the validation table has no column for classes of the training table: 'b'; name"
    with pytest.raises(InputError, match=message):
        read_pool(tables, '.csv')
    assert len(read_pool(tables, '.csv', classes=['a'])['val']) == 1


def test_a_validation_file_may_be_of_another_form(tables):
    (tables / 'val.jsonl').write_text('{"image": "5", "labels": ["a"]}')
    assert len(read_pool(tables, '.csv')['val']) == 2, 'that of the form that is asked for'
    with pytest.raises(InputError, match=r"both '.*val.csv' and '.*val.jsonl' are there; --val"):
        read_pool(tables, '')
    (tables / 'val.csv').unlink()
    assert len(read_pool(tables, '.csv')['val']) == 1


def test_a_column_says_which_split_an_image_is_in(tmp_path):
    (tmp_path / 'all.csv').write_text('image,set,a\n1,Train,1\n2,valid,1\n3,test,0\n4,train,0\n')
    splits = read_pool(tmp_path, '', split_column='set')
    paths = {name: split.image_paths for name, split in splits.items()}
    assert paths == {'train': ['images/1', 'images/4'], 'test': ['images/3'], 'val': ['images/2']}
    (tmp_path / 'all.csv').write_text('image,set,a\n1,train,1\n2,fold 1,1\n')
    with pytest.raises(InputError, match="'set': expected train, test or val, but got 'fold 1'"):
        read_pool(tmp_path, '', split_column='set')


@pytest.mark.parametrize('group', ['patient', r'^p\d+', r'^p(\d+)_'])
def test_a_group_stays_on_one_side(tmp_path, group):
    rows = [f'p{i // 3}_{i}.jpg,{i // 3},{i % 2},1' for i in range(60)]
    (tmp_path / 'all.csv').write_text('\n'.join(['image,patient,a,b', *rows]))
    wishes = Wishes(group=group, test_fraction=0.3)
    pool = make_splits(tmp_path, read_tables(tmp_path, ''), wishes)
    assert pool.understood['train']['groups'].startswith(f"20 by '{group}', each in one split")
    splits = pool.splits
    sides = [{path.split('_')[0] for path in splits[name].image_paths} for name in splits]
    assert not sides[0] & sides[1]
    assert (len(sides[0]), len(sides[1])) == (14, 6)


@pytest.mark.parametrize(
    ('group', 'message'),
    [
        ('ward', r"'ward' is no column \(there are image, a\), and as a pattern does not fit"),
        ('(', 'is no column, and no pattern'),
    ],
)
def test_a_group_is_a_column_or_a_pattern(tmp_path, group, message):
    (tmp_path / 'all.csv').write_text('image,a\n1.jpg,1\n2.jpg,1\n')
    with pytest.raises(InputError, match=message):
        read_pool(tmp_path, '', group=group, test_fraction=0.5)


@pytest.fixture
def pictures(tmp_path):
    """Writes a table of pictures, and files."""

    def write(names, files):
        rows = ''.join(f'{name},1\n' for name in names)
        (tmp_path / 'train.csv').write_text(f'image,a\n{rows}')
        (tmp_path / 'test.csv').write_text(f'image,a\n{names[0]},1\n')
        for file in files:
            (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / file).touch()
        return tmp_path

    return write


@pytest.mark.parametrize(
    ('names', 'files', 'wishes'),
    [
        (['a/1.jpg', 'a/2.jpg'], ['a/1.jpg', 'a/2.jpg'], {}),
        ([r'a\1.jpg', './a//2.jpg'], ['a/1.jpg', 'a/2.jpg'], {}),
        (['1.jpg', '2.jpg'], ['a/1.jpg', 'b/2.jpg'], {}),
        (['/mnt/x/1.jpg', '/mnt/x/2.jpg'], ['a/1.jpg', 'a/2.jpg'], {}),
        (['1', '2'], ['a/1.jpg', 'a/2.jpg'], {}),
        (
            ['1', '2'],
            ['a/1_red.png', 'a/1_blue.png', 'a/2_red.png'],
            {'picture_suffix': '_red.png'},
        ),
        (['x/1.jpg', 'x/2.jpg'], ['a/x/1.jpg', 'b/x/1.jpg', 'a/x/2.jpg'], {'folders': ['a']}),
        (['1.jpg', '2.jpg'], ['a_1/p/1.jpg', 'a_2/p/2.jpg'], {'folders': ['a_*/p']}),
    ],
)
def test_pictures_are_found(pictures, names, files, wishes):
    root = pictures(names, files)
    for split in read_pool(root, '', **wishes).values():
        assert all((root / path.removeprefix('images/')).is_file() for path in split.image_paths)


@pytest.mark.parametrize(
    ('names', 'files', 'message'),
    [
        (['1.jpg'], ['a/1.jpg', 'b/1.jpg'], "there is 'a/1.jpg', 'b/1.jpg': --images a looks"),
        (['1.jpg'], ['a/1.png'], "there is 'a/1.png': name the pictures in the table as they"),
        (['a.jpg'], ['A.jpg', 'a.JPG'], "there is 'A.jpg', 'a.JPG': name the pictures"),
        (['a.jpg', 'A.jpg'], ['a.JPG'], "there is 'a.JPG': name the pictures"),
        (['a.jpg'], ['x/a.JPG'], "there is 'x/a.JPG': --images x looks in that folder, in whatev"),
        (['a.jpg', 'b.jpg'], ['a.JPG', 'x/b.jpg'], "1 of the 2 .* is 'b.jpg', and there is 'x/b"),
        (
            ['1'],
            ['1_red.png', '1_blue.png'],
            '--suffix takes those of one ending, of _blue.png, _red.png',
        ),
    ],
)
def test_a_near_miss_is_told(pictures, names, files, message):
    with pytest.raises(InputError, match=message):
        read_pool(pictures(names, files), '')


@pytest.mark.parametrize(
    ('names', 'files', 'folders', 'said'),
    [
        (['a.jpg', 'b.jpg'], ['a.JPG', 'b.jpg'], (), "1 by a name .* as 'a.JPG' for 'a.jpg'"),
        (
            ['Im/a.JPG', 'Im/b.JPG'],
            ['im/a.jpg', 'im/b.jpg'],
            (),
            "2 by .* as 'im/a.jpg' for 'Im/a.J",
        ),
        (['a.jpg'], ['x/a.JPG', 'y/a.jpeg'], ['x'], "'x'; 1 by a name that differs by case alone"),
    ],
)
def test_a_file_that_differs_by_case_alone_is_taken_and_that_is_said(
    pictures, names, files, folders, said
):
    root = pictures(names, files)
    found = find_pictures(root, names, folders=folders)
    assert re.search(said, found.said)
    assert all((root / path).is_file() for path in found.paths)


def test_what_a_subset_leaves_out_keeps_the_order_of_the_pool():
    pool = Annotations(['a'], ['3', '1', '2', '0'], [[0], [], [0], [0]], {'from': 'own data'})
    rest = left_over(pool, take(pool, [2], {'subset': 'chosen by hand', 'seed': 7}))
    assert (rest.image_paths, rest.label_indices) == (['3', '1', '0'], [[0], [], [0]])
    assert rest.built == {
        'from': 'own data',
        'subset': 'left over by the subset chosen by hand',
        'seed': 7,
        'sha256': hashlib.sha256(b'3\n1\n0').hexdigest(),
    }


POOL = Annotations(['a', 'b'], ['1', '2', '3', '4'], [[0], [0], [1], []])
TEST = Annotations(['a', 'b'], ['5'], [[0, 1]])


def test_training_and_validation_share_out_the_pool():
    splits = with_subset({'train': POOL, 'test': TEST}, maximum=1)
    assert [*splits] == ['train', 'test', 'val']
    train, val = splits['train'].image_paths, splits['val'].image_paths
    assert not set(train) & set(val)
    assert sorted(train + val) == POOL.image_paths
    assert splits['test'] is TEST


def test_what_a_subset_leaves_out_does_not_take_the_place_of_a_validation_file():
    own = Annotations(['a', 'b'], ['6'], [[0]])
    assert with_subset({'train': POOL, 'test': TEST, 'val': own}, maximum=1)['val'] is own


def test_images_that_show_no_class_alone_do_not_validate():
    splits = with_subset({'train': POOL, 'test': TEST}, maximum=2, exponent=0.01)
    assert len(splits['train']) == 3, 'all but the one without labels'
    assert [*splits] == ['train', 'test']


def test_a_pool_without_labels_is_refused():
    with pytest.raises(InputError, match='no training image shows any of the classes'):
        long_tailed(Annotations(['a'], ['1.jpg', '2.jpg'], [[], []]))


def test_the_digest_tells_folders_apart():
    pools = [Annotations(['a'], [f'{folder}/1.jpg'], [[0]]) for folder in ('x', 'y')]
    first, second = (take(pool, [0], {}).built['sha256'] for pool in pools)
    assert first != second


def test_what_cannot_be_read_is_not_replaced(tmp_path):
    (tmp_path / 'test.json').write_text('{')
    with pytest.raises(InputError, match=r'annotations of yours; choose another --out'):
        check_output(tmp_path)


@pytest.mark.parametrize('suffix', ['.csv', '.jsonl', '.json'])
@pytest.mark.parametrize('split', ['train', 'test', 'val'])
def test_annotations_of_the_user_s_own_are_not_replaced(tmp_path, split, suffix):
    content = {'metainfo': {'classes': ['a']}, 'data_list': [{'img_path': 'b', 'labels': []}]}
    (tmp_path / f'{split}{suffix}').write_text(json.dumps(content))
    with pytest.raises(InputError, match=rf'{split} annotations of yours; choose another --out'):
        check_output(tmp_path)


@pytest.mark.parametrize('name', ['train.csv', 'val.json'])
def test_a_link_that_leads_nowhere_is_the_user_s_own(tmp_path, name):
    (tmp_path / name).symlink_to('unmounted')
    with pytest.raises(InputError, match=r'annotations of yours; choose another --out'):
        check_output(tmp_path)


def test_an_older_val_json_does_not_stay_beside_other_splits(tmp_path):
    pool = Annotations(['a'], ['1'], [[0]], {'from': 'own data'})
    splits = {'train': pool, 'test': pool, 'val': pool}
    assert write_splits(tmp_path, splits) is None
    check_output(tmp_path)
    assert write_splits(tmp_path, splits) is None
    assert read_annotations(tmp_path / 'val').image_paths == ['1']
    del splits['val']
    assert write_splits(tmp_path, splits) == tmp_path / 'val.json'
    assert {path.name for path in tmp_path.iterdir()} == {'train.json', 'test.json'}
    assert write_splits(tmp_path, splits) is None


def test_a_link_of_the_user_s_own_is_not_replaced(tmp_path):
    (tmp_path / 'elsewhere').mkdir()
    (tmp_path / 'images').symlink_to('elsewhere')
    with pytest.raises(InputError, match=r'images. is in the way of a link'):
        link_images(tmp_path, tmp_path)
    link_images(tmp_path / 'elsewhere', tmp_path)
    (tmp_path / 'train.json').touch()  # built here before, from another root
    link_images(tmp_path, tmp_path)
    assert (tmp_path / 'images').resolve() == tmp_path


def test_messages_show_the_beginning_of_long_names(tables):
    with pytest.raises(InputError, match=r"--classes: class 'x{200}\.\.\.' is unknown"):
        read_pool(tables, '.csv', classes=['a', 'x' * 99_999])
    wide = ','.join(f'class {i}' for i in range(9999))
    (tables / 'train.csv').write_text(f'image,{wide}\n1{",1" * 9999}\n')
    with pytest.raises(InputError, match='has no column for classes of the') as error:
        read_pool(tables, '.csv')
    assert len(str(error.value)) < 500


def test_ten_thousand_classes_take_no_longer_than_their_cells(tables):
    wide = ','.join(f'class {i}' for i in range(9999))
    for split in ('train', 'test', 'val'):
        rows = ''.join(f'{i}{f",{i % 2}" * 9999}\n' for i in range(100))
        (tables / f'{split}.csv').write_text(f'image,{wide}\n{rows}')
    started = time.process_time()
    readings = read_tables(tables, '.csv')
    assert time.process_time() - started < 20  # minutes, when each column was looked for among all
    assert len(readings['test'].annotations.classes) == 9999
