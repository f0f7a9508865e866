import json
import math
import os
import tracemalloc

import pytest
import torch
from mmengine.config import Config

from dbl.errors import InputError
from dbl.training.log import TrainingLog, cut_scalars


@pytest.fixture
def make(tmp_path):
    """Makes the log of a run of two epochs of 100 iterations."""

    def make(every=3) -> TrainingLog:
        return TrainingLog(tmp_path, Config({'log_every': every, 'epochs': 2}), epoch_length=100)

    return make


def run(log, values, first=1):
    """Logs iterations with the given losses and gradient's norms."""
    with log.opened(first - 1):
        log.restart_clock()
        for iteration, (loss, norm) in enumerate(values, start=first):
            log.data_came()
            given = {'loss': loss} if norm is None else {'loss': loss, 'grad_norm': norm}
            tensors = {name: torch.tensor(value) for name, value in given.items()}
            images = [f'{iteration}a.jpg', f'{iteration}b.jpg']
            log.iteration_done(iteration, images, {'lr': 0.02}, **tensors)


def rows(folder):
    lines = (folder / 'vis_data' / 'scalars.json').read_text().splitlines()
    return [json.loads(line) for line in lines]


def test_a_line_has_the_means_since_the_one_before(make, tmp_path, capsys):
    run(make(), [(0.5, 1.0), (0.25, 2.0), (0.75, 6.0), (1.0, 1.0), (2.0, 1.0), (3.0, 1.0)])
    found = [(row['step'], row['epoch'], row['lr'], row['loss']) for row in rows(tmp_path)]
    assert found == [(3, 1, 0.02, 0.5), (6, 1, 0.02, 2.0)]
    assert [row['grad_norm'] for row in rows(tmp_path)] == [3.0, 1.0]
    assert all(0 <= row['data_time'] <= row['time'] for row in rows(tmp_path))
    first, second = capsys.readouterr().out.splitlines()
    for part in ('epoch 1/2  3/100', 'lr 0.02', 'loss 0.5', 'grad_norm 3', 'time', 'eta 0:00:0'):
        assert part in first
    assert 'epoch 1/2  6/100' in second


def test_the_end_of_an_epoch_has_a_line(make, tmp_path):
    run(make(every=99), [(0.5, 1.0)] * 4, first=98)
    assert [row['step'] for row in rows(tmp_path)] == [99, 100]
    assert [row['epoch'] for row in rows(tmp_path)] == [1, 1]


def test_without_a_norm_there_is_none(make, tmp_path, capsys):
    """As with a loss scaler, which leaves out steps whose gradient is not finite."""
    run(make(), [(0.5, None)] * 3)
    assert 'grad_norm' not in rows(tmp_path)[0]
    assert 'grad_norm' not in capsys.readouterr().out


def test_what_was_collected_goes_on_after_a_stop(make, tmp_path):
    log = make()
    run(log, [(0.5, 1.0), (1.0, 1.0)])
    log.read()
    state = log.state()
    assert state['loss'] == [0.5, 1.0]
    again = make()
    again.load_state(json.loads(json.dumps(state)))
    run(again, [(3.0, 1.0)], first=3)
    assert [row['loss'] for row in rows(tmp_path)] == [1.5]


def test_what_is_on_the_device_is_read_at_every_tenth_iteration(make):
    log = make(every=1000)
    run(log, [(0.5, 1.0)] * 9)
    assert 'loss' not in log.state()
    run(log, [(0.5, 1.0)], first=10)
    assert log.state()['loss'] == [0.5] * 10


@pytest.mark.parametrize(
    ('loss', 'norm', 'message'),
    [
        (math.nan, 1.0, 'the loss is nan'),
        (math.inf, 1.0, 'the loss is inf'),
        (0.5, math.inf, "the gradient's norm is inf"),
        (0.5, math.nan, "the gradient's norm is nan"),
    ],
)
def test_what_is_not_finite_stops_the_run(make, tmp_path, loss, norm, message):
    """The second of three iterations, which are read off the device together."""
    (tmp_path / 'iter_106.pth').touch()
    with pytest.raises(InputError) as error:
        run(make(), [(0.5, 1.0), (loss, norm), (0.5, 1.0)], first=107)
    for part in ('iteration 108, epoch 2', message, "iter_106.pth', is kept", '108a.jpg, 108b.jpg'):
        assert part in str(error.value)
    assert 'needs a lower optimizer.lr' in str(error.value)
    assert not (tmp_path / 'vis_data' / 'scalars.json').exists()


def test_before_the_first_checkpoint_nothing_was_saved(make):
    assert 'nothing was saved' in str(make().not_finite('the loss is nan', 1))


def test_an_evaluation_is_written_without_its_classes(make, tmp_path, capsys):
    log = make()
    with log.opened(200):
        log.write_evaluation(200, {'mAP/total': 0.5, 'F1/micro': 0.25, 'AP/cat': 1.0}, '', 'test')
    assert rows(tmp_path) == [{'mAP/total': 0.5, 'F1/micro': 0.25, 'step': 200}]
    said = capsys.readouterr().out
    assert 'epoch 2/2' in said
    assert 'mAP/total 50.00  F1/micro 25.00\n' in said


def test_tensorboard_says_what_the_scalars_say_in_one_file(make, tmp_path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    run(make(), [(0.5, 1.0)] * 6)
    run(make(), [(0.25, 1.0)] * 3, first=4)
    (events,) = (tmp_path / 'vis_data').glob('events.out.tfevents.*')
    found = EventAccumulator(str(events)).Reload()
    assert [(e.step, e.value) for e in found.Scalars('loss')] == [(3, 0.5), (6, 0.25)]
    assert [(row['step'], row['loss']) for row in rows(tmp_path)] == [(3, 0.5), (6, 0.25)]


def test_scalars_are_cut_back_to_the_checkpoint(tmp_path, monkeypatch):
    path = tmp_path / 'scalars.json'
    all_rows = [{'lr': 1, 'step': 2}, {'mAP': 1, 'step': 3}, {'lr': 1, 'step': 4}]
    all_rows += [{'lr': 1, 'step': 6}, {'mAP': 2, 'step': 6}, {'lr': 1, 'step': 8}]
    path.write_text(''.join(json.dumps(row) + '\n' for row in all_rows) + '{"lr": 1, "st')
    whole = path.read_text()
    with monkeypatch.context() as patch:
        patch.setattr('dbl.training.log.json.dumps', lambda row: 1 / 0)  # stopped meanwhile
        with pytest.raises(ZeroDivisionError):
            cut_scalars(path, 6)
    assert path.read_text() == whole
    assert cut_scalars(path, 6) == all_rows[:4]
    assert [p.name for p in tmp_path.glob('*.json')] == ['scalars.json']
    assert [json.loads(line) for line in path.read_text().splitlines()] == all_rows[:4]
    path.write_bytes(b'garbage \xff\n[1]\n{"lr": 1}\n{"lr": 1, "step": 1}\n')
    assert cut_scalars(path, 6) == [{'lr': 1, 'step': 1}]
    assert cut_scalars(path, 0) == []
    assert cut_scalars(tmp_path / 'nothing was logged' / 'scalars.json', 6) == []


@pytest.mark.parametrize(
    ('make', 'sentence'),
    [
        (lambda path: path.mkdir(), 'is not a file, but a folder, pipe or device; move it away'),
        (os.mkfifo, 'is not a file, but a folder'),
        (lambda path: path.symlink_to('/dev/zero'), 'is not a file, but a folder'),
        (lambda path: path.symlink_to('nowhere'), 'cannot be read: No such file'),
    ],
)
def test_scalars_that_are_no_file_are_named(tmp_path, make, sentence):
    path = tmp_path / 'scalars.json'
    make(path)
    with pytest.raises(InputError, match=f'scalars.json. {sentence}'):
        cut_scalars(path, 6)
    assert os.path.lexists(path)


def test_a_line_without_end_takes_no_memory(tmp_path):
    path = tmp_path / 'scalars.json'
    with path.open('w') as file:
        for _ in range(100):
            file.write('[' * 1_000_000)
        file.write('\n{"step": 3, "lr": 1}\n')
    tracemalloc.start()
    assert cut_scalars(path, 6) == [{'step': 3, 'lr': 1}]
    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()


@pytest.mark.parametrize(
    'line',
    [
        '[' * 99_000,
        '{"step": 3, "lr": 1e999}',
        '{"step": 3, "lr": 1e300}',
        '{"step": 3, "lr": -1e39}',
        f'{{"step": 3, "lr": {"9" * 5000}}}',
        f'{{"step": 1{"0" * 400}, "lr": 1}}',
        f'{{"step": 1{"0" * 30}, "lr": 1}}',
        '{"step": 3, "\\ud800": 1}',
        '{"step": 3, "lr": "x"}',
        '{"step": 3, "lr": 1, "loss": null}',
        '{"step": 3, "lr": [1]}',
        '{"step": 3, "lr": true}',
        '{"step": 3, "lr": NaN}',
        f'{{"step": 3, "lr": 1{"0" * 400}}}',
        '{"step": true, "lr": 1}',
        f'{{"step": -1{"0" * 40}, "lr": 1}}',
    ],
)
def test_a_line_with_what_is_no_number_is_dropped(make, tmp_path, line):
    (tmp_path / 'vis_data').mkdir()
    (tmp_path / 'vis_data' / 'scalars.json').write_text(f'{line}\n{{"step": 3, "lr": 1}}\n')
    with make().opened(4):
        pass
    assert rows(tmp_path) == [{'step': 3, 'lr': 1}]
