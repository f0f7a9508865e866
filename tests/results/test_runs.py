import json
import math
import os
from pathlib import Path

import numpy as np
import pytest

from dbl.config import load_config
from dbl.config_values import plain_values
from dbl.errors import InputError
from dbl.results.runs import read_run, read_runs
from dbl.results.same_configuration import (
    STATISTICS,
    check_comparable,
    check_rows,
    overrides,
    part_of,
)
from dbl.results.table import as_csv, as_lines, as_markdown, table_rows

CONFIGS = Path(__file__).parents[2] / 'configs' / 'demo'


def markdown(rows):
    return as_markdown(as_lines(rows))


def test_a_run_says_what_it_is(tmp_path, write_run):
    run = read_run(write_run(tmp_path / 'demo' / 'erm' / 'seed_7', seed=7))
    assert (run.row, run.seed, run.versions, run.seconds) == ('erm', 7, ['1.0'], 61.0)
    assert run.classes == ['cat', 'dog', 'owl']
    assert run.groups == {'head': [0], 'medium': [1], 'tail': [2]}
    assert run.ap.tolist() == [0.75, 0.5, 0.25]
    write_run(tmp_path / 'other' / 'rs')
    assert [run.row for run in read_runs([tmp_path])] == ['erm', 'rs']


@pytest.mark.parametrize(('name', 'content'), [
    ('metrics.json', ''),
    ('metrics.json', '{"mAP/total": 0.5'),
    ('metrics.json', '[]'),
    ('run.json', '{'),
    ('run.json', '[]'),
    ('run.json', '{"given": {}, "resolved": {"seed": 0}, "starts": [], "seconds": 1}'),
    ('run.json', '{"starts": [{"dbl": "1.0"}], "seconds": 1}'),
    ('metrics.json', '{"AP/cat": 0.5, "AP/dog": 0.5, "AP/owl": 0.5}'),
    ('metrics.json', '{"mAP/total": "x", "mAP/head": 1, "mAP/medium": 1, "mAP/tail": 1}'),
])  # fmt: skip
def test_a_half_written_run_is_left_out_by_name(tmp_path, write_run, caplog, name, content):
    write_run(tmp_path / 'erm' / 'seed_1', seed=1)
    folder = write_run(tmp_path / 'erm' / 'seed_0')
    (folder / name).write_text(content)
    assert [run.seed for run in read_runs([tmp_path])] == [1]
    (said,) = caplog.messages
    assert said.startswith(f"'{folder / name}' is damaged: ")
    assert said.endswith('; the run is left out')


def with_value(tree: dict, key: str, value: object) -> dict:
    """A copy with another value at a dotted key; without it where the value is None."""
    name, _, rest = key.partition('.')
    if rest:
        return {**tree, name: with_value(tree[name], rest, value)}
    return {
        **{k: v for k, v in tree.items() if k != name},
        **({} if value is None else {name: value}),
    }


@pytest.mark.parametrize(('key', 'value', 'sentence'), [
    ('given', [], 'Expected `object`, got `array` - at `$.given`'),
    ('resolved.seed', '0', 'Expected `int`, got `str` - at `$.resolved.seed`'),
    ('resolved.seed', -1, 'Expected `int` >= 0 - at `$.resolved.seed`'),
    ('resolved.metric.class_freq', [120, 30, -4], 'at `$.resolved.metric.class_freq[2]`'),
    ('resolved.metric.class_freq', [120, 30, 10**400], 'at `$.resolved.metric.class_freq[2]`'),
    ('resolved.metric.class_freq', [120, 30], 'class_freq has 2 counts, but there are 3 classes'),
    ('resolved.metric.num_images', 0, 'at `$.resolved.metric.num_images`'),
    ('resolved.metric.head', 5, 'expected tail <= head, but got tail=20 and head=5'),
    ('resolved.metric.tail', 'x', 'at `$.resolved.metric.tail`'),
    ('classes', ['cat', 'dog', 'cat'], "class 3 is 'cat', as is class 1"),
    ('classes', ['cat', 'dog', 'o\x1bl'], 'has a control character'),
    ('classes', ['cat', 'dog', 'o' * 300], 'the characters of class'),
    ('starts', [], 'at `$.starts`'),
    ('starts', [{'dbl': '1.0'}], 'missing required field `at`'),
    ('starts', [{'dbl': '1.0', 'at': 'now', 'GPU': []}], 'Expected `bool | float | str | null`'),
    ('seconds', -1, 'at `$.seconds`'),
    ('seconds', float('nan'), 'at `$.seconds`'),
    ('seconds', 10**400, 'at `$.seconds`'),
    ('epoch', 'x', 'at `$.epoch`'),
    ('classes', None, 'Object missing required field `classes`'),
])  # fmt: skip
def test_what_a_run_cannot_be_is_named(tmp_path, write_run, key, value, sentence):
    folder = write_run(tmp_path / 'erm' / 'seed_0')
    run = json.loads((folder / 'run.json').read_text())
    (folder / 'run.json').write_text(json.dumps(with_value(run, key, value)))
    with pytest.raises(InputError) as error:
        read_run(folder)
    assert str(error.value).startswith(f"'{folder / 'run.json'}'")
    assert sentence in str(error.value)


@pytest.mark.parametrize(('key', 'value', 'sentence'), [
    ('AP/cat', 'x', "AP/cat must be a number from 0 to 1, or null, but got 'x'"),
    ('AP/cat', 1.5, 'but got 1.5'),
    ('F1/micro', -0.5, 'F1/micro must be a number from 0 to 1'),
    ('AP/cat', float('nan'), 'but got nan'),
    ('AP/cat', True, 'but got True'),
    ('val/AP/cat', 10**400, 'val/AP/cat must be a number from 0 to 1, or null, but got 1000'),
    ('selected/epoch', -3, 'selected/epoch must be a number from 0 to 9007199254740992'),
    ('AP/cat', None, 'it has no AP/cat'),
    ('mAP/tail', None, 'it has no mAP/tail'),
    ('val/mAP/total', 0.5, 'it has no val/mAP/head'),
    ('AP/owl', 0.5, 'mAP/total is 0.500000, but its classes imply 0.583333'),
    ('mAP/tail', 0.5, 'mAP/tail is 0.500000, but its classes imply 0.250000'),
])  # fmt: skip
def test_a_metric_that_cannot_be_is_named(tmp_path, write_run, key, value, sentence):
    folder = write_run(tmp_path / 'erm' / 'seed_0')
    metrics = json.loads((folder / 'metrics.json').read_text())
    (folder / 'metrics.json').write_text(json.dumps(with_value(metrics, key, value)))
    with pytest.raises(InputError) as error:
        read_run(folder)
    assert f"'{folder / 'metrics.json'}' is damaged: " in str(error.value)
    assert sentence in str(error.value)


def test_what_is_not_finished_is_no_run(tmp_path, write_run, caplog):
    folder = write_run(tmp_path / 'erm' / 'seed_0')
    (folder / 'metrics.json').unlink()
    assert read_run(folder) is None
    assert read_runs([tmp_path]) == []
    assert not caplog.messages


def test_links_lead_nowhere_or_in_circles(tmp_path, write_run):
    write_run(tmp_path / 'erm' / 'seed_0')
    for name, target in (('round', '.'), ('one', 'other'), ('other', 'one'), ('lost', 'nowhere')):
        (tmp_path / name).symlink_to(target)
    (tmp_path / 'rs').mkdir()
    (tmp_path / 'rs' / 'metrics.json').symlink_to('/dev/zero')
    assert [run.row for run in read_runs([tmp_path, tmp_path / 'round'])] == ['erm']
    for name in ('one', 'lost'):
        with pytest.raises(InputError, match=f"{name}' does not exist"):
            read_runs([tmp_path / name])


def test_runs_of_a_row_have_the_same_means(tmp_path, write_run):
    more = {f'ema/mAP/{group}': 0.5 for group in ('total', 'head', 'medium', 'tail')}
    write_run(tmp_path / 'rs' / 'seed_0', more=more)
    write_run(tmp_path / 'rs' / 'seed_1', seed=1)
    with pytest.raises(InputError, match=r'rs/seed_1/metrics\.json. has other means than that of'):
        table_rows(read_runs([tmp_path]), ['rs'], 'demo')


def test_a_run_of_0_1_0_is_named_and_what_to_do(tmp_path, write_run):
    write_run(tmp_path / 'erm' / 'seed_0')
    folder = write_run(tmp_path / 'erm' / 'seed_1', seed=1)
    old = {'config': {'randomness': {'seed': 1}}, 'starts': [{'dbl': '0.1.0'}], 'seconds': 1}
    (folder / 'run.json').write_text(json.dumps(old))
    with pytest.raises(InputError, match=r'of dbl 0\.1\.0, .*show it with dbl 0\.1\.0') as error:
        read_runs([tmp_path])
    assert f"'{folder}'" in str(error.value)


def test_a_run_that_was_set_aside_is_no_run(tmp_path, write_run):
    write_run(tmp_path / 'erm' / 'seed_0' / 'replaced')
    assert read_runs([tmp_path]) == []


def test_a_mean_over_no_class_is_nan(tmp_path, write_run):
    folder = write_run(tmp_path / 'erm' / 'seed_0', ap=(0.5, 0.25, 0.0))
    metrics = json.loads((folder / 'metrics.json').read_text())
    metrics |= {'AP/owl': None, 'mAP/tail': None, 'mAP/total': 0.375}
    (folder / 'metrics.json').write_text(json.dumps(metrics))
    run = read_run(folder)
    assert math.isnan(run.ap[2])
    (row,) = table_rows([run], ['erm'], 'demo')
    assert row.values[0, :3].tolist() == [37.5, 50, 25]
    assert '| 37.50 | 50.00 | 25.00 | - |' in markdown([row])


def test_mean_deviation_and_difference_by_hand(tmp_path, write_run):
    for seed, shift in enumerate((0.0, 0.02, 0.04)):
        ap = (0.75 + shift, 0.5 + shift, 0.25 + shift)
        write_run(tmp_path / 'rs' / f'seed_{seed}', ap=ap, seed=seed)
    row, empty = table_rows(read_runs([tmp_path]), ['rs', 'ldam'], 'voc_mlt')
    assert row.seeds == [0, 1, 2]
    np.testing.assert_allclose(row.mean, [52, 77, 52, 27])
    np.testing.assert_allclose(row.std, [2, 2, 2, 2])  # of the sample
    np.testing.assert_allclose(row.difference, [52 - 75.38, 77 - 70.95, 52 - 82.94, 27 - 73.05])
    text = markdown([row, empty])
    difference = '-23.38 / +6.05 / -30.94 / -46.05'
    ours = '52.00 ± 2.00 | 77.00 ± 2.00 | 52.00 ± 2.00 | 27.00 ± 2.00 | 61'
    assert f'| RS | 75.38 / 70.95 / 82.94 / 73.05 | {difference} | 3 | {ours} |\n' in text
    assert '(erratum: the groups imply 72.37) | - | 0 | missing |' in text
    lines = as_csv([row, empty]).splitlines()
    assert lines[1] == 'rs,total,75.38,,52.00,2.00,3,-23.38,0 1 2,50.00 52.00 54.00'
    assert lines[5] == 'ldam,total,70.73,72.37,,,0,,,'
    assert len(lines) == 9


def test_one_seed_has_no_deviation(tmp_path, write_run):
    write_run(tmp_path / 'rs' / 'seed_0')
    (row,) = table_rows(read_runs([tmp_path]), ['rs'], 'demo')
    assert np.isnan(row.std).all()
    assert '| RS | 1 | 50.00 | 75.00 | 50.00 | 25.00 | 61 |' in markdown([row])


OTHERS = {
    'version': dict(version='2.0'),
    'backbone': dict(model={'backbone': {'depth': 18}, 'head': {'loss': {'type': 'BCELoss'}}}),
    'loss': dict(model={'backbone': {'depth': 50}, 'head': {'loss': {'type': 'FocalLoss'}}}),
    'classes': dict(class_freq=[120, 30, 5]),
    'thresholds': dict(metric={'type': 'MultiLabelMetric', 'head': 90}),
    'pipeline': dict(test_dataloader={'dataset': {'pipeline': [{'type': 'Resize'}]}}),
    'size': dict(image_size=64),
    'precision': dict(precision='bfloat16'),
    'optimiser': dict(optimizer={'type': 'AdamW'}),
    'clipping': dict(clip_norm=5),
    'rate': dict(base_batch_size=64),
    'epochs': dict(epochs=9),
    'seed': dict(seed=0),
}


@pytest.mark.parametrize('kind', OTHERS)
def test_runs_of_another_kind_are_named_and_refused(tmp_path, write_run, kind):
    for seed in range(3):
        write_run(tmp_path / 'rs' / f'seed_{seed}', seed=seed)
    check_comparable(read_runs([tmp_path]))
    odd = write_run(tmp_path / 'rs' / 'seed_3', **{'seed': 3, **OTHERS[kind]})
    with pytest.raises(InputError, match='do not belong in one table') as error:
        check_comparable(read_runs([tmp_path]))
    assert str(odd) in str(error.value)
    assert str(tmp_path / 'rs' / 'seed_1') not in str(error.value)


def test_rows_may_differ_in_loss_and_schedule_but_not_in_data(tmp_path, write_run):
    write_run(tmp_path / 'rs' / 'seed_0', epochs=8)
    other = {'backbone': {'depth': 50}, 'head': {'loss': {'type': 'FocalLoss'}}}
    write_run(tmp_path / 'erm' / 'seed_0', epochs=80, model=other)
    loader = {'num_workers': 4, 'dataset': {'memory_budget': 1}}
    place = {'data_root': '/elsewhere', 'log_every': 5, 'checkpoint': {'minutes': 1}}
    write_run(tmp_path / 'erm' / 'seed_1', seed=1, epochs=80, model=other,
              test_dataloader=loader, **place)  # fmt: skip
    check_comparable(read_runs([tmp_path]))
    loader = {'dataset': {'source': {'ann_file': 'val'}}}
    write_run(tmp_path / 'rw' / 'seed_0', test_dataloader=loader)
    with pytest.raises(InputError, match='ann_file unset -> val'):
        check_comparable(read_runs([tmp_path]))


def given(row: str, seed: int = 0, **options) -> dict:
    """A config of the demo as a run of it was given."""
    return {**plain_values(load_config(CONFIGS / f'{row}.py', options)), 'seed': seed}


def test_rows_are_held_against_their_configs(tmp_path, write_run):
    """What is overridden is so in all rows of a schedule, and said."""
    dropout = {'model.neck.dropout': 0.1, 'test_dataloader.num_workers': 7}
    for row, epochs in (('erm', 2), ('rw', 2), ('rs', 1)):
        for seed in (0, 1):
            own = given(row, seed, **dropout, epochs=epochs)
            write_run(tmp_path / row / f'seed_{seed}', **own)
    runs = read_runs([tmp_path])
    check_rows(runs, CONFIGS)
    assert overrides(runs[0], CONFIGS / 'erm.py') == {'model.neck.dropout': 0.1, 'epochs': 2}

    (tmp_path / 'rw').rename(tmp_path / 'ldam')
    with pytest.raises(InputError, match=r'ldam/seed_0.*model\.head\.loss\.type unset -> '):
        check_rows(read_runs([tmp_path]), CONFIGS)


def test_a_row_of_a_shorter_schedule_is_refused(tmp_path, write_run):
    for row, epochs in (('rs', 8), ('db', 8), ('r_bce', 1)):
        write_run(tmp_path / row / 'seed_0', **given(row, epochs=epochs))
    with pytest.raises(InputError, match=r'r_bce/seed_0.*epochs unset -> 1') as error:
        check_rows(read_runs([tmp_path]), CONFIGS)
    assert 'db/seed_0' not in str(error.value)


def test_an_ablation_may_change_a_part_with_its_arguments(tmp_path, write_run):
    parts = {'a': {'type': 'SGD', 'momentum': 0.9}, 'b': {'type': 'AdamW'}}
    for value, part in parts.items():
        write_run(tmp_path / value / 'seed_0', optimizer=part)
    check_comparable(read_runs([tmp_path]), varied=[part_of('optimizer.type')])
    with pytest.raises(InputError, match=r'optimizer\.momentum 0\.9 -> unset'):
        check_comparable(read_runs([tmp_path]))


def test_an_ablation_may_change_the_data(tmp_path, write_run):
    for value, freq in (('a', [120, 30, 4]), ('b', [120, 30, 5])):
        data = {'dataset': {'source': {'ann_file': value}}}
        write_run(tmp_path / value / 'seed_0', class_freq=freq, train_dataloader=data)
    runs = read_runs([tmp_path])
    check_comparable(runs, varied=['train_dataloader.dataset.source.ann_file', *STATISTICS])
    with pytest.raises(InputError, match='ann_file a -> b'):
        check_comparable(runs)


SCORES = {
    'images': np.array(['a', 'b']),
    'logits': np.zeros((2, 3), np.float32),
    'targets': np.ones((2, 3), np.uint8),
}


@pytest.mark.parametrize(('damage', 'sentence'), [
    (b'', 'is missing or damaged'),
    (b'PK\x03\x04cut', 'is missing or damaged'),
    ({'images': np.array(['a'])}, r'have the shapes \(\(1,\), \(2, 3\), \(2, 3\)\)'),
    ({'images': np.array('a')}, 'have the shapes'),
    ({'logits': np.zeros((2, 1)), 'targets': np.ones((2, 1))}, 'of 3 classes have the shapes'),
    ({'images': np.arange(2)}, 'images must be text, but are int64'),
    ({'logits': np.full((2, 3), np.nan)}, 'logits must be finite numbers'),
    ({'logits': np.full((2, 3), 'x')}, 'logits must be finite numbers'),
    ({'targets': np.full((2, 3), 2)}, 'targets must be 0 or 1'),
    ({'targets': np.full((2, 3), '1')}, 'targets must be 0 or 1'),
    ({'classes': np.array(['cat', 'owl', 'dog'])}, r"its classes are not those of run\.json; del"),
    ({'classes': np.arange(3)}, r"its classes are not those of run\.json; delete the run, and"),
])  # fmt: skip
def test_scores_that_cannot_be_are_named(tmp_path, write_run, damage, sentence):
    run = read_run(write_run(tmp_path / 'rs' / 'seed_0'))
    path = run.folder / 'scores.npz'
    np.savez(path, **SCORES)
    assert run.scores()['logits'].shape == (2, 3)
    np.savez(path, **SCORES, classes=np.array(['cat', 'dog', 'owl']))
    assert run.scores().keys() == SCORES.keys()
    if isinstance(damage, bytes):
        path.write_bytes(damage)
    else:
        np.savez(path, **{**SCORES, **damage})
    with pytest.raises(InputError, match=f"'{path}' .*{sentence}"):
        run.scores()
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(InputError, match=f"'{path}' is not a file"):
        run.scores()
