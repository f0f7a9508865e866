"""An option has an effect, or is refused with a sentence."""

import pytest

from dbl.label_files import reading

WIDE = 'image,cat,dog\na.jpg,1,0\nb.jpg,1,1\n'
TABLES = {'train.csv': WIDE, 'test.csv': WIDE.replace('.jpg', '.png')}
CAT = '<annotation><object><name>cat</name></object></annotation>'
XML = {'train/a.xml': CAT, 'test/b.xml': CAT}
FORM = {
    'images': [{'id': 1, 'file_name': 'a.jpg'}],
    'categories': [{'id': 1, 'name': 'cat'}],
    'annotations': [{'image_id': 1, 'category_id': 1}],
}
COCO = {f'annotations/{split}.json': FORM for split in ('train', 'test')}
NUS = {
    f'{name}.txt': text
    for split in ('Train', 'Test')
    for name, text in (
        (f'ImageList/{split}Imagelist', f'{split}.jpg\n'),
        (f'TrainTestLabels/Labels_cat_{split}', '1\n'),
    )
}


@pytest.mark.parametrize(
    ('form', 'files', 'options', 'message'),
    [
        ('table', TABLES, '--no-subset --min 2', '--min has no effect beside --no-subset'),
        ('table', TABLES, '--no-subset --exponent 6', '--exponent has no effect beside --no-'),
        ('table', TABLES, '--no-subset --max 2', 'not allowed with argument --no-subset'),
        ('table', TABLES, '--no-subset --seed 1', '--seed has no effect beside --no-subset'),
        ('table', TABLES, '--repeated union', '--repeated has no effect: nothing in these files'),
        ('table', TABLES, '--merge-case', '--merge-case has no effect'),
        ('table', TABLES, '--group cat', '--group says how --test-fraction splits'),
        ('table', NUS, '--image-column image', '--image-column has no effect'),
        ('table', NUS, '--label-columns cat', '--label-columns has no effect'),
        ('coco', COCO, '--merge-case', '--merge-case has no effect'),
        ('coco', COCO, '--ids a --draw', 'not allowed with argument --ids'),
        ('coco', COCO, '--draw --max 3', 'are of COCO-MLT, which takes no --max; leave out one'),
        ('voc', XML, '--merge-case', '--merge-case has no effect'),
        ('voc', XML, '--without-difficult', '--without-difficult has no effect'),
        ('voc', XML, '--suffix .jpg', 'unrecognized arguments: --suffix'),
    ],
)
def test_an_option_without_effect_is_refused(write, build, tmp_path, form, files, options, message):
    assert message in build(form, write(files), *options.split())
    assert not (tmp_path / 'out').exists()


def test_the_seed_has_no_effect_on_the_published_ids(write, build):
    files = {f'annotations/instances_{split}2017.json': FORM for split in ('train', 'val')}
    root = write(files | {'ids.txt': '1\n'})
    said = build('coco', root, '--ids', root / 'ids.txt', '--seed', 0)
    assert '--seed has no effect, as COCO-MLT is taken by its ids; --draw draws it anew' in said


@pytest.mark.parametrize(
    ('files', 'options'),
    [
        ({**TABLES, 'train.csv': f'{WIDE}a.jpg,0,1\n'}, '--repeated union'),
        ({**TABLES, 'test.csv': 'image,cat,dog\nc.jpg,1,0\nc.jpg,1,1\n'}, '--repeated union'),
        ({**TABLES, 'train.csv': 'image,cat,dog,Dog\na.jpg,1,0,1\n'}, '--merge-case'),
        ({**TABLES, 'test.csv': 'image,Cat,dog\nc.jpg,1,0\n'}, '--merge-case'),
        (TABLES, '--seed 3'),
        (TABLES, '--min 1 --exponent 6'),
    ],
)
def test_an_option_with_an_effect_is_taken(write, build, files, options):
    assert 'written to' in build('table', write(files), *options.split())


def test_what_an_option_changes_is_known_without_reading_a_table_again(write, build, monkeypatch):
    opened, once = [], reading.open_table
    monkeypatch.setattr(
        reading, 'open_table', lambda path, *given: opened.append(path.name) or once(path, *given)
    )
    text = 'image,set,cat,dog,Dog\na.jpg,train,1,0,1\na.jpg,train,0,1,0\nb.jpg,test,1,1,1\n'
    options = '--split-column set --merge-case --repeated union'
    said = build('table', write({'train.csv': text}), *options.split())
    assert "left out: 'set': --split-column (--label-columns)" in said
    assert opened == ['train.csv']


def test_names_that_differ_by_case_in_other_forms_are_merged(write, build):
    other = {**FORM, 'categories': [{'id': 1, 'name': 'Cat'}]}
    root = write({**COCO, 'annotations/test.json': other})
    assert "'cat' and 'Cat', which differ by case" in build('coco', root)
    assert 'written to' in build('coco', root, '--merge-case')


@pytest.mark.parametrize(
    ('form', 'files', 'message'),
    [
        ('table', {'train.csv': WIDE}, 'add a table test.csv or the like, or name it with --test,'),
        ('csv', {'train.csv': WIDE}, 'add a table test.csv or the like, or name it with --test,'),
        ('coco', {'a.json': FORM}, 'name their file with --test-json, list them'),
        (
            'voc',
            {'train/a.xml': CAT},
            'add a folder test/ of XML files, or a list Imag',
        ),
    ],
)
def test_without_test_images_the_options_that_there_are_are_named(
    write, build, form, files, message
):
    said = build(form, write(files))
    assert f'has no test images; {message}' in said
    assert '--test-list, or take --test-fraction 0.3 of the training images' in said
