"""Saving a run and going on with it, in this process; as a user does: tests/tools."""

import json
from collections.abc import Mapping

import pytest
import torch
from mmengine.config import Config

from dbl.environment import environment
from dbl.errors import InputError
from dbl.experiment import build_experiment
from dbl.files import read_object
from dbl.results.comparison import differences
from dbl.training.checkpoint import read_checkpoint, save_checkpoint
from dbl.training.evaluate import evaluate
from dbl.training.loop import train
from dbl.training.run_files import checkpoints
from dbl.training.run_folder import RunFolder


@pytest.fixture
def go_on(make, tmp_path):
    """Goes on with the run in ``run``, or starts it."""

    def go_on(row: str = 'erm', **options) -> dict[str, float]:
        experiment = make(row, **options)
        with RunFolder(tmp_path / 'run', resume=True) as run:
            return train(experiment, run)

    return go_on


@pytest.fixture
def saved(go_on, tmp_path):
    """The checkpoint of a run of one epoch."""
    go_on()
    (path,) = checkpoints(tmp_path / 'run')
    return path


def is_plain(value) -> bool:
    if isinstance(value, Mapping):
        return all(isinstance(key, (str, int)) and is_plain(own) for key, own in value.items())
    if isinstance(value, (list, tuple)):
        return all(map(is_plain, value))
    return type(value) in (torch.Tensor, str, int, float, bool, type(None))


def test_checkpoints_are_plain_data(saved):
    checkpoint = torch.load(saved, weights_only=True)
    assert saved.name == 'epoch_1.pth'
    assert set(checkpoint) == set('state_dict optimizer scaler log statistics meta'.split())
    assert is_plain(checkpoint)
    assert checkpoint['optimizer']['state']
    assert (checkpoint['meta']['iter'], checkpoint['meta']['epoch']) == (5, 1)


@pytest.mark.parametrize('place', ['before the first iteration', 'in an epoch', 'at its end'])
def test_a_run_goes_on_exactly_where_it_was(make, go_on, tmp_path, place):
    """A hook that raises, and what is behind the iteration is lost."""
    options = {'epochs': 2, 'evaluate_every': 1, 'log_every': 2, 'checkpoint.iterations': 1}
    train(make(**options), tmp_path / 'whole')
    stop = {'before the first iteration': 1, 'in an epoch': 4, 'at its end': 6}[place]

    def interrupt(experiment, iteration):
        if iteration == stop:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(make(**options), tmp_path / 'run', after_step=[interrupt])
    assert read_checkpoint(checkpoints(tmp_path / 'run')[-1])['meta']['iter'] == stop - 1
    go_on(**options)
    assert differences(tmp_path / 'whole', tmp_path / 'run') == []


def test_other_values_of_the_config_are_named(go_on, saved, capsys):
    go_on(**{'model.head.loss': {'type': 'FocalLoss', 'gamma': 1.0}, 'epochs': 2})
    (warning,) = [line for line in capsys.readouterr().out.splitlines() if 'warning' in line]
    assert warning == (
        'warning: goes on with other values: epochs 1 -> 2; model.head.loss.gamma unset -> 1.0; '
        'model.head.loss.type BCELoss -> FocalLoss'
    )


def test_the_same_values_are_not_named(go_on, saved, capsys):
    capsys.readouterr()
    go_on()
    assert 'warning' not in capsys.readouterr().out


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        ({'seed': 4}, 'started with seed 0, but got seed 4; leave --seed out'),
        ({'train_dataloader.batch_size': 4}, 'has batches of 8 over all processes, but got 4'),
        (
            {'train_dataloader.sampler': {'type': 'ClassAwareSampler', 'draws_per_class': 20}},
            'has epochs of 5 iterations, but the config and the training images give 7',
        ),
        ({'model.neck.out_features': 8}, r'epoch_1.pth. is of another model: 7 weights differ'),
        (
            {'optimizer': {'type': 'AdamW', 'lr': 1e-3}},
            'was trained with SGD, but got optimizer.type AdamW; put it back',
        ),
    ],
)
def test_a_run_does_not_go_on_with_another_start(go_on, saved, options, message):
    before = saved.read_bytes()
    with pytest.raises(InputError, match=message):
        go_on(epochs=2, **options)
    assert saved.read_bytes() == before


def test_another_environment_is_named(go_on, saved, capsys, monkeypatch):
    there = environment()
    threads = there['torch threads']
    monkeypatch.setattr(
        'dbl.training.resume.environment', lambda: {**there, 'torch threads': threads + 1}
    )
    capsys.readouterr()
    go_on()
    said = f'goes on in another environment: torch threads {threads} -> {threads + 1}'
    assert said in capsys.readouterr().out


@pytest.mark.parametrize('starts', ['"x"', '[3]', '[]', '{}'])
def test_a_damaged_list_of_starts_is_no_matter(go_on, saved, tmp_path, starts):
    path = tmp_path / 'run' / 'run.json'
    path.write_text('{"starts": ' + starts + '}')
    go_on(epochs=2)
    assert len(read_object(path)['starts']) == 1


def test_a_run_does_not_go_on_with_other_images(go_on, saved, photo_folder):
    table = photo_folder / 'train.csv'
    header, *lines = table.read_text().splitlines()
    table.write_text('\n'.join([header, *reversed(lines)]))
    with pytest.raises(InputError, match='had other training images, or labels, than data and'):
        go_on(epochs=2)


@pytest.mark.parametrize(
    'change',
    [
        {'optimizer': {}},
        {'log': []},
        {'meta': {'rng_states': []}},
        {'meta': {'rng_states': [{'python': 1}]}},
    ],
    ids=str,
)
def test_a_state_that_does_not_fit_is_named(go_on, saved, change):
    checkpoint = torch.load(saved, weights_only=True)
    meta = {'meta': {**checkpoint['meta'], **change.get('meta', {})}}
    torch.save({**checkpoint, **change, **meta}, saved)
    with pytest.raises(InputError, match=r"epoch_1.pth' does not fit the config"):
        go_on(epochs=2)


def test_a_random_state_of_another_size_is_named(go_on, saved):
    checkpoint = torch.load(saved, weights_only=True)
    checkpoint['meta']['rng_states'][0]['torch'] = torch.zeros(3, dtype=torch.uint8)
    torch.save(checkpoint, saved)
    with pytest.raises(InputError, match=r"epoch_1.pth' does not fit the config"):
        go_on(epochs=2)


def test_a_finished_run_that_trains_on_is_unfinished_meanwhile(make, saved, tmp_path):
    def check(experiment, iteration):
        assert not (tmp_path / 'run' / 'metrics.json').exists()

    with RunFolder(tmp_path / 'run', resume=True) as run:
        train(make(epochs=2), run, after_step=[check])
    assert (tmp_path / 'run' / 'metrics.json').exists()


def test_rate_and_momentum_are_the_config_s(go_on, saved):
    """A run may go on with another rate; what the optimiser remembers stays."""
    options = {'optimizer.lr': 1e-4, 'optimizer.momentum': 0.5, 'schedule.warmup_share': 0.0}
    go_on(epochs=2, **options)
    (group,) = read_checkpoint(saved.with_name('epoch_2.pth'))['optimizer']['param_groups']
    assert (group['lr'], group['momentum']) == (1e-4 / 4, 0.5)


@pytest.mark.parametrize(
    ('schedule', 'share'),
    [
        ({'type': 'StepDecay', 'milestones': [1]}, 0.1),
        ({'type': 'StepDecay', 'milestones': [1], 'gamma': 0.5}, 0.5),
        ({'type': 'CosineDecay'}, 0.5),
    ],
    ids=['milestones', 'gamma', 'type'],
)
def test_the_schedule_is_the_config_s(go_on, saved, tmp_path, schedule, share):
    go_on(epochs=2, log_every=1, schedule=schedule)
    lines = (tmp_path / 'run/vis_data/scalars.json').read_text().splitlines()
    (row,) = [row for row in map(json.loads, lines) if row['step'] == 6 and 'lr' in row]
    assert row['lr'] == pytest.approx(0.02 / 4 * share)


@pytest.mark.parametrize('row', ['erm', 'ml_gcn', 'db_focal'])
def test_the_config_that_a_run_leaves_behind_can_be_used(go_on, make, tmp_path, row):
    go_on(row)
    left = read_object(tmp_path / 'run' / 'run.json')
    again = build_experiment(Config(left['given']))
    assert again.resolved == left['resolved'] == json.loads(json.dumps(make(row).resolved))
    assert left['classes'] == again.classes == ['cat', 'dog', 'owl']


def test_a_run_that_is_trained_does_not_take_another_config(go_on, saved, tmp_path):
    """Its numbers would be told as another config's."""
    before = (tmp_path / 'run' / 'run.json').read_bytes()
    with pytest.raises(InputError, match=r'nothing left to train, but got other values: .*lr'):
        go_on(**{'optimizer.lr': 9.0})
    assert (tmp_path / 'run' / 'run.json').read_bytes() == before


def test_fewer_epochs_than_are_trained_are_refused(go_on):
    go_on(epochs=2)
    with pytest.raises(InputError, match=r'has trained 2\.00 epochs, but got epochs=1'):
        go_on(epochs=1)


def test_a_run_depends_on_nothing_that_came_before_it(make, tmp_path):
    """Other experiments, or draws of one's own, between building and training."""
    train(make(), tmp_path / 'alone')
    first, second = make(), make()
    train(first, tmp_path / 'first')
    torch.rand(1)
    train(second, tmp_path / 'second')
    assert differences(tmp_path / 'alone', tmp_path / 'first') == []
    assert differences(tmp_path / 'alone', tmp_path / 'second') == []
    with pytest.raises(InputError, match='is trained already; build it anew'):
        train(first, tmp_path / 'third')
    assert not (tmp_path / 'third').exists()


def test_an_evaluation_within_an_epoch_leaves_the_training_as_it_is(make, tmp_path):
    train(make(), tmp_path / 'alone')
    train(make(), tmp_path / 'watched', after_step=[lambda experiment, _: evaluate(experiment)])
    assert differences(tmp_path / 'alone', tmp_path / 'watched') == []


def test_an_experiment_for_a_test_is_not_trained(make, root, photo_folder, tmp_path):
    experiment = build_experiment(make().config, training=False)
    with pytest.raises(InputError, match='built for a test; leave training=False out'):
        train(experiment, tmp_path / 'run')


@pytest.mark.parametrize(
    ('options', 'saved'),
    [
        ({}, [0, 15]),
        ({'checkpoint.spacing': None}, [0, 5, 10, 15]),
        ({'checkpoint.keep': 2}, [0, 5, 10, 15]),
        ({'evaluate_every': 2}, [0, 10, 15]),
    ],
)
def test_epochs_that_end_soon_after_a_checkpoint_are_not_saved(
    make, tmp_path, monkeypatch, options, saved
):
    """Unless they are to be kept, are evaluated, or are the last."""
    seen = []

    def note(path, content):
        seen.append(content['meta']['iter'])
        save_checkpoint(path, content)

    monkeypatch.setattr('dbl.training.progress.save_checkpoint', note)
    train(make(epochs=3, **{'checkpoint.spacing': 1000, **options}), tmp_path / 'run')
    assert seen == saved
