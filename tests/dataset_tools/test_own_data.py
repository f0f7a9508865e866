import json

import pytest

from dbl.dataset_tools.output import check_output, link_images
from dbl.dataset_tools.own_data import long_tailed, read_pool
from dbl.dataset_tools.subset import take
from dbl.datasets import Annotations
from dbl.errors import InputError


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


def test_tables_of_other_classes_are_refused(tmp_path):
    (tmp_path / 'train.csv').write_text('image,a, b\n1,1,0\n')
    (tmp_path / 'test.csv').write_text('image,a,b\n2,1,0\n')
    with pytest.raises(InputError, match=r"the same classes, but one alone has ' b', 'b'; --cl"):
        read_pool(tmp_path, '.csv')
    assert read_pool(tmp_path, '.csv', classes=['a'])[0].classes == ['a']


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


@pytest.mark.parametrize('name', ['train.csv', 'test.jsonl', 'train.json'])
def test_annotations_of_the_user_s_own_are_not_replaced(tmp_path, name):
    content = {'metainfo': {'classes': ['a']}, 'data_list': [{'img_path': 'b', 'labels': []}]}
    (tmp_path / name).write_text(json.dumps(content))
    with pytest.raises(InputError, match=r'annotations of yours; choose another --out'):
        check_output(tmp_path)


def test_a_link_of_the_user_s_own_is_not_replaced(tmp_path):
    (tmp_path / 'elsewhere').mkdir()
    (tmp_path / 'images').symlink_to('elsewhere')
    with pytest.raises(InputError, match=r'images. is in the way of a link'):
        link_images(tmp_path, tmp_path)
    link_images(tmp_path / 'elsewhere', tmp_path)
    (tmp_path / 'train.json').touch()  # built here before, from another root
    link_images(tmp_path, tmp_path)
    assert (tmp_path / 'images').resolve() == tmp_path
