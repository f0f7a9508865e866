"""The news of Reuters-21578, split as Huang et al. (EMNLP 2021) split them."""

import io
import os
import sys
import tarfile
from contextlib import redirect_stdout
from pathlib import Path

import numpy as np
import pytest

from dbl.commands.build_dataset import main
from dbl.dataset_tools.reuters import (
    classes_of,
    documents_in,
    groups_of,
    read_documents,
    split_documents,
    write_texts,
)
from dbl.dataset_tools.splits import read_splits
from dbl.dataset_tools.tfidf import write_tfidf
from dbl.datasets import TextFiles
from dbl.errors import InputError
from dbl.results.published_f1 import REUTERS
from dbl.svm import svm_f1

ARCHIVE = Path(__file__).parents[3] / 'shared/reuters/reuters21578.tar.xz'
DOCUMENT = """<REUTERS TOPICS="{has}" LEWISSPLIT="{split}" CGISPLIT="x" OLDID="1" NEWID="{number}">
<DATE>26-FEB-1987</DATE><TOPICS>{topics}</TOPICS><PLACES><D>usa</D></PLACES>
<TEXT{kind}>&#2;{text}</TEXT>
</REUTERS>
"""


def document(number, split='TRAIN', topics=('tin',), has='YES', text=None, kind='') -> str:
    topics = ''.join(f'<D>{topic}</D>' for topic in topics)
    text = (
        text or f'<TITLE>NEWS {number}</TITLE><DATELINE> SALVADOR</DATELINE><BODY>It &lt;X>.</BODY>'
    )
    return DOCUMENT.format(has=has, split=split, number=number, topics=topics, text=text, kind=kind)


def test_a_document_has_its_topics_once_and_its_text_without_marks():
    text = document(7, topics=['tin', 'tin', 'gold']) + document(8, has='NO')
    (found,) = documents_in(text)
    assert (found.number, found.split, found.topics) == (7, 'TRAIN', ['tin', 'gold'])
    assert found.text == 'NEWS 7\nIt <X>.'


def test_a_document_without_a_body_has_its_text_whole():
    brief = document(9, text='<TITLE>*TIN RISES</TITLE>\n Blah &#3;', kind=' TYPE="BRIEF"')
    (found,) = documents_in(brief)
    assert found.text.split() == ['*TIN', 'RISES', 'Blah']


def test_a_document_without_a_number_is_none():
    assert not list(documents_in(document('../../x') + document('9' * 5000)))


def test_a_damaged_archive_is_refused(tmp_path):
    path = tmp_path / 'reuters.tar.xz'
    with tarfile.open(path, 'w:xz') as archive:
        info = tarfile.TarInfo('reut2-000.sgm')
        info.size = 100_000
        archive.addfile(info, io.BytesIO(np.random.default_rng(0).bytes(info.size)))
    path.write_bytes(path.read_bytes()[:50_000])
    with pytest.raises(InputError, match=r"reuters\.tar\.xz' is damaged: .*; get the collection"):
        read_documents(path)


def test_pipes_are_not_opened(tmp_path):
    for number in range(22):
        os.mkfifo(tmp_path / f'reut2-{number:03}.sgm')
    with pytest.raises(InputError, match='holds 0 of the 22 files'):
        read_documents(tmp_path)


def test_texts_of_ones_own_are_not_replaced(tmp_path):
    (tmp_path / 'texts').mkdir()
    with pytest.raises(InputError, match="texts' is there already; delete it, or choose another"):
        write_texts(tmp_path, [])


def test_classes_are_those_of_training_and_test():
    text = document(1) + document(2, 'TEST', ['tin', 'gold']) + document(3, topics=['zinc'])
    assert classes_of(list(documents_in(text))) == ['tin']


def test_the_archive_and_its_folder_give_the_same(tmp_path):
    folder = tmp_path / 'reuters21578'
    folder.mkdir()
    for number in range(22):
        path = folder / f'reut2-{number:03d}.sgm'
        path.write_text(document(100 - number, text='<BODY>caf\xe9</BODY>'), encoding='latin-1')
    (folder / 'README.txt').touch()
    with tarfile.open(tmp_path / 'r.tar.gz', 'w:gz') as archive:
        archive.add(folder, 'reuters21578')
    found = read_documents(tmp_path / 'r.tar.gz')
    assert found == read_documents(tmp_path)
    assert [d.number for d in found] == list(range(79, 101))
    assert found[0].text == 'caf\xe9'
    with pytest.raises(InputError, match=r'expected 90 topics.*but found 0'):
        split_documents(found)
    (folder / 'reut2-004.sgm').unlink()
    with pytest.raises(InputError, match='holds 21 of the 22 files'):
        read_documents(folder)
    with pytest.raises(InputError, match='holds 0 of the 22 files'):
        read_documents(tmp_path / 'no.tar')


@pytest.fixture(scope='module')
def built(tmp_path_factory):
    """The set as the command writes it, and what the command says, twice."""
    if not ARCHIVE.is_file():
        pytest.skip('no real data beside the checkout')
    out = tmp_path_factory.mktemp('built') / 'reuters'
    command = ['build_dataset', 'reuters', '--root', str(ARCHIVE), '--out', str(out)]
    said = []
    for _ in range(2):
        shown = io.StringIO()
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(shown):
            patch.setattr(sys, 'argv', command)
            main()
        said.append(shown.getvalue())
    return out, said


def test_the_command_writes_texts_and_labels(built):
    out, (first, again) = built
    assert 'left out: training document 1164' in first
    source = TextFiles('val', str(out))
    source.check_images()
    assert len(source.annotations) == 1000
    assert len([*(out / 'texts').iterdir()]) == 6769 + 1000 + 3019
    assert again == first, 'what is there is its own'


def test_tfidf_and_the_support_vector_machine_give_the_published_row(built, tmp_path):
    """Published: 87.60 / 51.63, 89.87 / 78.47, 66.92 / 61.00, 22.54 / 13.83."""
    shapes = write_tfidf(built[0], tmp_path / 'tfidf')
    assert shapes['train'] == (6769, 24546)
    found = svm_f1(tmp_path / 'tfidf', head=35, tail=9)
    published = np.array(REUTERS['svm'])
    np.testing.assert_allclose(100 * np.array([*found.by_group.values()]), published, atol=0.6)


def test_the_counts_are_those_of_the_protocol(built):
    found = read_splits(built[0])
    assert {name: len(split) for name, split in found.items()} == {
        'train': 6769, 'val': 1000, 'test': 3019,
    }  # fmt: skip
    assert [len(own) for own in groups_of(found['train']).values()] == [30, 31, 29]
    assert len(found['train'].classes) == 90
    assert sum(found['train'].class_freq) == 8337, 'a topic that a document has twice counts once'
    assert min(found['test'].class_freq) > 0
