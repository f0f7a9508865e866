"""Each form that people have, as a table of a few rows, with the labels written by hand."""

import json
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbl.errors import InputError
from dbl.label_files.answers import Answers
from dbl.label_files.line import Line
from dbl.label_files.reading import read_table
from dbl.label_files.text import split_rows

A, B = 'a.jpg', 'b.jpg'


@pytest.fixture
def read(tmp_path: Path):
    """Writes a table and reads it: the classes that each picture shows, by name."""

    def read(text: str | bytes, name: str = 'train.csv', **answers) -> dict[str, list[str]]:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        found = read_table(path, Answers(**answers)).annotations
        shown = [[found.classes[c] for c in row] for row in found.label_indices]
        return dict(zip(found.image_paths, shown, strict=True))

    return read


PETS = {A: ['cat'], B: ['cat', 'dog']}
WIDE = 'image,cat,dog\na.jpg,1,0\nb.jpg,1,1\n'


@pytest.mark.parametrize(
    'text',
    [
        WIDE,
        '2\ncat dog \na.jpg  1 -1\nb.jpg  1  1\n',  # CelebA's, in its .txt
        WIDE.replace(',', ';'),
        WIDE.replace(',', '\t'),
        WIDE.replace(',', '|'),
        WIDE.replace('\n', '\r\n'),
        WIDE.replace('\n', '\r'),
        WIDE.replace(',', ', '),
        '\ufeff' + WIDE,
        'sep=;\n' + WIDE.replace(',', ';'),
        '# made by hand, in May\n' + WIDE,
        '\n\n' + WIDE + '\n   \n,,\n',
        WIDE.replace('image', 'Image'),
        WIDE.replace('image', 'File Name'),
        WIDE.replace('image', 'x'),  # its cells are paths of pictures
        WIDE.replace('0', '0.0').replace('1', '1.0'),
        WIDE.replace('1', 'True').replace('0', 'False'),
        WIDE.replace('1', 'yes').replace('0', 'no'),
        WIDE.replace('0', '-1'),
        'cat,dog,image\n1,0,a.jpg\n1,1,b.jpg\n',
        ',image,cat,dog\n0,a.jpg,1,0\n1,b.jpg,1,1\n',
        'image,cat,dog,\na.jpg,1,0,\nb.jpg,1,1,\n',
        'image,label,label\nimage,cat,dog\na.jpg,1,0\nb.jpg,1,1\n',
        'image,cat,is_valid,dog,Age\na.jpg,1,0,0,7\nb.jpg,1,1,1,50\n',
        'image,width,cat,dog\na.jpg,640,1,0\nb.jpg,480,1,1\n',
        '"image","cat","dog"\n"a.jpg","1","0"\n"b.jpg","1","1"\n',
        'image,cat,dog\n a.jpg ,1,0\nb.jpg ,1,1\n',
        WIDE + 'a.jpg,1,0\n',  # the same again
        'image,labels\na.jpg,cat\nb.jpg,cat|dog\n',
        'image,labels\na.jpg,cat\nb.jpg,cat;dog\n',
        'image,labels\na.jpg,cat\nb.jpg,"cat, dog"\n',
        'image;labels\na.jpg;cat\nb.jpg;cat,dog\n',
        'image,Finding Labels,Age\na.jpg,cat,7\nb.jpg,cat|dog,8\n',
        "image,labels\na.jpg,['cat']\nb.jpg,\"['cat', 'dog']\"\n",
        'image,labels\na.jpg,"[""cat""]"\nb.jpg,"[""cat"", ""dog""]"\n',
        'image,label\na.jpg,cat\nb.jpg,cat\nb.jpg,dog\n',
        'ImageID,Source,LabelName,Confidence\na.jpg,human,cat,1\na.jpg,human,dog,0\n'
        'b.jpg,human,cat,1\nb.jpg,human,dog,1\n',
        'image,label1,label2\na.jpg,cat,\nb.jpg,cat,dog\n',
        'filename,file_size,file_attributes,region_count,region_id,region_shape_attributes,'
        'region_attributes\na.jpg,9,"{""classes"": {""cat"": true, ""dog"": false}}",0,0,{},{}\n'
        'b.jpg,9,{},2,0,{},"{""classes"": ""cat""}"\nb.jpg,9,{},2,1,{},"{""classes"": ""dog""}"\n',
    ],
)
def test_a_table_in_text_is_read(read, text):
    assert read(text, 'train.txt' if text.startswith('2') else 'train.csv') == PETS


@pytest.mark.parametrize('encoding', ['utf-16', 'gb18030', 'cp1252'])
def test_another_encoding_is_read(read, encoding):
    names = ('猫', 'café') if encoding != 'cp1252' else ('Bär', 'café')
    text = f'image,{names[0]},{names[1]}\na.jpg,1,0\nb.jpg,1,1\n'.encode(encoding)
    given = {} if encoding == 'utf-16' else {'encoding': encoding}
    assert read(text, **given) == {A: [names[0]], B: [*names]}


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        ('image,cat\na.jpg,1\n'.encode('utf-16-le'), '--encoding utf-16-le reads such a file'),
        ('image,cat\na.jpg,1\n'.encode('utf-16-be'), '--encoding utf-16-be reads such a file'),
        (b'image,cat\na.jpg,1\n' + b'\0' * 30, 'zero bytes; remove them, or name another table'),
        (
            b'PK\x03\x04\x14\0\x06\0',
            'whatever its name ends in: it is a spreadsheet or another pac',
        ),
        (b'\x1f\x8b\x08\0', 'it is packed with gzip; unpack it'),
        (b'PAR1\x15', 'it is a Parquet file; call it .parquet'),
    ],
)
def test_what_bytes_are_is_said(read, content, message):
    with pytest.raises(InputError, match=message):
        read(content)


def test_utf_32_has_a_mark_that_begins_as_that_of_utf_16(read):
    assert read(f'image,cat\n{A},1\n'.encode('utf-32')) == {A: ['cat']}


def test_an_encoding_is_not_guessed(read):
    with pytest.raises(InputError, match=r"--encoding says in which: .*gb18030 reads '猫'"):
        read('image,猫,狗\na.jpg,1,0\n'.encode('gbk'))


RECORDS = [{'image': A, 'labels': ['cat']}, {'image': B, 'labels': ['cat', 'dog']}]
BOXES = {'annotations': [{'label': 'dog', 'x': 1}, {'label': 'cat', 'x': 2}]}
ENTRIES = [{'img_path': A, 'gt_label': [0]}, {'img_path': B, 'gt_label': [0, 1]}]
TASKS = [
    {
        'data': {'image': entry['image']},
        'annotations': [{'result': [{'value': {'choices': entry['labels']}}]}],
    }
    for entry in RECORDS
]
VIA = {
    'a': {'filename': A, 'file_attributes': {'classes': {'cat': True}}, 'regions': []},
    'b': {
        'filename': B,
        'file_attributes': {},
        'regions': [{'region_attributes': {'classes': n}} for n in ('cat', 'dog')],
    },
}


@pytest.mark.parametrize(
    'content',
    [
        RECORDS,
        [{'file_name': A, 'tags': 'cat'}, {'file_name': B, 'tags': 'cat|dog'}],
        [{'image': A, 'cat': 1, 'dog': 0}, {'image': B, 'cat': 1, 'dog': 1}],
        [{'image': A, 'cat': True, 'dog': False}, {'image': B, 'cat': True, 'dog': True}],
        [{'image': A, 'choice': 'cat'}, {'image': B, 'choice': {'choices': ['cat', 'dog']}}],
        [
            {'image': r['image'], 'annotations': [{'label': n} for n in r['labels']]}
            for r in RECORDS
        ],
        {'classes': ['cat', 'dog'], 'labels': {r['image']: r['labels'] for r in RECORDS}},
        {'classes': ['cat', 'dog'], 'labels': {A: 0, B: [0, 1]}},
        {'metainfo': {'classes': ['cat', 'dog']}, 'data_list': ENTRIES},
        {r['image']: r['labels'] for r in RECORDS},
        {'columns': ['image', 'cat', 'dog'], 'data': [[A, 1, 0], [B, 1, 1]]},
        {'image': {'0': A, '1': B}, 'cat': {'0': 1, '1': 1}, 'dog': {'0': 0, '1': 1}},
        TASKS,
        VIA,
        {'_via_img_metadata': VIA},
    ],
)
def test_json_is_read(read, content):
    assert read(json.dumps(content), 'train.json') == PETS


def test_json_lines_are_read_also_where_an_object_takes_several(read):
    for indent in (None, 1):
        text = '\n'.join(json.dumps(record, indent=indent) for record in RECORDS)
        assert read(text, 'train.jsonl') == PETS


def test_numbers_and_vectors_are_read(read):
    numbers = [{'image': A, 'labels': [0]}, {'image': B, 'labels': [0, 1]}]
    vectors = [{'image': A, 'labels': [1, 0]}, {'image': B, 'labels': [1, 1]}]
    for records in (numbers, vectors):
        assert read(json.dumps(records), 'train.json') == {A: ['0'], B: ['0', '1']}
        assert read(json.dumps(records), 'train.json', names=['cat', 'dog']) == PETS
    assert read('Id,Target\na.jpg,0\nb.jpg,0 1\n', names=['cat', 'dog']) == PETS


def test_parquet_is_read(tmp_path):
    polars = pytest.importorskip('polars')
    path = tmp_path / 'train.parquet'
    polars.DataFrame(RECORDS).write_parquet(path)
    assert read_table(path).annotations.label_indices == [[0], [0, 1]]


def test_without_polars_the_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, 'polars', None)
    (tmp_path / 'train.parquet').touch()
    with pytest.raises(InputError, match=r"parquet': .* \(the extra `parquet`\), or take a \.csv"):
        read_table(tmp_path / 'train.parquet')


def test_cvat_is_read(read):
    text = (
        '<annotations><image id="0" name="a.jpg"><box label="cat"/><box label="cat"/></image>'
        '<image id="1" name="b.jpg"><tag label="dog"/><polygon label="cat"/></image></annotations>'
    )
    assert read(text, 'annotations.xml') == PETS


UNCERTAIN = 'image,cat,dog\na.jpg,1,-1\nb.jpg,1,1\nc.jpg,0,u\n'
BLANK = 'image,cat,dog\na.jpg,1,\nb.jpg,1,1\nc.jpg,nan,nan\n'


@pytest.mark.parametrize(('text', 'option'), [(UNCERTAIN, 'uncertain'), (BLANK, 'blank')])
def test_what_is_not_known_is_counted_as_one_says_and_never_guessed(read, tmp_path, text, option):
    with pytest.raises(InputError, match=rf"in line 2 \('dog'\).*; --{option} negative"):
        read(text)
    assert read(text, **{option: 'negative'}) == {A: ['cat'], B: ['cat', 'dog'], 'c.jpg': []}
    shown = ['dog'] if option == 'uncertain' else ['cat', 'dog']
    expected = {A: ['cat', 'dog'], B: ['cat', 'dog'], 'c.jpg': shown}
    assert read(text, **{option: 'positive'}) == expected
    found = read_table(tmp_path / 'train.csv', Answers(**{option: 'unknown'})).annotations
    assert found.label_indices == [[0], [0, 1], []]
    assert found.unknown == [[1], [], [1] if option == 'uncertain' else [0, 1]]


def test_a_one_without_zeros_is_no_minus_one_that_is_uncertain(read):
    with pytest.raises(
        InputError, match='-1 beside other words for what is not shown in its cells; --unc'
    ):
        read(
            'image,cat\n'
            + 'a.jpg,-1\n'
            + ''.join(f'{i}.jpg,1\n' for i in range(1000))
            + 'z.jpg,0\n'
        )


def test_a_picture_without_labels_is_not_guessed_but_an_empty_list_says_it(read):
    records = [*RECORDS, {'image': 'c.jpg', 'labels': None}]
    with pytest.raises(InputError, match='no label in record 3; --blank negative'):
        read(json.dumps(records), 'train.json')
    assert read(json.dumps(records), 'train.json', blank='negative')['c.jpg'] == []
    records[-1]['labels'] = []
    assert read(json.dumps(records), 'train.json')['c.jpg'] == []


def test_confidences_want_a_threshold(read):
    wide = 'image,cat,dog\na.jpg,0.9,0.2\nb.jpg,0.5,1\n'
    long = 'image,label,confidence\na.jpg,cat,0.9\na.jpg,dog,0.2\nb.jpg,cat,0.5\nb.jpg,dog,1\n'
    for text in (wide, long):
        with pytest.raises(InputError, match=r'line 2.*--confidence 0\.5'):
            read(text)
        assert read(text, confidence=0.5) == PETS
        assert read(text, confidence=0.9)[B] == ['dog']


@pytest.mark.parametrize(
    ('text', 'options', 'expected'),
    [
        ('p;q;r\na.jpg;b.jpg;cat\n', {'image_column': 'q', 'labels_column': 'r'}, {B: ['cat']}),
        ('who,animal\na.jpg,cat\n', {'labels_column': 'animal'}, {A: ['cat']}),
        ('image,x,y\na.jpg,1,1\n', {'label_columns': ['y', 'x']}, {A: ['y', 'x']}),
        ('image,x,y\na.jpg,1,0\n', {'drop_columns': ['x']}, {A: []}),
        ('image,sex\na.jpg,1\n', {'label_columns': ['sex']}, {A: ['sex']}),
        ('image,p,q\na.jpg,cat,dog\n', {'label_columns': ['p', 'q']}, {A: ['cat', 'dog']}),
        ('image,labels\na.jpg,hard hat\n', {'separator': 'none'}, {A: ['hard hat']}),
        ('image,labels\na.jpg,hard hat\n', {'separator': ' '}, {A: ['hard', 'hat']}),
        ('image,labels\na.jpg,cat/owl\n', {'separator': '/'}, {A: ['cat', 'owl']}),
        ('a.jpg,1,0\n', {'header': ['image', 'x', 'y']}, {A: ['x']}),
        ('image:x\na.jpg:1\n', {'delimiter': ':'}, {A: ['x']}),
    ],
)
def test_an_option_changes_what_a_table_is_understood_as(read, text, options, expected):
    assert read(text, **options) == expected


@pytest.mark.parametrize(
    ('text', 'message'),
    [
        ('', 'is empty'),
        ('a.jpg,1,0\nb.jpg,1,1\n', 'has no header; --header'),
        ('image\na.jpg\n', 'has no columns of labels'),
        ('image,color,shape\na.jpg,red,round\n', '--label-columns .* --labels-column'),
        ('one,two\nx,y\n', "columns 'one', 'two', and none is known to hold pictures"),
        ('p,q,cat\na.jpg,b.jpg,1\n', '2 columns hold pictures; --image-column'),
        ('image,labels\na.jpg,hard hat\n', "whether 'hard hat' is one class or several"),
        ('image,cat,Cat\na.jpg,1,0\n', "'cat' and 'Cat', which differ by case.*--merge-case"),
        ('image,cat, cat\na.jpg,1,0\n', "'cat' and 'cat', which differ"),
        ('image,cat\nhttps://x.org/a.jpg,1\n', 'a URL instead of a picture in line 2 .*; download'),
        ('image,cat\n,1\na.jpg,1\n', 'no picture in line 2'),
        ('image,label,conf\na.jpg,cat,1\nb.jpg,cat\n', 'line 3: expected 3 cells, but got 2'),
        ('image,cat,dog\na.jpg,1\n', '2 cells instead of 3 in line 2'),
        ('image,cat,dog\na.jpg,1,0,1\n', '4 cells instead of 3 in line 2'),
        (
            'image,cat\na.jpg,1\na.jpg,0\n',
            r"again, with other labels in line 3 \('a.jpg' of 2\); --repeated",
        ),
        ('image,cat\n"a.jpg,1\n', 'line 2: unexpected end of data'),
        ('image,cat\na.jpg,1\n\0', 'holds zero bytes'),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_helps(read, text, message):
    with pytest.raises(InputError, match=message):
        read(text)


def test_case_is_merged_and_repeated_pictures_are_joined_where_one_says_so(read):
    assert read('image,cat,Cat\na.jpg,1,0\nb.jpg,0,1\n', merge_case=True) == {
        A: ['cat'],
        B: ['cat'],
    }
    joined = read('image,cat,dog\na.jpg,1,0\na.jpg,0,1\n', repeated='union')
    assert joined == {A: ['cat', 'dog']}


def test_two_forms_of_unicode_are_one_name(read):
    text = 'image,labels\na.jpg,B\u00e4r\nb.jpg,Ba\u0308r\n'
    assert read(text) == {A: ['B\u00e4r'], B: ['B\u00e4r']}


def test_faults_come_at_once_with_the_counts(read):
    rows = [f'{i}.jpg,{2 if i % 2 else ""},1' for i in range(100)]
    with pytest.raises(InputError) as caught:
        read('\n'.join(['image,cat,dog', *(f'x{i}.jpg,1,1' for i in range(900)), *rows]))
    message = str(caught.value)
    assert message.count('line') == 40
    assert message.count(' and 30 more places') == 2
    assert "neither 0 nor 1 in line 903 ('cat': '2'), line 905" in message


def test_the_understanding_names_what_was_left_out_and_the_options(tmp_path):
    path = tmp_path / 'train.csv'
    path.write_text('image,cat,sex,note\na.jpg,1,0,old\n')
    understood = read_table(path).understood
    assert understood == {
        'file': 'text in cells parted by comma',
        'pictures': "in the column 'image' (--image-column)",
        'labels': "0 or 1 in 1 column, 'cat' (--label-columns)",
        'left out': "'sex': by its name no class; 'note': it holds 'old' (--label-columns)",
    }


@pytest.mark.parametrize('delimiter', ',;\t|')
@given(st.text('a1,;\t| \r\n#.\u00e4', max_size=30))
def test_text_without_quotes_is_split_as_csv_splits_it(delimiter, text):
    path = Path('a.csv')
    rows = list(split_rows(path, text, delimiter))
    quoted = list(split_rows(path, f'{text}\n"end"', delimiter))
    assert rows == quoted[:-1]


CELLS = st.sampled_from(['0', '1', '0', '1', '1.0', '-1', '10', '', '0.5', 'x'])


@pytest.mark.parametrize('delimiter', [',', ';', '\t', '||', '§'])
@given(
    rows=st.lists(st.lists(CELLS, min_size=1, max_size=4), min_size=1, max_size=5),
    image=st.integers(0, 3),
)
def test_whole_lines_are_read_as_their_cells(tmp_path_factory, delimiter, rows, image):
    """With blanks before the cells, which part them at once, the same comes out, or is refused."""
    width = max(map(len, rows))
    rows = [['image', *'abcd'[:width]], *([f'{i}.jpg', *row] for i, row in enumerate(rows))]
    for row in rows:
        row.insert(image, row.pop(0))
    path, found = tmp_path_factory.mktemp('wide') / 'train.csv', []
    for blank in ('', ' '):
        path.write_text('\n'.join(f'{delimiter}{blank}'.join(row) for row in rows))
        try:
            read = read_table(path, Answers(delimiter=delimiter)).annotations
            found.append((read.classes, read.image_paths, read.label_indices))
        except InputError as error:
            found.append(str(error))
    assert found[0] == found[1]


def test_a_wide_table_is_read_whole(monkeypatch, tmp_path):
    """Of the plain rows only the first 1,000, and the header, are split."""
    split, once = set(), Line._split
    monkeypatch.setattr(Line, '_split', lambda line: split.add(line.text) or once(line))
    rows = '\n'.join(f'{i}.jpg,{i % 2},{i % 3 // 2},0' for i in range(5000))
    (tmp_path / 'train.csv').write_text(f'image,a,b,c\n{rows}')
    found = read_table(tmp_path / 'train.csv').annotations
    assert found.label_indices[4997] == [0, 1]
    assert len(split) <= 1001


@pytest.mark.parametrize(
    ('delimiter', 'last', 'said'),
    [
        (',', '"0,1"', '2 cells instead of 3 in line 102'),
        ('; ', '1,1', '2 cells instead of 3 in line 102'),
        (';', '1,1', '2 cells instead of 3 in line 102'),
    ],
)
def test_a_row_of_too_few_cells_is_told_after_a_hundred_good_ones(read, delimiter, last, said):
    rows = [['image', 'a', 'b'], *([f'{i}.jpg', '1', '0'] for i in range(100)), ['100.jpg', last]]
    with pytest.raises(InputError, match=said):
        read('\n'.join(map(delimiter.join, rows)))


def test_a_delimiter_may_be_anything_but_must_part_the_cells(read):
    with pytest.raises(InputError, match='empty cell'):
        read('image0a0b\nx.jpg0100\ny.jpg0101\n', delimiter='0')
    with pytest.raises(InputError, match=r"with which --delimiter must be one .* got '\|\|'"):
        read('image||a\n"x.jpg"||1\n', delimiter='||')


def test_a_last_row_without_a_picture_is_none(read):
    with pytest.raises(InputError, match='no picture in line 4'):
        read('image,cat,dog\na,1,0\nb,0,1\n,x,1\n')


def test_a_line_is_as_its_cells():
    line = Line('a,b,,c', ',')
    assert len(line) == 4
    assert (line[0], line[-1], line[1:3], [*line]) == ('a', 'c', ['b', ''], ['a', 'b', '', 'c'])
    assert line == ['a', 'b', '', 'c'] == line
    assert line != 'a,b,,c'
    assert Line('a', ',') != 'a'
    assert len(line) == 4, 'once it is split, too'
