import subprocess

import numpy as np
import pytest

from dbl.commands.word_vectors import main


@pytest.fixture
def tool(run_here, tmp_path):
    (tmp_path / 'glove.txt').write_text('cat 1 0\ndog 0 1\nowl 1 1\n')

    def run(*arguments: str) -> subprocess.CompletedProcess:
        return run_here(main, '--glove', 'glove.txt', *arguments)

    return run


def test_makes_the_vectors_of_one_s_own_classes(tool, photo_folder):
    """``photo_folder`` and the folder that the tool runs in are the same."""
    process = tool('--classes', 'train.csv', '--out', 'made/vectors.npz')
    assert process.returncode == 0, process.stderr
    assert process.stdout == 'vectors of 3 classes, 2 numbers each: made/vectors.npz\n'
    content = np.load(photo_folder / 'made' / 'vectors.npz')
    assert content['classes'].tolist() == ['cat', 'dog', 'owl']
    assert content['vectors'].tolist() == [[1, 0], [0, 1], [1, 1]]


@pytest.mark.parametrize(
    ('arguments', 'sentence'),
    [
        (['--classes', 'voc_mlt'], "'glove.txt' has no vector of 'aeroplane' (class 'aeroplane')"),
        (['--classes', 'coco_mlt'], "'light' (class 'traffic light')"),
        (['--classes', ''], "'.' is a folder; name an annotation file"),
        (['--classes', 'no.csv'], "'no.csv' does not exist"),
        (['--classes', 'voc_mlt', '--glove', 'no.txt'], "'no.txt' is not a file; unpack"),
    ],
)
def test_what_is_missing_is_named(tool, arguments, sentence):
    process = tool(*arguments, '--out', 'v.npz')
    assert process.returncode == 1
    assert process.stderr.startswith('error: ')
    assert sentence in process.stderr


def test_another_suffix_is_an_error_of_usage(tool):
    process = tool('--classes', 'voc_mlt', '--out', 'v.npy')
    assert process.returncode == 2
    assert "--out must end in .npz, but got 'v.npy'" in process.stderr
