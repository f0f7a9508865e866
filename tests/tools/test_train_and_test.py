"""The main job, as a user starts it: a run of seconds on a folder of pictures."""

import json
import re

import numpy as np
import pytest
import torch
from small_runs import SMALL, fails_with

import dbl
from dbl.datasets import AnnotatedFiles
from dbl.datasets.multi_label import MultiLabelDataset
from dbl.evaluation import average_precision
from dbl.results.runs import read_run
from dbl.transforms import Normalize, Resize


def test_trains_tests_and_says_the_same_twice(tool, tool_here, tmp_path):
    trained = tool('train', '--seed', '3')
    assert trained.returncode == 0, trained.stderr
    assert 'eta' in trained.stdout
    assert 'mAP/tail' in trained.stdout
    assert len(trained.stdout.splitlines()) < 30
    assert 'seed 3' in trained.stdout
    for alarm in ('WARNING', 'Warning', 'rror'):
        assert alarm not in trained.stdout + trained.stderr
    work_dir = tmp_path / 'work_dirs' / 'custom' / 'db_focal'
    metrics = json.loads((work_dir / 'metrics.json').read_text())
    assert {f'mAP/{g}' for g in ('total', 'head', 'medium', 'tail')} <= set(metrics)
    assert {'AP/cat', 'AP/dog', 'AP/owl', 'F1/micro', 'F1/macro'} <= set(metrics)
    assert [p.name for p in work_dir.glob('*.pth')] == ['epoch_2.pth'], 'only the newest is kept'
    checkpoint = torch.load(work_dir / 'epoch_2.pth', weights_only=True)
    assert checkpoint['meta']['seed'] == 3
    assert 'head.loss.class_freq' not in checkpoint['state_dict']
    assert list((work_dir / 'vis_data').glob('events.out.tfevents.*'))
    scalars = (work_dir / 'vis_data' / 'scalars.json').read_text()
    for name in ('"loss"', '"lr"', '"mAP/tail"'):
        assert name in scalars

    tested = tool_here(
        'test', work_dir / 'epoch_2.pth', '--out', 'again.json', '--scores', 's/scores.npz'
    )
    assert tested.returncode == 0, tested.stderr
    assert json.loads((tmp_path / 'again.json').read_text()) == metrics
    scores = np.load(tmp_path / 's' / 'scores.npz')
    assert scores['images'][:2].tolist() == ['test0.png', 'test1.png']
    ap = average_precision(scores['logits'], scores['targets'])
    assert ap.tolist() == [metrics[f'AP/{c}'] for c in ('cat', 'dog', 'owl')]

    of_the_training = np.load(work_dir / 'scores.npz')
    assert {k: v.tolist() for k, v in of_the_training.items()} == {
        k: v.tolist() for k, v in scores.items()
    }
    run = read_run(work_dir)
    assert (run.row, run.seed, run.versions) == ('db_focal', 3, [dbl.__version__])
    assert run.resolved['model']['head']['loss']['class_freq'] == [40, 20, 10]
    assert 'torch' in run.starts[0]
    assert 0 < run.seconds < 200

    before = sorted(p for p in tmp_path.rglob('*'))
    fails_with(tool_here('train'), 'holds a finished run; add --resume')
    assert sorted(p for p in tmp_path.rglob('*')) == before, 'nothing is written'
    (work_dir / 'metrics.json').unlink()
    fails_with(tool_here('train'), 'holds an unfinished run')
    fails_with(tool_here('train', '--resume', '--seed', '4'), 'with seed 3, but got seed 4')
    fails_with(tool_here('train', '--resume', options=['seed=4']), 'with seed 3, but got')
    resumed = tool_here('train', '--resume')
    assert 'seed 3' in resumed.stdout
    assert resumed.returncode == 0, resumed.stderr
    assert json.loads((work_dir / 'metrics.json').read_text()) == metrics
    assert len(read_run(work_dir).starts) == 2
    assert read_run(work_dir).seconds > run.seconds


@pytest.mark.slow
def test_one_seed_gives_one_result_and_the_workers_do_not_matter(tool, tool_here, tmp_path):
    """Nor does the process."""
    results = []
    for run, name, seed, workers in (
        (tool, 'a', 0, 0),
        (tool_here, 'b', 0, 2),
        (tool_here, 'c', 1, 2),
    ):
        options = [f'train_dataloader.num_workers={workers}']
        process = run('train', '--work-dir', name, '--seed', seed, row='erm', options=options)
        assert process.returncode == 0, process.stderr
        results.append(torch.load(tmp_path / name / 'epoch_2.pth', weights_only=True)['state_dict'])
    first, again, other = results
    assert all(torch.equal(first[key], again[key]) for key in first)
    assert not torch.equal(first['head.fc.weight'], other['head.fc.weight'])


@pytest.mark.slow
def test_resume_goes_on_after_the_last_epoch(tool, tool_here, tmp_path):
    assert tool_here('train', '--seed', '3').returncode == 0
    metrics = (tmp_path / 'work_dirs/custom/db_focal/metrics.json').read_text()
    resumed = tool('train', '--resume', options=['epochs=3'])
    assert resumed.returncode == 0, resumed.stderr
    assert 'epoch 3/3' in resumed.stdout
    assert 'epoch 2/3' not in resumed.stdout
    assert (tmp_path / 'work_dirs/custom/db_focal/metrics.json').read_text() != metrics


@pytest.mark.parametrize(
    ('option', 'sentence'),
    [
        ('data_root=nowhere', "none of 'nowhere/train.json', '.csv'"),
        ('model.backbone.channels=None', 'model.backbone cannot be built: '),
        (
            'model.head.loss.lam=0',
            'model.head.loss cannot be built: lam must be finite and above 0, but got 0',
        ),
        ('model.head.loss.type=DBLoss', "model.head.loss.type 'DBLoss' is unknown"),
        ('epoch=1', "top-level key 'epoch' is unknown; choose from epochs"),
    ],
)
def test_bad_input_ends_in_one_sentence(tool_here, tmp_path, option, sentence):
    fails_with(tool_here('train', options=[option]), sentence)
    assert not (tmp_path / 'work_dirs').exists()


@pytest.mark.slow
def test_divergence_is_named(tool_here):
    process = tool_here('train', options=['optimizer.lr=1e30'])
    fails_with(process, '; a training that has diverged needs a lower optimizer.lr, or ')
    assert re.search(r'iteration \d, epoch 1: the .* is (nan|inf); the last good', process.stderr)
    assert re.search(r'the images of the batch: train\d+.png, ', process.stderr)


def test_files_that_cannot_be_written_are_named(tool_here, tmp_path):
    (tmp_path / 'file').touch()
    fails_with(tool_here('train', '--work-dir', 'file/run'), 'file/run')
    fails_with(tool_here('test', 'none.pth', '--out', '.'), "'.' is a folder; name a file")
    both = tool_here('test', 'none.pth', '--out', 'a.json', '--scores', 'a.json')
    fails_with(both, "--out and --scores are both 'a.json'; name two files")


def test_an_option_without_a_value_is_an_error_of_usage(tool_here):
    process = tool_here('train', options=['model.neck'])
    assert process.returncode == 2
    assert "--cfg-options: expected KEY=VALUE, but got 'model.neck'" in process.stderr
    assert 'Traceback' not in process.stderr


def test_missing_weights_end_before_anything_is_written(tool_here, tmp_path):
    small = ['model.backbone.weights=no.pth', 'model.backbone.depth=18', *SMALL[2:]]
    fails_with(tool_here('train', small=small), "'no.pth' does not exist")
    assert not (tmp_path / 'work_dirs').exists()


def test_a_broken_picture_is_named_through_the_workers(tool_here, photo_folder):
    (photo_folder / 'train7.png').write_bytes(b'broken')
    fails_with(tool_here('train', row='rs'), "train7.png' cannot be decoded")


def test_the_released_code_s_checkpoint(tool_here, tmp_path, photo_folder, released_checkpoint):
    """The metrics are those of the scores that its own network computes on the test images."""
    net = released_checkpoint(tmp_path / 'epoch_8.pth', depth=18, num_classes=3)
    small = ['model.backbone.depth=18', 'image_size=64']
    small += ['test_dataloader.num_workers=0', 'train_dataloader.batch_size=8']
    tested = tool_here('test', 'epoch_8.pth', '--scores', 'scores.npz', small=small)
    assert tested.returncode == 0, tested.stderr
    source = AnnotatedFiles('test', data_root=str(photo_folder))
    test_set = MultiLabelDataset(source, [Resize(64)], [Normalize()])
    with torch.inference_mode():
        logits = net(torch.stack([item['images'] for item in test_set]))
    scores = np.load(tmp_path / 'scores.npz')['logits']
    np.testing.assert_allclose(scores, logits, rtol=1e-4, atol=1e-4)


def test_a_checkpoint_of_another_config_or_other_classes_is_named(
    tool_here, tmp_path, photo_folder
):
    assert tool_here('train', options=['epochs=1']).returncode == 0
    checkpoint = tmp_path / 'work_dirs/custom/db_focal/epoch_1.pth'
    alike = tool_here('test', checkpoint, options=['seed=5'])
    assert (alike.returncode, 'other values' in alike.stderr) == (0, False)
    other = tool_here('test', checkpoint, options=['image_size=40', 'epochs=9'])
    assert other.returncode == 0
    assert 'than it is tested with: image_size 32 -> 40; give its own with' in other.stderr
    wider = tool_here('test', checkpoint, options=['model.backbone.channels=[4,9]'])
    fails_with(wider, 'it was trained with: model.backbone.channels')
    for split in ('train', 'test'):
        path = photo_folder / f'{split}.csv'
        rows = [line.rsplit(',', 1)[0] for line in path.read_text().splitlines()]
        path.write_text('\n'.join(rows))
    fails_with(tool_here('test', checkpoint), 'is of another model: 2 weights differ')
    fails_with(tool_here('test', 'none.pth'), "checkpoint 'none.pth' does not exist")
