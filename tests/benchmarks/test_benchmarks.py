import json
import subprocess
import sys

import numpy as np
import pytest

from dbl.benchmarks.coco_parsers import write_instances
from dbl.benchmarks.label_scale import growth, label_work, made_labels
from dbl.benchmarks.own_process import in_own_process
from dbl.datasets.coco import CLASSES, read_coco
from dbl.errors import InputError


def test_made_labels_are_sparse_and_long_tailed():
    labels = made_labels(4000, 50, 3)
    assert (labels.shape, labels.nnz) == ((4000, 50), 12000)
    assert labels.sum(axis=1).tolist() == [3] * 4000
    assert labels.max() == 1
    share = labels.sum(axis=0) / 4000
    first = 1 / (1 / np.arange(1, 51)).sum()  # of one draw
    assert first < share[0] < 3 * first + 0.1
    assert share[0] > 2 * share[3] > 4 * share[20] > 0
    assert (made_labels(4000, 50, 3) != labels).nnz == 0
    assert made_labels(7, 4, 4).toarray().tolist() == [[1] * 4] * 7


def test_every_piece_of_work_is_measured():
    seconds = label_work(3000, 20, 3)
    assert list(seconds) == ['co-occurrence', 'subset', 'groups', 'epoch']
    assert all(0 < s < 60 for s in seconds.values())


def allocate(size):
    return len(bytearray(b'x') * size)


def test_the_peak_is_that_of_the_call():
    (_, small), (result, large) = (in_own_process(allocate, n) for n in (10, 400_000_000))
    assert result == 400_000_000
    assert large - small == pytest.approx(0.4, abs=0.05)


def test_more_labels_than_classes_are_refused():
    with pytest.raises(InputError, match=r'expected 1 to 5 labels an image, .* but got 6'):
        made_labels(10, 5, 6)


def test_growth_is_the_exponent():
    rows = [{'images': n, 'linear': 3.0 * n, 'squared': n**2 / 7} for n in (10, 20, 80)]
    assert growth(rows) == pytest.approx({'linear': 1, 'squared': 2})


def test_the_made_instances_are_of_coco_s_form(tmp_path):
    path = tmp_path / 'instances.json'
    write_instances(path, 30, 200)
    content = json.loads(path.read_text())
    assert [len(content[key]) for key in ('images', 'annotations', 'categories')] == [30, 200, 80]
    assert all(24 <= len(o['segmentation'][0]) <= 85 for o in content['annotations'])
    instances = read_coco(path)
    assert instances.classes == CLASSES
    assert sum(map(len, instances.label_indices())) > 100


@pytest.fixture
def rows_of(root):
    """Runs the tool; the cells of the table that it prints."""

    def run(arguments) -> list[list[str]]:
        command = [sys.executable, root / 'tools' / 'benchmark.py', *arguments.split()]
        process = subprocess.run(command, capture_output=True, text=True)
        assert process.returncode == 0, process.stderr
        return [line.replace('│', ' ').split() for line in process.stdout.splitlines()]

    return run


def test_sizes_are_measured_one_by_one(rows_of):
    *_, first, second, last, _ = rows_of('data --images 500 1000 --classes 20 --labels 3')
    assert [row[0] for row in (first, second, last)] == ['500', '1000', 'growth']
    for row in (first, second):
        *seconds, in_all, peak = map(float, row[1:])
        assert in_all == pytest.approx(sum(seconds), abs=0.03)
        assert 0.1 < peak < 2


def test_parsers_are_measured_one_by_one(rows_of):
    rows = rows_of('coco --images 30 --objects 200')
    measured = {row[0]: row[1:] for row in rows if row[:1] in (['dbl'], ['json'])}
    assert set(measured) == {'dbl', 'json'}
    assert all(0 < float(peak) < 2 for _, peak in measured.values())
