"""Validation, selection and patience."""

import json

import numpy as np
import pytest
import torch

from dbl.errors import InputError
from dbl.results.comparison import differences
from dbl.training.checkpoint import read_checkpoint
from dbl.training.evaluate import evaluate
from dbl.training.fitting_weights import load_weights
from dbl.training.loop import train
from dbl.training.run_files import checkpoints
from dbl.training.run_folder import RunFolder
from dbl.training.run_numbers import read_metrics
from dbl.training.selection import Selection
from dbl.training.trained_with import check_same_data

VAL = {'val_fraction': 0.3, 'epochs': 4}
RESNET = {'type': 'ResNet', 'depth': 18, 'weights': None}
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

    def note(experiment, iteration):
        weights.append({k: v.cpu().clone() for k, v in experiment.model.state_dict().items()})

    experiment = make(**VAL, select='best')
    metrics = train(experiment, tmp_path / 'run', after_epoch=[note])
    assert metrics['selected/epoch'] == 2, 'of equal ones the earlier'
    assert metrics['selected/val/mAP/total'] == 0.6
    assert metrics['val/mAP/total'] == 0.4
    best = read_checkpoint(tmp_path / 'run/best.pth')
    assert best['meta']['epoch'] == 2
    assert best['meta']['classes'] == ['cat', 'dog', 'owl']
    for name, value in best['state_dict'].items():
        assert torch.equal(value, weights[1][name])
    for name, value in experiment.model.state_dict().items():
        assert torch.equal(value.cpu(), weights[3][name]), 'the model keeps the last weights'
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
    last = read_checkpoint(checkpoints(tmp_path / 'run')[-1])
    assert {'averaged', 'selections'} <= last.keys()
    for name in ('best', 'ema_best'):
        one, other = (read_checkpoint(tmp_path / d / f'{name}.pth') for d in ('whole', 'run'))
        assert all(torch.equal(v, other['state_dict'][k]) for k, v in one['state_dict'].items())


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        ({'select': 'best'}, "was trained without select='best' or patience, which cannot begin"),
        ({'ema': 0.9}, 'was trained without ema, which cannot begin in the middle; leave it out'),
        ({'val_seed': 1}, 'had other training images, or labels'),
    ],
)
def test_what_cannot_begin_in_the_middle_is_refused(make, tmp_path, options, message):
    train(make(**VAL), tmp_path / 'run')
    with (
        pytest.raises(InputError, match=message),
        RunFolder(tmp_path / 'run', resume=True) as run,
    ):
        train(make(**{**VAL, 'epochs': 5, **options}), run)


def test_epochs_are_selected_by_one_measure(make, tmp_path):
    train(make(**VAL, select='best'), tmp_path / 'run')
    options = {**VAL, 'epochs': 5, 'select': 'best', 'select_by': 'F1/micro'}
    with (
        pytest.raises(InputError, match='selected its epochs by mAP/total, but got select_by=F1'),
        RunFolder(tmp_path / 'run', resume=True) as run,
    ):
        train(make(**options), run)


def test_other_images_for_validation_are_refused(make, photo_folder, tmp_path):
    header, *lines = (photo_folder / 'train.csv').read_text().splitlines(keepends=True)
    for name, own in (('train', lines[:30]), ('a', lines[30:35]), ('b', lines[35:])):
        (photo_folder / f'{name}.csv').write_text(header + ''.join(own))
    train(make(val_source={'ann_file': 'a'}), tmp_path / 'run')
    with (
        pytest.raises(InputError, match='had other images for validation'),
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
    assert (selection.epoch, selection.value, selection.since) == (2, 0.5, 2)
    before = selection.weights['weight'].clone()
    torch.nn.init.constant_(net.weight, 7)
    assert torch.equal(selection.weights['weight'], before), 'a copy'
    other = Selection()
    other.load_state(selection.state())
    assert other == selection


def test_an_epoch_may_be_best_by_f1(make, tmp_path, monkeypatch):
    from dbl.evaluation import MultiLabelMetric

    compute, coming = MultiLabelMetric.compute, iter((0.1, 0.4, 0.3, 0.2, *[0.0] * 9))

    def steered_compute(self, logits, targets, classes):
        found = compute(self, logits, targets, classes)
        return {**found, 'F1/micro': next(coming)} if len(targets) != 8 else found

    monkeypatch.setattr(MultiLabelMetric, 'compute', steered_compute)
    metrics = train(make(**VAL, select='best', select_by='F1/micro'), tmp_path / 'run')
    assert metrics['selected/epoch'] == 2


def test_validation_is_evaluated_on_its_own_images(make):
    experiment = make(**VAL)
    assert evaluate(experiment, on='val') != evaluate(experiment)
    with pytest.raises(InputError, match='the config has no images for validation; add val_frac'):
        evaluate(make(), on='val')


@pytest.fixture
def stopped(make, tmp_path, steered):
    """A run that ran out of patience after the third of nine epochs."""
    steered(0.5, 0.4, 0.3, 0.3, *[0.2] * 20)
    options = {**VAL, 'epochs': 9, 'patience': 2}
    train(make(**options), tmp_path / 'run')
    return options


def go_on(experiment, folder):
    with RunFolder(folder / 'run', resume=True) as run:
        return train(experiment, run)


def test_how_many_epochs_it_took_is_recorded(stopped, tmp_path):
    assert json.loads((tmp_path / 'run/run.json').read_text())['epoch'] == 3


def test_a_run_without_patience_left_ends_as_it_did(make, stopped, tmp_path):
    before = read_metrics(tmp_path / 'run/metrics.json')
    again = go_on(make(**stopped), tmp_path)
    for key in ('val/mAP/total',):  # steered
        again.pop(key), before.pop(key)
    assert again == pytest.approx(before, nan_ok=True)
    with pytest.raises(InputError, match=r'has nothing left to train, but got other .*lr 0.02'):
        go_on(make(**stopped, **{'optimizer.lr': 0.5}), tmp_path)
    with pytest.raises(InputError, match='has nothing left to train'):
        go_on(make(**{**stopped, 'epochs': 12}), tmp_path)


def test_with_more_patience_it_goes_on(make, stopped, tmp_path):
    go_on(make(**{**stopped, 'patience': 4}), tmp_path)
    assert (tmp_path / 'run/epoch_5.pth').exists()


def test_a_run_that_lost_its_end_had_patience(make, tmp_path, steered):
    """It was trained to its last epoch, whose checkpoint is gone."""
    steered(0.1, 0.2, 0.3, *[0.4] * 20)
    options = {**VAL, 'epochs': 3, 'checkpoint.keep': None}
    train(make(**options, select='best', patience=3), tmp_path / 'run')
    (tmp_path / 'run/epoch_3.pth').unlink()
    go_on(make(**options, select='best', patience=3, log_every=3), tmp_path)
    assert (tmp_path / 'run/epoch_3.pth').exists()


def test_patience_that_is_new_is_no_patience_that_ran_out(make, tmp_path, steered):
    steered(0.1, 0.2, 0.3, *[0.4] * 20)
    options = {**VAL, 'epochs': 3, 'checkpoint.keep': None, 'select': 'best'}
    train(make(**options), tmp_path / 'run')
    (tmp_path / 'run/epoch_3.pth').unlink()
    go_on(make(**options, patience=3), tmp_path)
    assert (tmp_path / 'run/epoch_3.pth').exists()


@pytest.mark.parametrize('stop', [14, 16])
def test_with_less_patience_than_it_took_it_is_refused(make, tmp_path, steered, stop):
    """In the middle of an epoch, or at an end that is not evaluated any more."""
    steered(*[0.5, 0.4, 0.3, 0.3, 0.3], *[0.2] * 20)
    options = {**VAL, 'epochs': 9, 'patience': 9, 'checkpoint.iterations': 1}

    def interrupt(experiment, iteration):
        if iteration == stop:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(make(**options), tmp_path / 'run', after_step=[interrupt])
    less = {**options, 'patience': 1, 'evaluate_every': 5}
    with pytest.raises(InputError, match=r'has had 2 evaluations .* but got patience=1; raise it'):
        go_on(make(**less), tmp_path)


def test_more_epochs_of_a_finished_run_are_no_matter_of_patience(make, tmp_path, steered):
    steered(0.1, 0.2, 0.2, *[0.3] * 20)
    options = {**VAL, 'epochs': 2, 'patience': 5}
    train(make(**options), tmp_path / 'run')
    go_on(make(**{**options, 'epochs': 3}), tmp_path)
    assert (tmp_path / 'run/epoch_3.pth').exists()


@pytest.mark.parametrize('lost', ['best.pth', 'epoch_3.pth epoch_4.pth'])
def test_the_best_weights_are_those_that_the_metrics_are_of(make, tmp_path, steered, lost):
    before = [0.3, 0.2, 0.4, 0.5] if 'epoch' in lost else [0.3, 0.2, 0.5, 0.4, 0.5, 0.5, 0.4]
    steered(*before, *[0.1] * 9)
    options = {**VAL, 'select': 'best', 'checkpoint.keep': None}
    train(make(**options), tmp_path / 'run')
    for name in lost.split():
        (tmp_path / 'run' / name).unlink()
    metrics = go_on(make(**{**options, 'epochs': 5}), tmp_path)
    best = read_checkpoint(tmp_path / 'run/best.pth')
    assert best['meta']['epoch'] == metrics['selected/epoch']
    assert best['meta']['epoch'] == (1 if 'epoch' in lost else 3)


def test_files_of_what_is_not_asked_for_any_more_go(make, tmp_path):
    train(make(**VAL, select='best', ema=0.5), tmp_path / 'run')
    (tmp_path / 'run/best.pth.part').touch()
    go_on(make(**{**VAL, 'epochs': 5}), tmp_path)
    found = {path.name for path in (tmp_path / 'run').iterdir()}
    wanted = 'epoch_5.pth metrics.json run.json scores.npz val_scores.npz vis_data'
    assert found == set(wanted.split())


@pytest.mark.parametrize(
    'options',
    [{'init_from': 'other.pth'}, {'model.backbone': {**RESNET, 'weights': 'other.pth'}}],
    ids=['init_from', 'weights'],
)
def test_weights_that_are_not_read_again_are_refused(make, tmp_path, options):
    from dbl.config import load_config
    from dbl.experiment import build_experiment

    first = make(**{'model.backbone': RESNET})
    train(first, tmp_path / 'run')
    given = load_config(first.config.filename, {'epochs': 2, **options})
    config = {**first.config.to_dict(), **{k: given[k] for k in ('epochs', 'init_from')}}
    config['model']['backbone']['weights'] = options.get('model.backbone', RESNET)['weights']
    experiment = build_experiment(type(first.config)(config), pretrained=False)
    with pytest.raises(InputError, match=r'but got other.pth; put it back'):
        go_on(experiment, tmp_path)


def test_of_several_checkpoints_the_one_furthest_on_goes_on(make, tmp_path):
    import os

    options = {**VAL, 'checkpoint.keep': None}
    train(make(**options), tmp_path / 'run')
    for number, epoch in enumerate((4, 3, 1, 2)):
        os.utime(tmp_path / f'run/epoch_{epoch}.pth', (number, number))
    names = [path.name for path in checkpoints(tmp_path / 'run')]
    assert names == [f'epoch_{epoch}.pth' for epoch in (1, 2, 3, 4)]


def test_a_checkpoint_is_validated_on_its_own_images(make, tmp_path, caplog):
    train(make(**VAL, select='best'), tmp_path / 'run')
    for name in ('best.pth', 'epoch_4.pth'):
        path = tmp_path / 'run' / name
        meta = read_checkpoint(path)['meta']
        check_same_data(make(**VAL), meta, path, on='val')
        assert 'other images' not in caplog.text
        for options in ({**VAL, 'val_seed': 7}, {**VAL, 'val_fraction': 0.5}, {}):
            with pytest.raises(
                InputError, match=r'validated on other .*val_fraction=0.3, val_seed'
            ):
                check_same_data(make(**options), meta, path, on='val')
        check_same_data(make(), meta, path, on='test')
        assert 'was trained on other images than those of the config' in caplog.text
        caplog.clear()


def test_a_checkpoint_of_other_classes_is_not_tested(make, tmp_path, photo_folder):
    train(make(), tmp_path / 'run')
    path = tmp_path / 'run/epoch_1.pth'
    meta = read_checkpoint(path)['meta']
    check_same_data(make(), meta, path, on='test')
    for split in ('train', 'test'):
        table = photo_folder / f'{split}.csv'
        table.write_text(table.read_text().replace('owl', 'fox'))
    with pytest.raises(InputError, match="has the class 'owl' where the data have 'fox'"):
        check_same_data(make(), meta, path, on='test')


def test_averaged_weights_are_evaluated_from_python(make, tmp_path):
    experiment = make(ema=0.5)
    metrics = train(experiment, tmp_path / 'run')
    found = evaluate(experiment, averaged=True)
    assert found == pytest.approx({key: metrics[f'ema/{key}'] for key in found}, nan_ok=True)
    with pytest.raises(InputError, match='averages no weights; add ema'):
        evaluate(make(), averaged=True)
