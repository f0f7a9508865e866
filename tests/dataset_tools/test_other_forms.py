"""A folder that a command finds nothing in: it is said which command reads it."""

import pytest

XML = '<annotation><object><name>cat</name></object></annotation>'
COCO = {'images': [], 'categories': [], 'annotations': []}
LABELME = {'version': '5', 'flags': {}, 'shapes': [{'label': 'cat'}]}
FOLDERS = {
    'voc': {'Annotations/a.xml': XML},
    'coco': {'annotations/instances.json': COCO},
    'table': {'labels.csv': 'image,cat\na.jpg,1\n'},
    'pictures': {'a.json': LABELME, 'b.json': LABELME},
}


@pytest.mark.parametrize('there', FOLDERS)
@pytest.mark.parametrize('asked', ['voc', 'coco', 'table'])
def test_the_command_that_reads_a_folder_is_named(write, build, there, asked):
    said = build(asked, write(FOLDERS[there]), '--no-subset', '--test-fraction', '0.3')
    reads = {'pictures': 'table'}.get(there, there)
    assert (f'`build_dataset {reads}` reads what is there' in said) == (reads != asked)


@pytest.mark.parametrize(
    ('files', 'message'),
    [
        (
            {'x/data.json': [1]},
            "there is 'x/data.json', which `table --train FILE`, or `coco --train-j",
        ),
        ({f'{i}/labels.json': {'labels': []} for i in range(9)}, 'there are 9 .json files, as'),
        ({'a.jpg': ''}, '--root must be the folder of the label files'),
    ],
)
def test_where_no_command_reads_a_folder_it_is_said_what_there_is(write, build, files, message):
    said = build('table', write(files))
    assert 'has no table of labels, such as train.csv or labels.json; ' in said
    assert message in said


def test_a_file_of_another_kind_is_named(write, command):
    for name, message in (
        ('a.xlsx', 'is a spreadsheet; save it as train.csv'),
        ('no', 'not exist'),
    ):
        path = write({'a.xlsx': ''}) / name
        assert message in command('inspect', path)
