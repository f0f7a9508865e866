"""One's own data in COCO's form: ids, names of pictures, and what is no COCO-MLT."""

import pytest

from dbl.dataset_tools.coco import CLASSES
from dbl.dataset_tools.own_coco import find_coco_files
from dbl.datasets import read_annotations
from dbl.errors import InputError
from dbl.label_files.answers import Answers
from dbl.label_files.coco_form import read_coco_form


def form(images=None, categories=None, objects=((1, 1), (2, 2))):
    names = {1: 'a.jpg', 2: 'b.jpg'}
    return {
        'images': images or [{'id': i, 'file_name': name} for i, name in names.items()],
        'categories': categories or [{'id': 1, 'name': 'cat'}, {'id': 2, 'name': 'dog'}],
        'annotations': [{'image_id': i, 'category_id': c} for i, c in objects],
    }


@pytest.fixture
def read(write):
    def read(content):
        return read_coco_form(write({'train.json': content}) / 'train.json', Answers())

    return read


def shown(annotations):
    rows = ([annotations.classes[c] for c in row] for row in annotations.label_indices)
    return dict(zip(annotations.image_paths, rows, strict=True))


PETS = {'a.jpg': ['cat'], 'b.jpg': ['dog']}


@pytest.mark.parametrize(
    'content',
    [
        form(objects=[(1.0, 1.0), (2.0, 2.0)]),
        form(images=[{'id': 1.0, 'file_name': 'a.jpg'}, {'id': '2', 'file_name': 'b.jpg'}]),
        form(categories=[{'id': 2.0, 'name': 'dog'}, {'id': 1.0, 'name': 'cat'}]),
        form(images=[{'id': 1, 'filename': 'a.jpg'}, {'id': 2, 'path': 'b.jpg'}]),
    ],
)
def test_an_id_may_be_a_whole_number_with_a_point(read, content):
    reading = read(content)
    assert reading.annotations.classes == ['cat', 'dog']
    assert shown(reading.annotations) == PETS
    assert 'of which 0 do not count' in reading.understood['objects']


def test_a_url_is_no_picture_but_its_last_part_may_name_one(read):
    urls = [{'id': i, 'file_name': f'https://x.org/{i}.jpg?size=9'} for i in (1, 2)]
    message = r"a URL instead of a picture in images\[0\] \('https://x.org/1.jpg\?size=9'\), .*down"
    with pytest.raises(InputError, match=message):
        read(form(images=urls))
    addresses = [
        {'id': 1, 'coco_url': 'http://images.cocodataset.org/train2017/a.jpg?size=9'},
        {'id': 2, 'file_name': None, 'flickr_url': 'http://farm1.staticflickr.com/7/b.jpg'},
    ]
    assert shown(read(form(images=addresses)).annotations) == PETS


def test_what_is_listed_twice_is_taken_once_and_said(read):
    again = [{'id': i, 'file_name': name} for i, name in ((1, 'a.jpg'), (1, 'a.jpg'), (2, 'b.jpg'))]
    reading = read(form(images=again))
    assert shown(reading.annotations) == PETS
    assert reading.understood['pictures that are listed again'] == '1 joined with the one before'
    categories = [{'id': i, 'name': n} for i, n in ((1, 'cat'), (2, 'dog'), (3, 'dog'), (3, 'dog'))]
    reading = read(form(categories=categories, objects=[(1, 1), (2, 3)]))
    assert shown(reading.annotations) == PETS
    assert reading.understood['categories of one name'] == "'dog', joined"


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        (form(images=[{'id': None, 'file_name': 'a.jpg'}]), r'no id or no file_name in images\[0'),
        (form(images=[{'id': 1, 'file_name': ' '}]), r'no id or no file_name in images\[0'),
        (
            form(images=[{'id': 1, 'file_name': 'a.jpg'}, {'id': 1.0, 'file_name': 'b.jpg'}]),
            r'an id that came before in images\[1\] \(1\)',
        ),
        (
            form(categories=[{'id': 1, 'name': 'cat'}, {'id': 1, 'name': 'dog'}]),
            r'categories\[1\]: id 1 comes twice',
        ),
    ],
)
def test_an_id_that_is_missing_or_means_two_is_refused(read, content, message):
    with pytest.raises(InputError, match=message):
        read(content)


def test_one_file_is_that_of_one_split(write):
    root = write({'train_val.json': form(), 'test.json': form()})
    assert find_coco_files(root, {}) == {
        'train': root / 'train_val.json',
        'test': root / 'test.json',
    }
    root = write({'valid.json': form()})
    given = {'test': root / 'valid.json'}
    assert find_coco_files(root, given) == {'train': root / 'train_val.json', **given}


def coco(year):
    """Files of a year, with COCO's 80 classes, each of two of which a picture shows."""
    content = form(
        categories=[{'id': c + 1, 'name': name} for c, name in enumerate(CLASSES)],
        images=[{'id': i, 'file_name': f'COCO_{year}_{i:012}.jpg'} for i in (1, 2)],
    )
    for thing in content['annotations']:
        thing |= {'area': 9, 'bbox': [0, 0, 3, 3]}
    return {f'annotations/instances_{split}{year}.json': content for split in ('train', 'val')}


def test_coco_of_2014_is_read_as_own_data_and_said_to_be_no_coco_mlt(write, build, tmp_path):
    said = build('coco', write(coco(2014)))
    assert (
        'made: a set of your own, and not COCO-MLT, which is made of '
        'annotations/instances_{train,val}2017.json'
    ) in said
    assert 'warning: no training image shows' not in said
    train = read_annotations(tmp_path / 'out' / 'train')
    assert train.classes == ['person', 'bicycle'], 'what has objects'


def test_coco_of_2017_makes_coco_mlt_unless_an_option_is_of_own_data(write, build):
    root = write(coco(2017))
    assert 'ids are not among the training images' in build('coco', root)
    said = build('coco', root, '--draw')
    assert 'made: COCO-MLT' in said
    assert 'NOT equal to the published COCO-MLT' in said
    said = build('coco', root, '--no-subset')
    assert 'made: a set of your own, and not COCO-MLT, which takes no --no-subset' in said
    assert 'the published' not in said


def test_files_of_2014_beside_those_of_2017_hinder_no_coco_mlt(write, build):
    root = write({**coco(2014), **coco(2017)})
    assert 'made: COCO-MLT' in build('coco', root, '--draw')


def test_a_file_without_annotations_is_passed_over_where_test_images_are_split_off(write, build):
    pictures = [{'id': i, 'file_name': f'{i}.jpg'} for i in range(20)]
    objects = [(i, 1 + i % 2) for i in range(20)]
    unlabelled = {key: form()[key] for key in ('images', 'categories')}
    root = write({'train.json': form(pictures, None, objects), 'test.json': unlabelled})
    assert "test.json' has no labels, which a test set needs" in build('coco', root, '--no-subset')
    said = build('coco', root, '--no-subset', '--test-fraction', '0.3')
    assert "passed over: 'test.json': without labels" in said
    assert 'written to' in said


def test_validation_images_stay_so_where_test_images_are_split_off(write, build, tmp_path):
    pictures = [{'id': i, 'file_name': f'{i}.jpg'} for i in range(20)]
    objects = [(i, 1 + i % 2) for i in range(20)]
    root = write({'train.json': form(pictures, None, objects), 'val.json': form()})
    build('coco', root, '--no-subset', '--test-fraction', '0.3')
    sizes = [len(read_annotations(tmp_path / 'out' / split)) for split in ('train', 'test', 'val')]
    assert sizes == [14, 6, 2]


def test_the_segments_of_coco_s_panoptic_form_are_objects(read):
    content = form() | {
        'annotations': [
            {'image_id': 1, 'segments_info': [{'category_id': 1}, None]},
            {'image_id': 2, 'segments_info': [{'category_id': 2}, {'category_id': 9}]},
        ]
    }
    reading = read(content)
    assert shown(reading.annotations) == PETS
    assert '3, of which 1 do not count' in reading.understood['objects']


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        (
            form(objects=[(1, 8), (2, 9)]),
            'none of its 2 objects counts, 2 of a category that is not',
        ),
        (
            form(objects=[('a.jpg', 1)]),
            'none of its 1 objects counts, 1 of a picture that is not l',
        ),
        (form(objects=[(1, 0), (2, 1)]), 'are of the category 0, which is not listed, and none is'),
    ],
)
def test_objects_that_do_not_fit_the_lists_are_refused(read, content, message):
    with pytest.raises(InputError, match=message):
        read(content)


def test_of_several_files_the_one_in_coco_s_form_is_read(write):
    root = write({'annotations/train.json': form(), 'annotations/captions_train.json': {'a': 1}})
    assert find_coco_files(root, {}) == {'train': root / 'annotations' / 'train.json'}


@pytest.mark.parametrize('said', [{'exists': 'no'}, {'value': 0}, {'isPresent': False}])
def test_an_object_that_is_said_not_to_be_there_does_not_count(read, said):
    content = form(objects=[(1, 1), (2, 2), (1, 2)])
    content['annotations'][2] |= said
    reading = read(content)
    assert shown(reading.annotations) == PETS
    assert '3, of which 1 do not count, 1 said not to be there' in reading.understood['objects']


def test_scores_are_asked_for(read):
    """Objects of 0.03 counted as shown."""
    for key, score in {'score': 0.03, 'confidence': 91.5, 'probability': '0.02'}.items():
        content = form()
        content['annotations'][1][key] = score
        with pytest.raises(InputError, match=f'have scores, such as {key} {float(score):g}; leave'):
            read(content)


@pytest.mark.parametrize('score', [0, 1.0])
def test_one_score_for_all_objects_says_nothing(read, score):
    content = form()
    for own in content['annotations']:
        own['score'] = score
    assert shown(read(content).annotations) == PETS
