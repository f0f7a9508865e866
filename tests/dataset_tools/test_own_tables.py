"""Which tables of a folder are read, and which are passed over."""

import time

import pytest

from dbl.dataset_tools.own_tables import read_tables
from dbl.dataset_tools.wishes import Wishes
from dbl.errors import InputError

WIDE = 'image,cat,dog\n' + ''.join(f'{i}.jpg,{i % 2},{(i + 1) % 2}\n' for i in range(10))
KAGGLE = {
    'test.csv': 'image\n10.jpg\n',
    'sample_submission.csv': 'image,cat,dog\n10.jpg,0,0\n',
}
DIVIDED = ('--no-subset', '--test-fraction', '0.3')


@pytest.mark.parametrize('name', ['train.csv', 'labels.csv', 'train_classes.csv'])
def test_kaggle_s_files_without_labels_are_passed_over(write, build, name):
    said = build('table', write({name: WIDE, **KAGGLE}), *DIVIDED)
    assert "passed over: 'sample_submission.csv', 'test.csv': without labels" in said
    assert 'written to' in said


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        ((), "test.csv' has no labels, which a test set needs; --test-fraction 0.3 passes it over"),
        ((*DIVIDED, '--test', 'T'), "test.csv' has no labels, which a test set needs"),
    ],
)
def test_a_table_that_is_tested_on_needs_labels(write, build, options, message):
    root = write({'train.csv': WIDE, **KAGGLE})
    options = [str(root / 'test.csv') if option == 'T' else option for option in options]
    assert message in build('table', root, *options)


def test_a_table_without_labels_is_passed_over_for_a_list_and_a_column(write, build):
    text = WIDE.replace('image', 'image,set').replace('.jpg', '.jpg,train')
    root = write({'train.csv': text.replace('9.jpg,train', '9.jpg,test'), **KAGGLE})
    said = build('table', root, '--no-subset', '--split-column', 'set')
    assert "passed over: 'sample_submission.csv', 'test.csv'" in said
    assert 'written to' in said


def test_a_list_of_test_pictures_may_be_the_table_without_labels(write, build):
    root = write({'train.csv': WIDE, 'test.csv': '9.jpg\n8.jpg\n'})
    assert '--test-list FILE, which may be this one, lists them' in build('table', root)
    said = build('table', root, '--no-subset', '--test-list', root / 'test.csv')
    assert 'written to' in said


def test_a_test_table_with_labels_is_not_passed_over(write):
    root = write({'train.csv': WIDE, 'test.csv': WIDE})
    assert {*read_tables(root, wishes=Wishes(test_fraction=0.3))} == {'train', 'test'}


@pytest.mark.parametrize('name', ['Train/metadata.csv', 'TRAIN/_classes.csv', 'Training.CSV'])
def test_a_table_is_called_by_its_split_in_whatever_case(write, name):
    root = write({name: WIDE, 'other.csv': 'x\n', 'train.v2/metadata.csv': 'x\n'})
    assert len(read_tables(root)['train'].annotations) == 10


PAD = '<image id="{0}" name="{0}.jpg"><tag label="{1}" source="manual"/><!--{2}--></image>'


def cvat(*images):
    return f'<annotations>{"".join(images)}</annotations>'


def test_xml_of_cvat_may_be_larger_than_that_of_one_picture(write, build, monkeypatch):
    images = [PAD.format(i, 'cat' if i % 2 else 'dog', 'x' * 200_000) for i in range(10)]
    root = write({'annotations.xml': cvat(*images)})
    assert (root / 'annotations.xml').stat().st_size > 2_000_000
    assert 'written to' in build('table', root, *DIVIDED)
    monkeypatch.setenv('DBL_MAX_CVAT', '2000000')
    with pytest.raises(InputError, match=r'but at most 2000000 are allowed; set DBL_MAX_CVAT=2'):
        read_tables(root)


@pytest.mark.parametrize(
    ('text', 'message'),
    [
        ('<annotation><object/></annotation>', "VOC's form; read its folder with `build_dataset v"),
        ('<annotations><track label="cat"/></annotations>', "export it as 'CVAT for images'"),
        ('<annotations>', 'is not XML'),
    ],
)
def test_other_xml_is_named(write, text, message):
    with pytest.raises(InputError, match=message):
        read_tables(write({'annotations.xml': text}))


NUMBERS = 'image,labels\na.jpg,0 1\nb.jpg,1\n'


@pytest.mark.parametrize('name', ['names.csv', 'test.csv', 'val.json', 'train.txt'])
def test_a_file_of_names_is_no_second_table(write, build, labels, name):
    content = '{"0": "cat", "1": "dog"}' if name.endswith('.json') else '0,cat\n1,dog\n'
    root = write({'labels.csv': NUMBERS, name: content})
    options = ('--no-subset', '--test-fraction', '0.5', '--class-names', root / name)
    assert 'written to' in build('table', root, *options)
    assert labels() == {'a.jpg': ['cat', 'dog'], 'b.jpg': ['dog']}


@pytest.mark.parametrize(
    'name', ['README.txt', 'License.txt', 'classes.txt', '._labels.csv', 'dataset_info.json']
)
def test_what_lies_beside_a_table_is_no_second_one(write, build, name):
    assert 'written to' in build('table', write({'labels.csv': WIDE, name: 'x\n'}), *DIVIDED)


def test_roboflow_s_table_of_boxes_is_read(write, build, labels):
    text = 'filename,width,height,class,xmin,ymin,xmax,ymax\na.jpg,9,9,cat,1,1,1,1\n'
    root = write(
        {'train/_annotations.csv': f'{text}a.jpg,9,9,dog,0,1,1,0\nb.jpg,9,9,cat,1,0,1,1\n'}
    )
    assert 'written to' in build('table', root, '--no-subset', '--test-fraction', '0.5')
    assert labels() == {'a.jpg': ['cat', 'dog'], 'b.jpg': ['cat']}


@pytest.mark.parametrize(
    ('labels', 'tested', 'is_open'),
    [('1 2', '2', True), ('1 2', '0', False), ('0 1', '2', False)],
)
def test_names_from_0_are_refused_where_no_table_has_the_class_0(
    write, build, labels, tested, is_open
):
    train, test = (
        f'image,labels\n{i}.jpg,{cell}\n{i}b.jpg,2\n' for i, cell in enumerate([labels, tested])
    )
    root = write({'train.csv': train, 'test.csv': test})
    said = build('table', root, '--no-subset', '--names', 'cat', 'dog', 'bird', '--classes', 'bird')
    message = "--names: no picture shows 'cat', the class 0, so that the numbers may begin at 1"
    assert (message in said) == is_open


def test_pictures_of_one_name_are_those_in_the_folder_of_the_split(write, build, labels):
    text = 'image,cat\n1.jpg,{}\n2.jpg,1\n'
    files = {f'{split}/{i}.jpg': '' for split in ('train', 'test') for i in (1, 2)}
    root = write({'train.csv': text.format(0), 'test.csv': text.format(1), **files})
    assert "in the folder 'test'" in build('table', root, '--no-subset')
    assert labels() == {
        'train/1.jpg': [], 'train/2.jpg': ['cat'], 'test/1.jpg': ['cat'], 'test/2.jpg': ['cat'],
    }  # fmt: skip
    assert 'written to' in build('table', root, '--no-subset', '--images', 'train', 'test')
    assert labels()['train/1.jpg'] == []


def test_thousands_of_missing_pictures_take_no_time(write, build):
    rows = ''.join(f'{i}.jpg,c{i % 3}\n' for i in range(20_000))
    root = write({'train.csv': f'image,labels\n{rows}', 'other/x_1.jpg': ''})
    began = time.perf_counter()
    assert 'none of the 20000 pictures' in build('table', root, '--no-subset', *DIVIDED[1:])
    assert time.perf_counter() - began < 20
