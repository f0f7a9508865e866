import json
import subprocess
import sys

import numpy as np
import pytest
import torch

from dbl.benchmarks.alternating import alternate, compared
from dbl.benchmarks.coco_parsers import write_instances
from dbl.benchmarks.label_scale import growth, label_work, made_labels
from dbl.benchmarks.losses import PlainDBFocal
from dbl.benchmarks.metrics import measure_average_precision
from dbl.benchmarks.own_process import in_own_process
from dbl.benchmarks.predicting import bare_loop, measure_predicting
from dbl.benchmarks.rows import flops_per_image, training_time
from dbl.benchmarks.training_input import VARIANTS, measure_input, write_pictures
from dbl.benchmarks.training_step import VARIANTS as VARIANTS_OF_THE_STEP
from dbl.benchmarks.training_step import bare_step, our_step
from dbl.config import load_config
from dbl.dataset_tools.coco import CLASSES, read_coco
from dbl.errors import InputError
from dbl.experiment import build_experiment
from dbl.inference.predictor import load_model
from dbl.losses import DistributionBalancedLoss
from dbl.training.checkpoint import save_checkpoint
from dbl.training.meta import what_it_is_of


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


@pytest.mark.slow
def test_the_peak_is_that_of_the_call():
    (_, small), (result, large) = (in_own_process(allocate, n) for n in (10, 400_000_000))
    assert result == 400_000_000
    assert large - small == pytest.approx(0.4, abs=0.05)


def test_more_labels_than_classes_are_refused():
    with pytest.raises(InputError, match=r'expected 1 to 5 labels per image, .* but got 6'):
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


def test_functions_take_turns():
    calls = []
    functions = {name: lambda name=name: calls.append(name) for name in 'ab'}
    seconds = alternate(functions, repetitions=3)
    assert calls == list('ab' * 4), 'the first turn does not count'
    assert [len(s) for s in seconds.values()] == [3, 3]


def test_compared_gives_ratios_of_medians_and_their_range():
    seconds = {'slow': np.array([2.0, 3.0, 4.0]), 'fast': np.array([1.0, 1.0, 4.0])}
    slow, fast = compared(seconds, 6, 'images')
    assert (slow['times as fast'], slow['images/s']) == (1, 2)
    assert (fast['times as fast'], fast['from'], fast['to']) == (3, 1, 3)


def test_the_input_is_measured_on_pictures_that_are_made(tmp_path):
    write_pictures(tmp_path, count=3)
    rows = measure_input(tmp_path, repetitions=1)
    assert [row['name'] for row in rows] == list(VARIANTS)
    assert all(row['images/s'] > 0 for row in rows)


def test_the_plain_db_focal_is_ours():
    class_freq, targets = torch.tensor([5, 100, 700]), torch.eye(3)[[0, 1, 2, 2]]
    targets[0, 2] = 1
    logits = torch.randn(4, 3)
    ours = DistributionBalancedLoss(class_freq, 2000)(logits, targets)
    torch.testing.assert_close(PlainDBFocal(class_freq, 2000)(logits, targets), ours)


def test_average_precision_is_measured_beside_scikit_learns():
    rows = measure_average_precision((50, 5), repetitions=1)
    assert [row['name'] for row in rows] == ['scikit-learn', 'dbl']
    assert rows[0]['largest difference'] < 1e-12


def test_every_measure_of_the_training_step_is_a_step(root):
    """Each variant alone, on a batch of two small images, and that of bfloat16 on the CPU."""
    config = root / 'configs/demo/erm.py'
    images, targets = torch.randn(2, 3, 32, 32), torch.ones(2, 24)
    bare_step(images, targets)()
    for options in VARIANTS_OF_THE_STEP.values():
        if 'compiled' not in options:
            step = our_step(config, images, targets, **options)
            assert step().item() != step().item(), 'the weights have moved'


def test_operations_of_a_step_are_counted(root, photo_folder):
    options = {'data_root': str(photo_folder), 'train_dataloader.batch_size': 8}
    options |= {'train_dataloader.num_workers': 0, 'test_dataloader.num_workers': 0}
    options |= {'image_size': 64}
    config = load_config(root / 'configs/custom/erm.py', options)
    forward = 4.1e9 * (64 / 224) ** 2  # multiply-adds of ResNet-50
    count = flops_per_image(config)
    # Twice as many operations; backward twice again, but for the frozen part.
    assert 4.5 * forward < count < 6 * forward


def test_the_time_of_a_run_is_that_of_all_its_iterations():
    """Lines of 20, 5 and 20 iterations; that of an evaluation has no time."""
    lines = [(20, 0.1, 0.0), (25, 1.0, 0.6), (45, 0.2, 0.1)]
    scalars = [dict(step=s, time=t, data_time=d, lr=0.1) for s, t, d in lines]
    scalars.insert(2, {'step': 25, 'mAP/total': 0.5})
    assert training_time(scalars) == pytest.approx((45, 2 + 5 + 4, 3 + 2))


@pytest.fixture
def rows_of(root, tmp_path):
    """Runs the tool; the cells of the table that it prints."""

    def run(arguments) -> list[list[str]]:
        command = [sys.executable, root / 'tools' / 'benchmark.py', *arguments.split()]
        process = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
        assert process.returncode == 0, process.stderr
        return [line.replace('│', ' ').split() for line in process.stdout.splitlines()]

    return run


@pytest.mark.slow
def test_sizes_are_measured_one_by_one(rows_of, tmp_path):
    rows_of('data --images 500 1000 --classes 20 --labels 3')
    content = json.loads((tmp_path / 'work_dirs/benchmark/data.json').read_text())
    assert content['machine']['torch'] == torch.__version__
    first, second, last = content['measured']
    assert [row['images'] for row in (first, second, last)] == [500, 1000, 'growth']
    for row in (first, second):
        _, *seconds, in_all, peak = row.values()
        assert in_all == pytest.approx(sum(seconds))
        assert 0.1 < peak < 2


@pytest.mark.slow
def test_parsers_are_measured_one_by_one(rows_of):
    rows = rows_of('coco --images 30 --objects 200 --json coco.json')
    measured = {row[0]: row[1:] for row in rows if row[:1] in (['dbl'], ['json'])}
    assert set(measured) == {'dbl', 'json'}
    assert all(0 < float(peak) < 2 for _, peak in measured.values())


@pytest.mark.slow
def test_predicting_is_measured_against_a_bare_loop_of_the_same_scores(tmp_path):
    pytest.importorskip('onnxruntime')
    pytest.importorskip('onnxscript')
    options = {'train_dataloader.num_workers': 0, 'test_dataloader.num_workers': 0}
    experiment = build_experiment(load_config('demo/erm', options), training=False)
    content = {'state_dict': experiment.model.state_dict(), 'meta': what_it_is_of(experiment)}
    save_checkpoint(tmp_path / 'a.pth', content)
    write_pictures(tmp_path, 3)
    predictor, paths = load_model(tmp_path / 'a.pth'), sorted(tmp_path.glob('*.jpg'))
    names = [row['name'] for row in measure_predicting(predictor, paths, repetitions=1)]
    assert names[:2] == ['from files, bare loop', 'from files, predict']
    assert names[-1] == '32 at a time, ONNX Runtime'
    bare = bare_loop(predictor.network, paths, 64)
    np.testing.assert_allclose(bare, predictor.predict(paths).scores, atol=1e-5)
