"""TF-IDF of anybody's texts, and a support vector machine on any features."""

import json
import sys

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from dbl.commands import svm, tfidf
from dbl.dataset_tools.tfidf import write_tfidf
from dbl.datasets import Annotations, FeatureMatrix, write_json
from dbl.errors import InputError
from dbl.svm import margins_of, svm_f1

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
    write_tfidf(folder, tmp_path / 'out')
    (folder / 'val3.txt').unlink()
    with pytest.raises(InputError, match=r"text '.*val3.txt' does not exist"):
        write_tfidf(folder, tmp_path / 'out')
    assert len(list((tmp_path / 'out').iterdir())) == 6, 'nothing of an earlier time is lost'


def test_texts_without_a_word_are_refused(folder, tmp_path):
    with pytest.raises(
        InputError, match='--min-df must be at most 30, the number of training texts, but'
    ):
        write_tfidf(folder, tmp_path / 'out', min_df=31)
    for path in folder.glob('train*.txt'):
        path.write_text('the and')
    with pytest.raises(InputError, match='leave no word with --min-df 1: '):
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
    with pytest.raises(InputError, match='--c must be a finite number above 0, but got inf'):
        svm_f1(tmp_path, c=float('inf'))  # with which it would never end
    with pytest.raises(InputError, match='expected 0 <= --tail <= --head, but got 20 and 5'):
        svm_f1(tmp_path, head=5)
    monkeypatch.setattr(sys, 'argv', ['tfidf', str(folder), '--out', 'x', '--min-df', '0'])
    with pytest.raises(SystemExit):
        tfidf.main()
    assert '--min-df: expected an integer of at least 1' in capsys.readouterr().err


def write_rows(folder, targets, classes=('a', 'b'), features=None):
    """Features that are the labels, and five rows of each split."""
    for split in ('train', 'val', 'test'):
        own = np.array(targets[split] if isinstance(targets, dict) else targets)
        rows = [np.flatnonzero(row).tolist() for row in own]
        names = classes[split] if isinstance(classes, dict) else classes
        paths = [f'{split}{i}' for i in range(len(own))]
        write_json(folder / f'{split}.json', Annotations(list(names), paths, rows))
        np.save(folder / f'{split}.npy', (own if features is None else features).astype(np.float32))
    return folder


def test_a_class_without_training_rows_is_never_present(tmp_path):
    """At a margin below 0, all rows would show it otherwise."""
    shown = [[1, 1], [1, 0], [0, 0], [0, 1], [1, 0]]
    write_rows(tmp_path, {'train': [[a, 0] for a, _ in shown], 'val': shown, 'test': shown})
    source = {name: FeatureMatrix(name, str(tmp_path)) for name in ('train', 'test')}
    (margins,) = margins_of(source['train'], [source['test']])
    assert (margins[:, 1] == -np.inf).all()
    assert svm_f1(tmp_path, head=2, tail=1).by_group['tail'] == (0, 0)


def test_one_class_is_enough(tmp_path):
    write_rows(tmp_path, [[1], [0], [1], [0], [0]], ['a'])
    assert svm_f1(tmp_path, head=2, tail=1).by_group['total'] == (1, 1)


@pytest.mark.parametrize(
    ('changes', 'message'),
    [
        (dict(features=np.full((5, 2), np.nan)), r"train\.npy': the features are not finite"),
        (dict(classes={'train': 'ab', 'val': 'ba', 'test': 'ab'}), 'must have the same classes'),
    ],
)
def test_rows_that_do_not_fit_are_refused(tmp_path, changes, message):
    write_rows(tmp_path, [[1, 0], [0, 1], [1, 1], [0, 0], [0, 1]], **changes)
    with pytest.raises(InputError, match=message):
        svm_f1(tmp_path)
