"""Readers on files that were mutated: a right answer or an InputError, never anything else."""

import json
import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbl.dataset_tools.check import check_annotations
from dbl.datasets import read_annotations
from dbl.errors import InputError

JSON = {
    'metainfo': {'classes': ['ant', 'bee'], 'built': {'from': 'x'}},
    'data_list': [{'img_path': 'a.jpg', 'labels': [0, 1]}, {'img_path': 'b.jpg', 'labels': []}],
}
JSONL = '{"image": "a.jpg", "labels": ["ant", "bee"]}\n{"image": "b.jpg", "labels": []}\n'
SOUND = {
    'train.csv': b'image,ant,bee\na.jpg,1,0\n"b,c.jpg",0,1\n',
    'train.json': json.dumps(JSON).encode(),
    'train.jsonl': JSONL.encode(),
}
PIECES = st.sampled_from(
    [
        b'',
        b'"',
        b'\n',
        b'\x00',
        b'\xff',
        b'{',
        b']',
        b',',
        b'null',
        b'1e999',
        b'-1',
        b'../',
        b'\\ud800',
    ]
) | st.binary(max_size=4)
CHANGES = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 12), PIECES), min_size=1, max_size=4)


def mutated(content: bytes, changes) -> bytes:
    """Replaces some bytes, at some places, by others."""
    for place, length, piece in changes:
        start = int(place * len(content))
        content = content[:start] + piece + content[start + length :]
    return content


def is_right_or_refused(path: Path) -> None:
    try:
        annotations = read_annotations(path)
    except InputError as error:
        sentence = str(error)
    else:
        is_right(annotations)
        return
    assert str(path) in sentence


def is_right(annotations) -> None:
    assert annotations.classes
    assert len(set(annotations.classes)) == len(annotations.classes)
    assert len(set(annotations.image_paths)) == len(annotations.image_paths) > 0
    for path in annotations.image_paths:
        assert not os.path.isabs(path)
        assert '..' not in Path(os.path.normpath(path)).parts
    for row in annotations.label_indices:
        assert len(set(row)) == len(row)
        assert all(0 <= label < len(annotations.classes) for label in row)
    assert annotations.labels.shape == (len(annotations), len(annotations.classes))


@pytest.mark.parametrize('name', SOUND)
@given(changes=CHANGES)
def test_a_mutated_file_is_read_right_or_refused(name, changes):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(mutated(SOUND[name], changes))
        is_right_or_refused(path)
        for annotations in check_annotations(Path(folder))[1].values():
            is_right(annotations)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists))
def test_any_json_is_read_right_or_refused(content):
    with tempfile.TemporaryDirectory() as folder:
        for place in ('labels', 'img_path', 'entry', 'data_list', 'classes', 'metainfo', 'all'):
            entry = {'img_path': 'a', 'labels': [0], **({place: content})}
            rows = content if place == 'data_list' else [content if place == 'entry' else entry]
            metainfo = {'classes': content if place == 'classes' else ['ant']}
            metainfo = content if place == 'metainfo' else metainfo
            whole = {'metainfo': metainfo, 'data_list': rows}
            path = Path(folder) / 'train.json'
            path.write_text(json.dumps(content if place == 'all' else whole))
            is_right_or_refused(path)
