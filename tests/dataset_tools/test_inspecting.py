"""``inspect`` says of label files in every form what building says of them."""

import pytest

from dbl.dataset_tools.coco import CLASSES

FORM = {
    'images': [{'id': 1, 'file_name': 'a.jpg'}, {'id': 2, 'file_name': 'b.jpg'}],
    'categories': [{'id': 0, 'name': 'all'}, {'id': 1, 'name': 'cat'}, {'id': 2, 'name': 'dog'}],
    'annotations': [{'image_id': 1, 'category_id': 1}, {'image_id': 2, 'category_id': 2}],
}
READ = "read: 2 pictures, 2 classes: 'cat' 1, 'dog' 1"
CAT, DOG = (
    f'<annotation><object><name>{name}</name></object></annotation>' for name in ('cat', 'dog')
)
CVAT = '<annotations><image name="a.jpg"><tag label="cat"/></image></annotations>'


@pytest.mark.parametrize(
    ('files', 'name'),
    [
        (['labels.json'], 'labels.json'),
        (['annotations/instances_default.json'], '.'),
        (['annotations/instances_train2014.json', 'annotations/instances_val2014.json'], '.'),
        (['train/_annotations.coco.json', 'valid/_annotations.coco.json'], '.'),
    ],
)
def test_files_in_coco_s_form_are_inspected(write, command, files, name):
    said = command('inspect', write(dict.fromkeys(files, FORM)) / name)
    assert "in COCO's form objects: 2, of which 0 do not count" in said
    assert "left out: categories without objects: 'all'" in said
    assert said.count(READ) == len(files)
    assert said.endswith('`build_dataset coco` builds a set of it')


@pytest.mark.parametrize(
    ('first', 'second', 'name'),
    [
        ('train/a.xml', 'train/b.xml', '.'),
        ('Annotations/a.xml', 'Annotations/b.xml', '.'),
        ('images/a.xml', 'images/b.xml', '.'),
        ('a.xml', 'b.xml', '.'),
        ('VOC2012/Annotations/a.xml', 'VOC2012/Annotations/b.xml', '.'),
        ('VOC2012/Annotations/a.xml', 'VOC2012/Annotations/b.xml', 'VOC2012'),
    ],
)
def test_xml_in_voc_s_form_is_inspected(write, command, first, second, name):
    lists = {'VOC2012/ImageSets/Main/trainval.txt': 'a\nb\n'} if 'VOC2012' in first else {}
    said = command('inspect', write({first: CAT, second: DOG, **lists}) / name)
    assert 'files: 2 XML files in the form of VOC' in said
    assert READ in said
    assert said.endswith('`build_dataset voc` builds a set of it')


def test_one_xml_file_is_inspected(write, command):
    said = command('inspect', write({'a.xml': CAT}) / 'a.xml')
    assert "read: 1 pictures, 1 classes: 'cat' 1" in said


@pytest.mark.parametrize('name', ['.', 'annotations.xml'])
def test_xml_of_cvat_is_a_table(write, command, name):
    root = write({'annotations.xml': CVAT})
    said = command('inspect', root / name)
    assert "file: CVAT's export" in said
    assert 'build_dataset' not in said


def test_what_building_prints_is_what_inspecting_prints(write, command, build):
    root = write({'annotations/train.json': FORM, 'annotations/test.json': FORM})
    inspected, built = command('inspect', root), build('coco', root, '--no-subset')
    for word in ('annotations/train.json, in COCO', '/test.json, in', 'of which 0', 'out: cat'):
        assert word in inspected
        assert word in built


def test_it_says_that_a_published_set_is_made_by_default(write, command, devkit):
    coco = {
        'images': [{'id': 1, 'file_name': 'a.jpg'}],
        'categories': [{'id': c, 'name': name} for c, name in enumerate(CLASSES)],
        'annotations': [{'image_id': 1, 'category_id': 0, 'area': 9, 'bbox': [0, 0, 3, 3]}],
    }
    files = {f'annotations/instances_{split}2017.json': coco for split in ('train', 'val')}
    assert 'such as --no-subset, it makes COCO-MLT, for which objects' in command(
        'inspect', write(files)
    )
    said = command('inspect', devkit)
    assert "files: VOC2012's class files of trainval" in said
    assert 'such as --no-subset, it makes VOC-MLT' in said


@pytest.mark.parametrize(
    ('files', 'options'),
    [
        ({'train.json': FORM}, ('--separator', ';')),
        ({'train.json': FORM}, ('--image-column', 'image')),
        ({'train/a.xml': CAT}, ('--blank', 'negative')),
        ({'train/a.xml': CAT}, ('--merge-case',)),
    ],
)
def test_an_option_of_tables_has_no_effect_on_other_forms(write, command, files, options):
    assert f'error: {options[0]} has no effect' in command('inspect', write(files), *options)


def test_tables_without_labels_are_passed_over(write, command):
    root = write({
        'train_classes.csv': 'image,cat\na.jpg,1\n',
        'test.csv': 'image\nb.jpg\n',
        'sample_submission_v2.csv': 'image,tags\nb.jpg,cat dog\n',
    })  # fmt: skip
    said = command('inspect', root)
    assert "passed over: 'sample_submission_v2.csv', 'test.csv': without labels" in said
    assert "read: 1 pictures, 1 classes: 'cat' 1" in said


def test_of_two_tables_it_says_how_to_inspect_one(write, command):
    root = write(dict.fromkeys(['train.csv', 'train.tsv'], 'image,cat\na.jpg,1\n'))
    assert '`inspect` takes a file, too' in command('inspect', root)
