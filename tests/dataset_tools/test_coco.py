import json

import pytest
from bombs import beginning

from dbl.dataset_tools.build import build_coco, read_ids
from dbl.dataset_tools.coco import CLASSES, read_coco
from dbl.dataset_tools.published import published_subset
from dbl.errors import InputError


def instance(image_id, category_id, **values):
    return {
        'image_id': image_id,
        'category_id': category_id,
        'area': 50.0,
        'bbox': [0, 0, 5, 10],
        'segmentation': [[0.5, 1]],
        'iscrowd': 0,
        **values,
    }


CONTENT = {
    'info': {'year': 2017},
    'images': [{'id': i, 'file_name': f'{i:012d}.jpg', 'height': 4} for i in (7, 3, 12)],
    'categories': [{'id': 90, 'name': 'yak'}, {'id': 2, 'name': 'ant'}, {'id': 13, 'name': 'cow'}],
    'annotations': [
        instance(7, 90),
        instance(7, 2, iscrowd=1),
        instance(7, 13, ignore=1),
        instance(3, 13, area=0),
        instance(3, 2, bbox=[0, 0, 0.9, 10]),
        instance(3, 90, bbox=[0, 0, 9, 0.5]),
        instance(12, 13, bbox=[0, 0, 1, 1]),
        instance(12, 13),
    ],
}


@pytest.fixture
def coco(tmp_path):
    folder = tmp_path / 'coco' / 'annotations'
    folder.mkdir(parents=True)
    for split in ('train', 'val'):
        (folder / f'instances_{split}2017.json').write_text(json.dumps(CONTENT))
    return tmp_path / 'coco'


def test_crowds_count_and_ignored_or_tiny_objects_do_not(coco):
    instances = read_coco(coco / 'annotations' / 'instances_train2017.json')
    assert instances.classes == ['ant', 'cow', 'yak'], 'by ascending id'
    assert [image.id for image in instances.images] == [7, 3, 12]
    labels, reasons = instances.labels_and_reasons()
    assert labels == instances.label_indices() == [[0, 2], [], [1]]
    assert reasons == {'to be ignored': 1, 'without area': 1, 'with a side below one pixel': 2}


def test_the_objects_that_do_not_count_are_told_by_reason(coco):
    said = {}
    build_coco(coco, ids=[7], report=lambda split, objects: said.update({split: objects}))
    why = '8, of which 4 do not count, 1 to be ignored, 1 without area, 2 with a side below one'
    assert said == {'train': f'{why} pixel', 'test': f'{why} pixel'}


def test_a_list_of_ids_is_taken_in_its_order(coco):
    train, test = build_coco(coco, ids=[12, 7])
    assert train.image_paths == [f'images/train2017/{i:012d}.jpg' for i in (12, 7)]
    assert train.label_indices == [[1], [0, 2]]
    assert train.built['subset'] == 'taken from the list of ids'
    assert len(test) == 3, 'images without objects are tested too'
    with pytest.raises(InputError, match=r'1 of the 2 ids is not among .* the first is 5'):
        build_coco(coco, ids=[7, 5])


def test_other_categories_in_val2017_are_refused(coco):
    path = coco / 'annotations' / 'instances_val2017.json'
    content = json.loads(path.read_text())
    content['categories'][0]['name'] = 'emu'
    path.write_text(json.dumps(content))
    with pytest.raises(InputError, match='the categories of train2017 and val2017 differ'):
        build_coco(coco)


def test_without_a_list_the_subset_is_drawn(coco):
    train, _ = build_coco(coco)
    assert sorted(train.image_paths) == [f'images/train2017/{i:012d}.jpg' for i in (7, 12)]
    assert train.built['subset'] == 'drawn head to tail with seed 0'
    assert train.built['counts'][0] == 1200


def changed(**values):
    return json.dumps({**CONTENT, **values})


def named(name):
    """The same categories, the second of another name."""
    first, second, third = CONTENT['categories']
    return changed(categories=[first, {**second, 'name': name}, third])


def pictured(file_name):
    first, second, third = CONTENT['images']
    return changed(images=[first, {**second, 'file_name': file_name}, third])


@pytest.mark.parametrize(
    ('text', 'message'),
    [
        ('', 'is not in COCO.s instances form'),
        ('{"images": [', 'is not in COCO.s instances form'),
        ('[]', 'is not in COCO.s instances form'),
        ('{"images": []}', 'missing required field `annotations`'),
        (changed(images=[{'id': 'x', 'file_name': 'a'}]), r'Expected `int`.*images\[0\].id'),
        (changed(annotations=[instance(7, 2, bbox=[1, 2])]), r'length 4.*annotations\[0\].bbox'),
        (
            changed(annotations=[instance(8, 2)]),
            r'annotations\[0\]: image_id 8 is not among the im',
        ),
        (
            changed(annotations=[instance(7, 2), instance(7, 1)]),
            r'\[1\]: category_id 1 is not among',
        ),
        (changed(images=CONTENT['images'] * 2), 'two entries of images have one id'),
        (named(''), "the name of category 2, '', is empty"),
        (named('  '), "the name of category 2, '  ', is empty"),
        (named('a\tb'), 'category 2, .* has a control character'),
        (named('yak'), "category 2 is 'yak', as is category 1"),
        (named('a' * 99_999), r"category 'a{40}\.\.\.' are 99999, but at most 255"),
        (changed(categories=[], annotations=[]), 'names no category'),
        (pictured(''), "the name of image 2, '', is empty"),
        (pictured('../a.jpg'), "image 2, '../a.jpg', leaves the folder"),
        (pictured('/a.jpg'), 'image 2, .* leaves the folder'),
        (pictured('a/' * 99_999), r"image 2, '[a/]{40}\.\.\.', has 199998 characters"),
        (pictured('000000000007.jpg'), "image 2 is '000000000007.jpg', as is image 1"),
        ('[' * 100_000, 'is not in COCO.s instances form'),
        ('{"images": ' * 100_000, 'is not in COCO.s instances form'),
    ],
    ids=beginning,
)
def test_bad_files_are_named(coco, text, message):
    path = coco / 'annotations' / 'instances_train2017.json'
    path.write_text(text)
    with pytest.raises(InputError, match=message) as error:
        read_coco(path)
    assert str(path) in str(error.value)
    assert len(str(error.value)) < 500


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r'train2017.json. does not exist; --root must be'):
        build_coco(tmp_path)


def test_a_list_without_ids_is_refused(tmp_path):
    (tmp_path / 'ids.txt').write_text('\n\n')
    with pytest.raises(InputError, match='lists no image id'):
        read_ids(tmp_path / 'ids.txt')
    (tmp_path / 'ids.txt').write_text('\ufeff7\n\n3\n')
    assert read_ids(tmp_path / 'ids.txt') == [7, 3]


@pytest.mark.parametrize('line', ['x', '-3', '7', '1' * 30])
def test_bad_ids_are_named(tmp_path, line):
    (tmp_path / 'ids.txt').write_text(f'7\n{line}\n3\n')
    with pytest.raises(InputError, match=rf"line 2: expected a new image id, but got '{line}'"):
        read_ids(tmp_path / 'ids.txt')


def test_coco_mlt_is_the_published_one(shared):
    """Its list of ids on the real labels: frequencies and groups."""
    published = published_subset('coco_mlt')
    train, test = build_coco(
        shared / 'coco',
        train_json=shared / 'coco' / 'annotations' / 'instances_train2017_mlt.json',
        ids=[int(i) for i in published.image_ids],
    )
    assert train.class_freq == published.class_freq
    assert (len(test), test.label_indices.count([])) == (5000, 48)


def test_coco_s_names_are_those_of_its_annotations(shared):
    content = json.loads((shared / 'coco/annotations/instances_val2017.json').read_text())
    categories = sorted(content['categories'], key=lambda category: category['id'])
    assert [category['name'] for category in categories] == CLASSES
