"""Label files of random labels, in each form, read back; mangled ones are read right or refused."""

import csv
import io
import json
import re
import tempfile
import unicodedata
from itertools import zip_longest
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_readers_hold import CHANGES, mutated

from dbl.errors import InputError
from dbl.label_files.answers import Answers
from dbl.label_files.coco_form import read_coco_form
from dbl.label_files.open_table import SUFFIXES
from dbl.label_files.reading import read_table
from dbl.label_files.voc_form import read_voc_form

NEGATIVE = Answers(blank='negative')
# Names begin with a q, as no word that means something to a table does.
TEXT = st.text(st.characters(codec='utf-8', exclude_categories=['C', 'Zl', 'Zp']), max_size=6)
NAMES = TEXT.map(lambda text: ' '.join(unicodedata.normalize('NFC', f'q{text}').split()))
WORDS = NAMES.map(lambda name: re.sub(r'[\s|;,\uff1b\uff0c\u3001/(){}\[\]\'"]', '', name))


@st.composite
def labels(draw, names=NAMES) -> dict[str, list[str]]:
    """What some pictures show: at least one of them shows a class."""
    classes = draw(st.lists(names, min_size=1, max_size=5, unique_by=str.casefold))
    rows = draw(st.lists(st.sets(st.sampled_from(classes)), max_size=8))
    return {f'p{i}.jpg': sorted(row) for i, row in enumerate([{classes[0]}, *rows])}


def read_back(name: str, text: str, answers: Answers = NEGATIVE, read=read_table):
    """Writes a file and reads it: the classes of each picture, ascending."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(text.encode())
        found = read(path, answers).annotations
    shown = [sorted(found.classes[c] for c in row) for row in found.label_indices]
    return dict(zip(found.image_paths, shown, strict=True))


def as_text(rows, delimiter=',', end='\n') -> str:
    file = io.StringIO()
    csv.writer(file, delimiter=delimiter, lineterminator=end).writerows(rows)
    return file.getvalue()


def wide(shown, words, place=0) -> list[list[str]]:
    """Rows of a column a class, the column of the pictures at some place."""
    classes = sorted({name for row in shown.values() for name in row})
    rows = [classes] + [[words[name not in row] for name in classes] for row in shown.values()]
    for row, picture in zip(rows, ['image', *shown], strict=True):
        row.insert(place, picture)
    return rows


@given(
    labels(),
    st.sampled_from(['1 0', '1.0 0.0', 'True False', 'yes no', 'Y n', '1 -1']),
    st.sampled_from(',;\t|'),
    st.sampled_from(['\n', '\r\n', '\r']),
    st.integers(0, 5),
    st.sampled_from(['', '\ufeff']),
)
def test_a_column_a_class(shown, words, delimiter, end, place, mark):
    text = as_text(wide(shown, words.split(), place), delimiter, end)
    assert read_back('train.csv', mark + text) == shown


@given(labels(WORDS), st.sampled_from('|;'), st.sampled_from(',;\t'))
def test_all_classes_in_one_cell(shown, separator, delimiter):
    rows = [[picture, separator.join(row)] for picture, row in shown.items()]
    text = as_text([['image', 'labels'], *rows], delimiter)
    assert read_back('train.csv', text) == shown


@given(labels(WORDS), st.sampled_from('/,'))
def test_a_separator_that_is_given(shown, separator):
    rows = [[picture, separator.join(row)] for picture, row in shown.items()]
    answers = Answers(blank='negative', separator=separator)
    assert read_back('train.csv', as_text([['image', 'labels'], *rows]), answers) == shown


@given(labels(WORDS), st.randoms())
def test_a_row_a_label(shown, random):
    rows = [[picture, name] for picture, row in shown.items() for name in row]
    random.shuffle(rows)
    expected = {picture: row for picture, row in shown.items() if row}
    assert read_back('train.csv', as_text([['image', 'label'], *rows])) == expected


@given(labels(WORDS))
def test_a_class_in_each_of_several_cells(shown):
    columns = list(zip_longest(*shown.values(), fillvalue=''))
    header = ['image', *(f'label{i}' for i in range(len(columns)))]
    rows = [header, *zip(shown, *columns, strict=True)]
    assert read_back('train.csv', as_text(rows)) == shown


def one_hot(shown) -> list[dict]:
    header, *rows = wide(shown, [1, 0])
    return [dict(zip(header, row, strict=True)) for row in rows]


def mmpretrain(shown) -> dict:
    classes = sorted({name for row in shown.values() for name in row})
    entries = [{'img_path': p, 'gt_label': list(map(classes.index, r))} for p, r in shown.items()]
    return {'metainfo': {'classes': classes}, 'data_list': entries}


def label_studio(shown) -> list[dict]:
    return [
        {
            'data': {'image': picture},
            'annotations': [{'result': [{'value': {'choices': row}}]}],
        }
        for picture, row in shown.items()
    ]


RECORDS = {
    'lists': lambda shown: [{'image': p, 'labels': row} for p, row in shown.items()],
    'boxes': lambda shown: [
        {'file_name': p, 'objects': 1, 'annotations': [{'label': n, 'x': 0} for n in row]}
        for p, row in shown.items()
    ],
    'columns of 0 and 1': one_hot,
}
JSONS = {
    **RECORDS,
    'by picture': dict,
    'FiftyOne': lambda shown: {'classes': [], 'labels': shown},
    'mmpretrain': mmpretrain,
    'Label Studio': label_studio,
    "pandas' columns and data": lambda shown: {
        'columns': ['image', 'labels'],
        'data': list(map(list, shown.items())),
    },
}


@pytest.mark.parametrize('form', JSONS)
@given(labels(), st.booleans())
def test_json(form, shown, escaped):
    text = json.dumps(JSONS[form](shown), ensure_ascii=escaped)
    assert read_back('train.json', text) == shown


@pytest.mark.parametrize('form', RECORDS)
@given(labels(), st.sampled_from([None, 1]))
def test_json_lines(form, shown, indent):
    text = '\n'.join(json.dumps(record, indent=indent) for record in RECORDS[form](shown))
    assert read_back('train.jsonl', text) == shown


@given(labels(), st.sampled_from([int, str]), st.integers(-3, 3))
def test_coco_s_form(shown, kind, first):
    classes = ['all', *sorted({name for row in shown.values() for name in row})]
    pictures = list(enumerate(shown))
    content = {
        'images': [{'id': kind(i), 'file_name': name} for i, name in pictures],
        'categories': [{'id': kind(first + c), 'name': n} for c, n in enumerate(classes)],
        'annotations': [
            {'image_id': i, 'category_id': first + classes.index(name)}
            for i, picture in pictures
            for name in shown[picture]
        ],
    }
    assert read_back('train.json', json.dumps(content), read=read_coco_form) == shown


PETS = {'a.jpg': ['cat'], 'b.jpg': ['cat', 'dog']}
CELLS = [['image', 'labels', 'confidence'], ['a.jpg', 'cat|dog', '1'], ['b.jpg', 'dog', '0']]
IMAGES = [{'id': 1, 'file_name': 'a.jpg'}, {'id': 2, 'file_name': 'b.jpg'}]
OBJECTS = [{'image_id': 1, 'category_id': 1}, {'image_id': 2, 'category_id': 1, 'ignore': 0}]
COCO = {'images': IMAGES, 'categories': [{'id': 1, 'name': 'cat'}], 'annotations': OBJECTS}
VIA = {'a': {'filename': 'a.jpg', 'file_attributes': {'c': {'cat': True}}, 'regions': []}}
XML = '<annotations><image name="a.jpg"><tag label="cat"/></image></annotations>'
VOC = '<annotation><object><name>cat</name><difficult>0</difficult></object></annotation>'
SOUND = {
    'wide.csv': as_text(wide(PETS, ['1', '0'])),
    'cells.tsv': as_text(CELLS, '\t'),
    'celeba.txt': '2\ncat dog\na.jpg  1 -1\nb.jpg  1  1\n',
    'coco.json': json.dumps(COCO),
    'via.json': json.dumps(VIA),
    'cvat.xml': XML,
    'voc.xml': VOC,
} | {f'{name}.json': json.dumps(make(PETS)) for name, make in JSONS.items()}


def is_right_or_refused(path: Path) -> None:
    """Reads a file as any of the forms: annotations that fit, or a sentence."""
    for answers in (Answers(), Answers(blank='unknown', uncertain='unknown', confidence=0.5)):
        for read in (read_table, read_coco_form, read_xml):
            try:
                found = read(path, answers).annotations
            except InputError:
                continue
            assert len({name.casefold() for name in found.classes}) == len(found.classes)
            assert len(set(found.image_paths)) == len(found.image_paths) == len(found.label_indices)
            for row in [*found.label_indices, *found.unknown]:
                assert row == sorted(set(row) & {*range(len(found.classes))})


def read_xml(path: Path, answers: Answers):
    return read_voc_form([(path, 'a.jpg')], answers, difficult=True, root=path.parent)


@pytest.mark.parametrize('name', SOUND)
@given(changes=CHANGES)
def test_a_mangled_file_is_read_right_or_refused(name, changes):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(mutated(SOUND[name].encode(), changes))
        is_right_or_refused(path)


@pytest.mark.parametrize('suffix', SUFFIXES)
@given(
    content=st.binary() | st.text('image,cat01;|\t"\n\\[]{}:<>/ .jpg', max_size=60).map(str.encode)
)
def test_any_bytes_are_read_right_or_refused(suffix, content):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f'train{suffix}'
        path.write_bytes(content)
        is_right_or_refused(path)
