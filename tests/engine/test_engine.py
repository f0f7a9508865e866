import errno
import io
import json
import math
import os
import random
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.hooks import LoggerHook
from mmengine.logging import MessageHub
from mmengine.optim import LinearLR, MultiStepLR
from torch import nn
from torch.utils.data import DataLoader

from dbl.engine import (
    DeferredInfoHook,
    PlainCheckpointHook,
    checkpoints,
    default_work_dir,
    flat_metrics,
    init_distributed,
    load_weights,
    read_metrics,
    resume,
    set_aside,
    start,
    write_metrics,
)
from dbl.engine.rng_state import rng_state, set_rng_state
from dbl.engine.scalars import cut_scalars
from dbl.engine.schedule import scaled_schedule
from dbl.engine.work_dir import drop_older, drop_replaced
from dbl.errors import InputError
from dbl.registry import MODELS
from dbl.whole_file import whole_file


@pytest.mark.parametrize(
    ('row', 'epochs', 'length', 'steps'), [('rs', 8, 705, (5, 7)), ('erm', 80, 60, (55, 70))]
)
def test_learning_rate_of_the_recipe(root, row, epochs, length, steps):
    """COCO-MLT's 705 iterations an epoch with re-sampling, 60 without; the config's schedulers."""
    at = {0: 1 / 3, 250: 2 / 3, 499: 1 - 2 / 3 / 500, 500: 1, 605: 1}
    for number, share in enumerate((0.1, 0.01)):
        at |= {steps[number] * length - 1: 10 * share, steps[number] * length: share}
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=0.02)
    warmup, steps = Config.fromfile(root / f'configs/coco_mlt/{row}.py').param_scheduler
    assert (warmup.pop('type'), steps.pop('type')) == ('LinearLR', 'MultiStepLR')
    warmup, steps = LinearLR(optimizer, **warmup), MultiStepLR(optimizer, **steps)
    rates = []
    for iteration in range(epochs * length):
        rates.append(optimizer.param_groups[0]['lr'])
        optimizer.step()
        warmup.step()
        if (iteration + 1) % length == 0:
            steps.step()
    for iteration, share in at.items():
        assert rates[iteration] == pytest.approx(0.02 * share), iteration


def test_default_work_dir():
    assert str(default_work_dir('configs/voc_mlt/db_focal.py')) == 'work_dirs/voc_mlt/db_focal'


@pytest.fixture
def config(tmp_path):
    head = dict(type='LinearHead', num_classes=2, loss=dict(type='BCELoss'))
    backbone = dict(type='ConvNet', channels=[4])
    model = dict(type='MultiLabelClassifier', backbone=backbone, neck=dict(type='PooledLinear'))
    model['head'] = head
    values = dict(randomness=dict(seed=0), model=model, train_dataloader=dict(batch_size=8))
    return Config(dict(work_dir=str(tmp_path), **values))


@pytest.mark.parametrize(
    ('files', 'state'),
    [
        (['epoch_3.pth', 'metrics.json'], 'a finished run'),
        (['epoch_3.pth'], 'an unfinished run'),
    ],
)
def test_a_run_is_not_replaced_by_accident(tmp_path, config, files, state):
    for file in files:
        (tmp_path / file).touch()
    with pytest.raises(InputError, match=f'holds {state}; add --resume'):
        start(config, seed=None, overwrite=False)
    start(config, seed=5, overwrite=True)
    assert config.randomness.seed == 5
    assert all((tmp_path / file).exists() for file in files), (
        'nothing goes before the run is sure to start'
    )


def test_a_replaced_run_is_set_aside_until_the_new_one_has_a_checkpoint(tmp_path):
    for name in ('metrics.json', 'epoch_3.pth', 'best_3.pth', 'last_checkpoint', 'mine.pth'):
        (tmp_path / name).touch()
    (tmp_path / 'vis_data').mkdir()
    set_aside(tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == ['mine.pth', 'replaced']
    assert (tmp_path / 'replaced' / 'epoch_3.pth').exists()
    (tmp_path / 'vis_data').mkdir()
    set_aside(tmp_path)
    assert (tmp_path / 'replaced' / 'epoch_3.pth').exists(), 'the new run has not saved yet'
    assert not (tmp_path / 'vis_data').exists()
    drop_replaced(tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == ['mine.pth']


@pytest.fixture
def saved(tmp_path, config):
    """Two checkpoints of a run, of which that of epoch 10 is the newer one."""
    state_dict = MODELS.build(config.model).state_dict()
    values = json.dumps({**config.to_dict(), 'randomness': {'seed': 3}})
    meta = {'seed': 3, 'rng_states': [], 'config_values': values, 'batch': 8, 'plan': {}}
    rest = {'optimizer': {}, 'param_schedulers': [], 'message_hub': {}}
    for epoch in (9, 10):
        path = tmp_path / f'epoch_{epoch}.pth'
        torch.save({'state_dict': state_dict, 'meta': meta, **rest}, path)
        os.utime(path, (epoch, epoch))


def test_resume_takes_the_newest_whole_checkpoint_and_its_seed(tmp_path, config, saved):
    (tmp_path / 'epoch_11.pth.part').write_bytes(b'torn')
    (tmp_path / 'last_checkpoint').write_text('/elsewhere/epoch_1.pth')
    assert resume(config, seed=None) == ''
    assert config.load_from == str(tmp_path / 'epoch_10.pth')
    assert (config.resume, config.randomness.seed) == (True, 3)
    with pytest.raises(InputError, match='started with seed 3, but got --seed 4'):
        resume(config, seed=4)
    config.model.head.num_classes = 5
    with pytest.raises(InputError, match=r'epoch_10.pth. is of another model: 2 weights differ'):
        resume(config, seed=None)


def test_a_torn_checkpoint_is_passed_over(tmp_path, config, saved):
    (tmp_path / 'epoch_10.pth').write_bytes(b'torn')
    notes = resume(config, seed=None)
    assert config.load_from == str(tmp_path / 'epoch_9.pth')
    assert "epoch_10.pth' is damaged" in notes
    path = tmp_path / 'epoch_9.pth'
    content = path.read_bytes()
    middle = len(content) // 2
    hole = bytes(255 - byte for byte in content[middle : middle + 50])
    path.write_bytes(content[:middle] + hole + content[middle + 50 :])
    with pytest.raises(InputError, match=r'holds no whole checkpoint to go on from'):
        resume(config, seed=None)


def test_other_values_of_the_config_are_named(tmp_path, config, saved):
    config.model.head.loss = dict(type='FocalLoss', gamma=1.0)
    config.launcher, config.work_dir = 'pytorch', str(tmp_path)
    assert resume(config, seed=None) == (
        'warning: goes on with other values: model.head.loss.gamma unset -> 1.0; '
        'model.head.loss.type BCELoss -> FocalLoss'
    )


def test_another_batch_is_refused(config, saved):
    config.train_dataloader.batch_size = 4
    with pytest.raises(InputError, match='has batches of 8 over all processes, but got 4'):
        resume(config, seed=None)


@pytest.mark.parametrize('values', ['{', None])
def test_values_that_are_no_config_are_refused(tmp_path, config, saved, values):
    path = tmp_path / 'epoch_10.pth'
    checkpoint = torch.load(path, weights_only=True)
    checkpoint['meta']['config_values'] = values
    torch.save(checkpoint, path)
    with pytest.raises(InputError, match='config_values are no JSON object'):
        resume(config, seed=None)


def test_a_run_without_its_checkpoint_is_said_to_be_so(tmp_path, config):
    (tmp_path / 'metrics.json').touch()
    with pytest.raises(InputError, match='finished run without its checkpoint; add --overwrite'):
        start(config, seed=None, overwrite=False)


def test_copies_are_no_checkpoints_of_the_run(tmp_path):
    for name in ('epoch_2.pth', 'epoch_2-ed7cd643.pth', 'epoch_1_copy.pth', 'iter_x.pth'):
        (tmp_path / name).touch()
    assert [path.name for path in checkpoints(tmp_path)] == ['epoch_2.pth']


def test_one_whole_checkpoint_is_there_at_any_moment(tmp_path):
    for name in ('epoch_1.pth', 'iter_7.pth', 'iter_9.pth', 'epoch_2.pth'):
        before = checkpoints(tmp_path)
        with whole_file(tmp_path / name) as part:
            part.write_bytes(b'content')
            assert checkpoints(tmp_path) == before
        drop_older(tmp_path / name)
        assert [p.name for p in tmp_path.iterdir()] == [name]
    (tmp_path / 'best_mAP.pth').touch()
    drop_older(tmp_path / 'best_mAP.pth')
    assert sorted(p.name for p in tmp_path.iterdir()) == ['best_mAP.pth', 'epoch_2.pth']


def test_what_was_saved_before_survives_a_full_disk(tmp_path):
    def fill():
        with whole_file(tmp_path / 'a.pth') as part:
            part.write_bytes(b'half')
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    (tmp_path / 'a.pth').write_bytes(b'before')
    with pytest.raises(InputError, match='No space left on device; what was saved before is whole'):
        fill()
    assert [p.name for p in tmp_path.iterdir()] == ['a.pth']
    assert (tmp_path / 'a.pth').read_bytes() == b'before'


def test_several_processes_need_a_launcher(monkeypatch):
    monkeypatch.setenv('WORLD_SIZE', '2')
    with pytest.raises(InputError, match='add --launcher pytorch'):
        init_distributed('none')


def test_metrics_come_back_as_they_were_written(tmp_path):
    metrics = flat_metrics({'mAP/total': 0.5, 'AP': {'cat': 1.0, 'öwl': math.nan}})
    write_metrics(tmp_path / 'new' / 'metrics.json', metrics)
    text = (tmp_path / 'new' / 'metrics.json').read_text()
    assert json.loads(text) == {'mAP/total': 0.5, 'AP/cat': 1.0, 'AP/öwl': None}
    assert 'NaN' not in text
    assert math.isnan(read_metrics(tmp_path / 'new' / 'metrics.json')['AP/öwl'])


def test_checkpoints_are_plain_data(tmp_path):
    hub = MessageHub('test_checkpoints_are_plain_data')
    for value in (1.0, 2.0, 4.0):
        hub.update_scalar('train/loss', value)
    hub.update_info('iter', 3)
    hub.update_info('eta', np.float64(1.5))
    checkpoint = {'message_hub': hub.state_dict()}
    checkpoint['message_hub']['resumed_keys']['val/AP'] = True
    PlainCheckpointHook().before_save_checkpoint(None, checkpoint)
    torch.save(checkpoint, tmp_path / 'a.pth')
    loaded = torch.load(tmp_path / 'a.pth', weights_only=True)
    PlainCheckpointHook().after_load_checkpoint(None, loaded)
    again = MessageHub('again')
    again.load_state_dict(loaded['message_hub'])
    np.testing.assert_array_equal(again.get_scalar('train/loss').data[0], [1, 2, 4])
    assert (again.get_info('iter'), again.get_info('eta')) == (3, 1.5)


@pytest.mark.parametrize(
    ('loss', 'norm', 'message'),
    [
        (math.nan, 1.0, 'the loss is nan'),
        (math.inf, 1.0, 'the loss is inf'),
        (0.5, math.inf, "the gradient's norm is inf"),
        (0.5, math.nan, "the gradient's norm is nan"),
    ],
)
def test_what_is_not_finite_stops_the_run(tmp_path, loss, norm, message):
    """The second of three iterations, which are read off the device together."""
    (tmp_path / 'iter_5.pth').touch()
    wrapper = SimpleNamespace(get_lr=dict)
    hub = MessageHub(f'test_{message}')
    runner = SimpleNamespace(
        work_dir=str(tmp_path),
        epoch=1,
        message_hub=hub,
        optim_wrapper=wrapper,
        train_dataloader=DataLoader(range(100)),
        hooks=[LoggerHook(interval=3)],
        max_epochs=2,
        max_iters=200,
    )

    def run(losses, norms):
        hook = DeferredInfoHook()
        runner.iter = 5
        hook.before_train(runner)
        for batch_idx, (value, wrapper.grad_norm) in enumerate(zip(losses, norms, strict=True)):
            batch = {'img_path': [f'{runner.iter}a.jpg', f'{runner.iter}b.jpg']}
            hook.after_train_iter(runner, batch_idx, batch, {'loss': torch.tensor(value)})
            runner.iter += 1

    good = torch.tensor(1.0)
    run([0.5, 0.5, 0.5], [None, None, good])  # gradients summed up over three iterations
    hub.log_scalars.clear()
    run([0.5, 0.25, 0.125], [good] * 3)
    assert hub.get_scalar('train/loss').data[0].tolist() == [0.5, 0.25, 0.125]
    with pytest.raises(InputError) as error:
        run([0.5, loss, 0.5], [good, torch.tensor(norm), good])
    for part in ('iteration 7, epoch 2', message, "iter_5.pth', is kept", '6a.jpg, 6b.jpg'):
        assert part in str(error.value)


@pytest.mark.parametrize(('batch', 'end'), [(32, 501), (128, 126), (8, 2001), (10**6, 2)])
def test_a_warm_up_in_iterations_follows_the_batch(batch, end):
    schedule = [
        dict(type='LinearLR', by_epoch=False, begin=0, end=501),
        dict(type='LinearLR', begin=0, end=10, convert_to_iter_based=True),
        dict(type='MultiStepLR', milestones=[5, 7]),
    ]
    first, *rest = scaled_schedule(schedule, base_batch_size=32, batch_size=batch)
    assert first['end'] == end
    assert rest == schedule[1:]
    assert schedule[0]['end'] == 501, 'the input is untouched'


def test_random_numbers_go_on_where_they_were():
    def numbers():
        return random.random(), np.random.rand(3).tolist(), torch.rand(3).tolist()

    numbers()
    buffer = io.BytesIO()
    torch.save(rng_state(), buffer)
    expected = numbers()
    buffer.seek(0)
    set_rng_state(torch.load(buffer, weights_only=True))
    assert numbers() == expected


def test_scalars_are_cut_back_to_the_checkpoint(tmp_path):
    path = tmp_path / 'scalars.json'
    rows = [{'lr': 1, 'step': 2}, {'mAP': 1, 'step': 3}, {'lr': 1, 'step': 4}, {'lr': 1, 'step': 6}]
    rows += [{'mAP': 2, 'step': 6}, {'lr': 1, 'step': 8}]
    path.write_text(''.join(json.dumps(row) + '\n' for row in rows) + '{"lr": 1, "st')
    (tmp_path / '20261124_220000.json').write_text('{"lr": 1, "step": 2}\n')
    whole = path.read_text()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr('dbl.engine.scalars.json.dumps', lambda row: 1 / 0)  # stopped meanwhile
        with pytest.raises(ZeroDivisionError):
            cut_scalars(tmp_path, 6)
    assert path.read_text() == whole
    assert cut_scalars(tmp_path, 6) == rows[:4]
    assert list(tmp_path.iterdir()) == [path], 'not the copy of one start'
    assert [json.loads(line) for line in path.read_text().splitlines()] == rows[:4]
    path.write_bytes(b'garbage \xff\n[1]\n{"lr": 1}\n{"lr": 1, "step": 1}\n')
    assert cut_scalars(tmp_path, 6) == [{'lr': 1, 'step': 1}]
    assert cut_scalars(tmp_path, 0) == []
    assert cut_scalars(tmp_path / 'nothing was logged', 6) == []


@pytest.fixture
def net():
    return nn.Linear(3, 2)


def test_loads_weights(tmp_path, net):
    state = {k: torch.ones_like(v) for k, v in net.state_dict().items()}
    torch.save({'state_dict': state, 'meta': {}}, tmp_path / 'a.pth')
    load_weights(net, tmp_path / 'a.pth')
    assert (net.weight == 1).all()


def test_reads_the_released_code_s_checkpoints(root, tmp_path, released_checkpoint):
    net = released_checkpoint(tmp_path / 'epoch_8.pth', depth=50, num_classes=20)
    model = MODELS.build(Config.fromfile(root / 'configs/voc_mlt/erm.py').model).eval()
    load_weights(model, tmp_path / 'epoch_8.pth')
    images = torch.randn(2, 3, 64, 64, dtype=torch.float64)
    with torch.inference_mode():
        # The logits are float32 whatever the weights are.
        torch.testing.assert_close(model.double()(images), net.double()(images).float())


def test_the_released_code_s_checkpoints_are_tested_not_resumed(
    root, tmp_path, released_checkpoint
):
    released_checkpoint(tmp_path / 'epoch_8.pth', depth=50, num_classes=20)
    config = Config.fromfile(root / 'configs/voc_mlt/erm.py')
    config.work_dir = str(tmp_path)
    with pytest.raises(InputError, match=r'epoch_8.pth. is not tools/train.py.s; it can be tested'):
        resume(config, seed=None)
    config.model.head.num_classes = 80
    model = MODELS.build(config.model)
    with pytest.raises(InputError, match=r"2 weights differ, as 'head.fc.weight': \(20, "):
        load_weights(model, tmp_path / 'epoch_8.pth')


class Payload:
    def __reduce__(self):
        return print, ('executed',)


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        (None, 'does not exist'),
        (b'garbage', 'is damaged'),
        (b'<html>', 'is damaged'),
        ({'weights': 1}, 'is not one of tools/train.py'),
        ({'state_dict': {1: torch.zeros(1)}}, 'is not one of tools/train.py'),
        ({'state_dict': {'a': 1}}, 'is not one of tools/train.py'),
        ({'state_dict': Payload()}, 'is damaged'),
        (
            {'state_dict': {'weight': torch.zeros(4, 3), 'bias': torch.zeros(4)}},
            r"2 weights differ, as 'weight': \(4, 3\) in the file, \(2, 3\) in the config",
        ),
    ],
    ids='missing garbage text other numbers odd payload classes'.split(),
)
def test_bad_checkpoints_are_named(tmp_path, net, capsys, content, message):
    path = tmp_path / 'a.pth'
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content is not None:
        torch.save(content, path)
    with pytest.raises(InputError, match=message) as error:
        load_weights(net, path)
    assert str(path) in str(error.value)
    assert 'executed' not in capsys.readouterr().out
