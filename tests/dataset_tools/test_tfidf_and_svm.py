"""TF-IDF of anybody's texts, and a support vector machine on any features."""

import json
import sys

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from dbl.commands import svm, tfidf
from dbl.dataset_tools.svm import svm_f1
from dbl.dataset_tools.tfidf import write_tfidf
from dbl.datasets import Annotations, FeatureMatrix, write_json
from dbl.errors import InputError

WORDS = ['tin', 'gold']


@pytest.fixture
def folder(tmp_path):
    found = tmp_path / 'texts'
    found.mkdir()
    for split, count in (('train', 30), ('val', 8), ('test', 8)):
        paths = [f'{split}{i}.txt' for i in range(count)]
        for i, path in enumerate(paths):
            (found / path).write_text(f'The price of {WORDS[i % 2]} rose, {split} {i}.')
        write_json(found / f'{split}.json', Annotations(WORDS, paths, [[i % 2] for i in
                   range(count)]))  # fmt: skip
    return found


def test_its_words_are_those_of_the_training_texts(folder, tmp_path):
    shapes = write_tfidf(folder, tmp_path / 'out')
    texts = [(folder / f'train{i}.txt').read_text() for i in range(30)]
    expected = TfidfVectorizer(stop_words='english').fit_transform(texts).toarray()
    source = FeatureMatrix('train', str(tmp_path / 'out'))
    assert shapes['train'] == expected.shape
    found = np.stack([source.read(i).ravel() for i in range(30)])
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    assert shapes['test'] == (8, expected.shape[1])
    assert source.annotations.classes == WORDS


def test_rare_words_may_be_left_out_and_the_folder_is_used_again(folder, tmp_path):
    every, (_, width) = write_tfidf(folder, tmp_path / 'out')['train'], (30, 5)
    assert every[1] > width
    assert write_tfidf(folder, tmp_path / 'out', min_df=15)['train'] == (30, width)


def test_files_of_ones_own_are_not_replaced(folder):
    with pytest.raises(InputError, match=r'train.json. is there already; choose another --out'):
        write_tfidf(folder, folder)


def test_missing_texts_are_named(folder, tmp_path):
    (folder / 'val3.txt').unlink()
    with pytest.raises(InputError, match=r"text '.*val3.txt' does not exist"):
        write_tfidf(folder, tmp_path / 'out')


def test_the_machine_tells_the_classes_apart(folder, tmp_path, monkeypatch, capsys):
    out = str(tmp_path / 'out')
    monkeypatch.setattr(sys, 'argv', ['tfidf', str(folder), '--out', out, '--min-df', '2'])
    tfidf.main()
    monkeypatch.setattr(sys, 'argv', ['svm', out, '--head', '10', '--tail', '5'])
    svm.main()
    shown = capsys.readouterr().out
    assert 'train.npz: 30 x ' in shown
    assert '100.00 / 100.00 │ 100.00 / 100.00 │' in shown
    assert 'which is best on validation' in shown


def test_views_count_once(folder, tmp_path):
    write_tfidf(folder, tmp_path / 'out')
    expected = svm_f1(tmp_path / 'out').by_group
    for split in ('train', 'val', 'test'):
        rows = FeatureMatrix(split, str(tmp_path / 'out')).features.matrix.toarray()
        (tmp_path / 'out' / f'{split}.npz').unlink()
        np.save(tmp_path / 'out' / f'{split}.npy', np.stack([rows, 0 * rows], axis=1))
    found = svm_f1(tmp_path / 'out').by_group
    assert json.dumps(found) == json.dumps(expected)


def test_odd_values_are_refused(folder, tmp_path, monkeypatch, capsys):
    with pytest.raises(InputError, match='--c must be above 0, but got 0'):
        svm_f1(tmp_path, c=0)
    monkeypatch.setattr(sys, 'argv', ['tfidf', str(folder), '--out', 'x', '--min-df', '0'])
    with pytest.raises(SystemExit):
        tfidf.main()
    assert '--min-df must be at least 1, but got 0' in capsys.readouterr().err
