"""Which tables of a folder are read, and which are passed over."""

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
