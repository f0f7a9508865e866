"""Validation, selection and patience."""

import json

import numpy as np
import pytest
import torch

from dbl.errors import InputError
from dbl.training.checkpoint import load_weights, read_checkpoint
from dbl.training.comparison import differences
from dbl.training.evaluate import evaluate
from dbl.training.loop import train
from dbl.training.run_folder import RunFolder, read_metrics
from dbl.training.selection import Selection

VAL = {'val_fraction': 0.3, 'epochs': 4}
EVERYTHING = {
    **VAL,
    'select': 'best',
    'ema': 0.6,
    'accumulate': 2,
    'train_dataloader.batch_size': 4,
    'backbone_lr': 0.01,
    'checkpoint.iterations': 1,
    'log_every': 1,
}


@pytest.fixture
def steered(monkeypatch):
    """Has the mAP on validation, of 12 images here, be what is wanted, epoch by epoch."""

    def steer(*values):
        from dbl.evaluation import MultiLabelMetric

        compute, coming = MultiLabelMetric.compute, iter(values)

        def steered_compute(self, logits, targets, classes):
            found = compute(self, logits, targets, classes)
            return {**found, 'mAP/total': next(coming)} if len(targets) != 8 else found

        monkeypatch.setattr(MultiLabelMetric, 'compute', steered_compute)

    return steer


def scalars(folder):
    lines = (folder / 'vis_data/scalars.json').read_text().splitlines()
    return [json.loads(line) for line in lines]


def test_without_validation_all_is_as_ever(make, tmp_path):
    metrics = train(make(), tmp_path / 'run')
    assert not [key for key in metrics if key.startswith(('val/', 'selected/', 'ema/'))]
    found = {path.name for path in (tmp_path / 'run').iterdir()}
    assert found == {'epoch_1.pth', 'metrics.json', 'run.json', 'scores.npz', 'vis_data'}


def test_while_it_trains_a_run_looks_at_validation_alone(make, tmp_path):
    train(make(**VAL, evaluate_every=1), tmp_path / 'run')
    rows = scalars(tmp_path / 'run')
    assert [row['step'] for row in rows if 'val/mAP/total' in row] == [4, 8, 12, 16]
    assert [row['step'] for row in rows if 'mAP/total' in row] == [16]


def test_the_best_epoch_is_tested_beside_the_last_one(make, tmp_path, steered):
    steered(0.2, 0.6, 0.6, 0.4, 0.4, 0.6)  # the last two: both are measured again at the end
    weights = []
    watch = [lambda e, i: weights.append({k: v.clone() for k, v in e.model.state_dict().items()})]
    experiment = make(**VAL, select='best')
    metrics = train(experiment, tmp_path / 'run', after_epoch=watch)
    assert metrics['selected/epoch'] == 2, 'of equal ones the earlier'
    assert metrics['selected/val/mAP/total'] == 0.6
    assert metrics['val/mAP/total'] == 0.4
    best = read_checkpoint(tmp_path / 'run/best.pth')
    assert best['meta']['epoch'] == 2
    assert best['meta']['classes'] == ['cat', 'dog', 'owl']
    for name, value in best['state_dict'].items():
        assert torch.equal(value, weights[1][name])
    for name, value in experiment.model.state_dict().items():
        assert torch.equal(value, weights[3][name]), 'the model keeps the last weights'
    assert evaluate(experiment)['mAP/total'] == metrics['mAP/total']
    load_weights(experiment.model, tmp_path / 'run/best.pth')
    again = evaluate(experiment)
    tested = {key: metrics[f'selected/{key}'] for key in again}
    assert tested == pytest.approx(again, nan_ok=True)


@pytest.mark.parametrize('last', [False, True])
def test_scores_of_all_that_was_measured_are_written(make, tmp_path, steered, last):
    steered(*([0.1, 0.2, 0.3, 0.4] if last else [0.4, 0.3, 0.2, 0.1]), *[0.5] * 9)
    train(make(**VAL, select='best', ema=0.5), tmp_path / 'run')
    names = ['scores', 'val_scores', 'selected_scores', 'selected_val_scores']
    for name in [*names, *(f'ema_{name}' for name in names)]:
        with np.load(tmp_path / f'run/{name}.npz') as arrays:
            assert len(arrays['logits']) == (12 if 'val' in name else 8)


def test_a_training_stops_when_it_has_no_patience_left(make, tmp_path, steered):
    steered(0.3, 0.5, 0.4, 0.5, *[0.5] * 4)
    options = {**VAL, 'epochs': 9, 'patience': 2}
    metrics = train(make(**options), tmp_path / 'run')
    assert (tmp_path / 'run/epoch_4.pth').exists()
    written = read_metrics(tmp_path / 'run/metrics.json')
    assert written == pytest.approx(metrics, nan_ok=True)
    assert 'selected/epoch' not in metrics, 'patience alone selects nothing'


def test_with_averaged_weights_patience_is_for_both(make, tmp_path, steered):
    raw, averaged = (0.5, 0.4, 0.3, 0.2), (0.1, 0.2, 0.2, 0.2)
    steered(*(value for pair in zip(raw, averaged, strict=True) for value in pair), *[0.5] * 9)
    train(make(**{**VAL, 'epochs': 9, 'patience': 2, 'ema': 0.5}), tmp_path / 'run')
    assert (tmp_path / 'run/epoch_4.pth').exists()


@pytest.mark.parametrize('stop', [1, 3, 5, 7, 8])
def test_a_run_with_everything_goes_on_exactly(make, tmp_path, stop):
    train(make('db_focal', **EVERYTHING), tmp_path / 'whole')

    def interrupt(experiment, iteration):
        if iteration == stop:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(make('db_focal', **EVERYTHING), tmp_path / 'run', after_step=[interrupt])
    with RunFolder(tmp_path / 'run', resume=True) as run:
        train(make('db_focal', **EVERYTHING), run)
    assert differences(tmp_path / 'whole', tmp_path / 'run') == []
    for name in ('best', 'ema_best'):
        one, other = (read_checkpoint(tmp_path / d / f'{name}.pth') for d in ('whole', 'run'))
        assert all(torch.equal(v, other['state_dict'][k]) for k, v in one['state_dict'].items())


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        ({'select': 'best'}, "was trained without select='best' or patience, which cannot begin"),
        ({'ema': 0.9}, 'was trained without ema, which cannot begin in the middle; leave it out'),
        ({'val_seed': 1}, 'has other training images, or labels'),
    ],
)
def test_what_cannot_begin_in_the_middle_is_refused(make, tmp_path, options, message):
    train(make(**VAL), tmp_path / 'run')
    with (
        pytest.raises(InputError, match=message),
        RunFolder(tmp_path / 'run', resume=True) as run,
    ):
        train(make(**{**VAL, 'epochs': 5, **options}), run)


def test_other_images_for_validation_are_refused(make, photo_folder, tmp_path):
    header, *lines = (photo_folder / 'train.csv').read_text().splitlines(keepends=True)
    for name, own in (('train', lines[:30]), ('a', lines[30:35]), ('b', lines[35:])):
        (photo_folder / f'{name}.csv').write_text(header + ''.join(own))
    train(make(val_source={'ann_file': 'a'}), tmp_path / 'run')
    with (
        pytest.raises(InputError, match='has other images for validation'),
        RunFolder(tmp_path / 'run', resume=True) as run,
    ):
        train(make(val_source={'ann_file': 'b'}, epochs=2), run)


def test_the_checkpoints_that_are_asked_for_are_kept(make, tmp_path):
    for keep, kept in ((1, [4]), (2, [3, 4]), (None, [1, 2, 3, 4])):
        options = {**VAL, 'checkpoint.keep': keep, 'checkpoint.iterations': 2}
        train(make(**options), tmp_path / f'{keep}')
        found = sorted(path.name for path in (tmp_path / f'{keep}').glob('*.pth'))
        assert found == [f'epoch_{epoch}.pth' for epoch in kept]


def test_a_selection_has_the_earliest_of_the_best():
    selection, net = Selection(), torch.nn.Linear(1, 1)
    found = [selection.add(epoch, ap, net) for epoch, ap in enumerate((0.2, 0.5, 0.5, 0.1), 1)]
    assert found == [True, True, False, False]
    assert (selection.epoch, selection.mean_ap, selection.since) == (2, 0.5, 2)
    before = selection.weights['weight'].clone()
    torch.nn.init.constant_(net.weight, 7)
    assert torch.equal(selection.weights['weight'], before), 'a copy'
    other = Selection()
    other.load_state(selection.state())
    assert other == selection


def test_validation_is_evaluated_on_its_own_images(make):
    experiment = make(**VAL)
    assert evaluate(experiment, on='val') != evaluate(experiment)
    with pytest.raises(InputError, match='the config has no images for validation; add val_frac'):
        evaluate(make(), on='val')
