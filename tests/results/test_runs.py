import json
import math
from pathlib import Path

import numpy as np
import pytest

from dbl.engine import load_config
from dbl.errors import InputError
from dbl.results.runs import read_run, read_runs
from dbl.results.same_configuration import check_comparable, check_rows, material_values, overrides
from dbl.results.table import as_csv, as_lines, as_markdown, table_rows


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
    ('run.json', '{"config": {"randomness": {"seed": 0}}, "starts": [], "seconds": 1}'),
    ('run.json', '{"starts": [{"dbl": "1.0"}], "seconds": 1}'),
    ('metrics.json', '{"AP/cat": 0.5, "AP/dog": 0.5, "AP/owl": 0.5}'),
    ('metrics.json', '{"mAP/total": "x", "mAP/head": 1, "mAP/medium": 1, "mAP/tail": 1}'),
])  # fmt: skip
def test_a_half_written_run_is_missing(tmp_path, write_run, name, content):
    folder = write_run(tmp_path / 'erm' / 'seed_0')
    (folder / name).write_text(content)
    assert read_runs([tmp_path]) == []


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


def test_a_total_that_its_groups_do_not_give_is_refused(tmp_path, write_run):
    folder = write_run(tmp_path / 'rs' / 'seed_0')
    metrics = json.loads((folder / 'metrics.json').read_text())
    (folder / 'metrics.json').write_text(json.dumps({**metrics, 'mAP/total': 0.6}))
    with pytest.raises(InputError, match=r'mAP/total is 0\.600000, but its groups imply 0\.500000'):
        table_rows(read_runs([tmp_path]), ['rs'], 'demo')


OTHERS = {
    'version': dict(version='2.0'),
    'backbone': dict(model={'backbone': {'depth': 18}, 'head': {'loss': {'type': 'BCELoss'}}}),
    'loss': dict(model={'backbone': {'depth': 50}, 'head': {'loss': {'type': 'FocalLoss'}}}),
    'classes': dict(test_evaluator={'class_freq': [120, 30, 5], 'num_images': 130}),
    'thresholds': dict(test_evaluator={'class_freq': [120, 30, 4], 'num_images': 130, 'head': 90}),
    'pipeline': dict(test_dataloader={'dataset': {'pipeline': [{'type': 'Resize', 'size': 64}]}}),
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
    write_run(tmp_path / 'rs' / 'seed_0', train_cfg={'max_epochs': 8})
    other = {'backbone': {'depth': 50}, 'head': {'loss': {'type': 'FocalLoss'}}}
    write_run(tmp_path / 'erm' / 'seed_0', train_cfg={'max_epochs': 80}, model=other)
    loader = {'num_workers': 4, 'dataset': {'data_root': '/elsewhere', 'memory_budget': 1}}
    write_run(tmp_path / 'erm' / 'seed_1', seed=1, train_cfg={'max_epochs': 80}, model=other,
              test_dataloader=loader)  # fmt: skip
    check_comparable(read_runs([tmp_path]))
    loader = {'dataset': {'ann_file': 'val'}}
    write_run(tmp_path / 'rw' / 'seed_0', test_dataloader=loader)
    with pytest.raises(InputError, match='ann_file unset -> val'):
        check_comparable(read_runs([tmp_path]))


def config_file(folder: Path, row: str, dropout: float = 0.5, sampler: str = 'Plain') -> None:
    folder.mkdir(exist_ok=True)
    (folder / f'{row}.py').write_text(
        f"train_dataloader = dict(sampler=dict(type='{sampler}'))\n"
        f"model = dict(neck=dict(dropout={dropout}), loss='{row}')\n"
    )


def values(row: str, dropout: float = 0.5, sampler: str = 'Plain', **given) -> dict:
    loader = {'sampler': {'type': sampler, 'batch_size': 32}, 'num_workers': 3}
    head = {'train_set': {'a': 1}, 'num_classes': 3}
    model = {'neck': {'dropout': dropout}, 'loss': row, 'head': head}
    return {'train_dataloader': loader, 'model': model, **given}


def test_rows_are_held_against_their_configs(tmp_path, write_run):
    """What is overridden is so in all rows of a schedule, and said."""
    configs = tmp_path / 'configs'
    for row, sampler in (('erm', 'Plain'), ('rw', 'Plain'), ('rs', 'ClassAware')):
        config_file(configs, row, sampler=sampler)
        for seed in (0, 1):
            extra = {'train_cfg': {'max_epochs': 2 if sampler == 'Plain' else 1}}
            own = values(row, dropout=0.1, sampler=sampler, **extra)
            write_run(tmp_path / 'runs' / row / f'seed_{seed}', seed=seed, **own)
    runs = read_runs([tmp_path / 'runs'])
    check_rows(runs, configs)
    given = overrides(runs[0], configs / 'erm.py')
    assert {'model.neck.dropout': 0.1, 'train_cfg.max_epochs': 2}.items() <= given.items()
    assert not [key for key in given if 'train_set' in key or 'batch_size' in key]

    (tmp_path / 'runs' / 'rw').rename(tmp_path / 'runs' / 'ldam')
    config_file(configs, 'ldam')
    with pytest.raises(InputError, match=r'ldam/seed_0.*model\.loss unset -> rw'):
        check_rows(read_runs([tmp_path / 'runs']), configs)


def test_a_row_of_a_shorter_schedule_is_refused(tmp_path, write_run):
    configs = tmp_path / 'configs'
    for row, epochs in (('rs', 8), ('db', 8), ('r_bce', 1)):
        config_file(configs, row)
        own = values(row, train_cfg={'max_epochs': epochs})
        write_run(tmp_path / 'runs' / row / 'seed_0', **own)
    with pytest.raises(InputError, match=r'r_bce/seed_0.*max_epochs 8 -> 1') as error:
        check_rows(read_runs([tmp_path / 'runs']), configs)
    assert 'db/seed_0' not in str(error.value)


@pytest.mark.parametrize('given', [
    {'custom_hooks': [{'type': 'EMAHook'}]},
    {'default_hooks': {'ema': {'type': 'EMAHook'}}},
    {'load_from': 'x.pth', 'resume': False},
])  # fmt: skip
def test_what_changes_the_weights_is_not_overlooked(tmp_path, write_run, given):
    for seed in range(3):
        write_run(tmp_path / 'rs' / f'seed_{seed}', seed=seed)
    write_run(tmp_path / 'rs' / 'seed_3', seed=3, **given)
    with pytest.raises(InputError, match='seed_3'):
        check_comparable(read_runs([tmp_path]))


def test_a_run_that_was_resumed_belongs_to_the_others(tmp_path, write_run):
    write_run(tmp_path / 'rs' / 'seed_0')
    write_run(tmp_path / 'rs' / 'seed_1', seed=1, load_from='epoch_1.pth', resume=True)
    check_comparable(read_runs([tmp_path]))


def test_a_gpu_s_config_is_the_same_as_a_cpu_s(monkeypatch):
    """There the loader leaves a part of its work to the device."""
    path = Path(__file__).parents[2] / 'configs' / 'demo' / 'db_focal.py'
    here = load_config(path).to_dict()
    monkeypatch.setattr('dbl.engine.config.get_device', lambda: 'cuda')
    there = load_config(path).to_dict()
    assert there['train_dataloader']['dataset']['device_pipeline']
    assert material_values(there) == material_values(here)


def test_an_ablation_may_change_the_data(tmp_path, write_run):
    for value, freq in (('a', [120, 30, 4]), ('b', [120, 30, 5])):
        data = {'dataset': {'ann_file': value}}
        evaluator = {'class_freq': freq, 'num_images': 130}
        write_run(tmp_path / value / 'seed_0', train_dataloader=data, test_evaluator=evaluator)
    runs = read_runs([tmp_path])
    check_comparable(runs, varied='train_dataloader.dataset.ann_file')
    with pytest.raises(InputError, match='ann_file a -> b'):
        check_comparable(runs)


def test_scores_that_are_cut_off_are_named(tmp_path, write_run):
    run = read_run(write_run(tmp_path / 'rs' / 'seed_0'))
    for content in (b'', b'PK\x03\x04cut'):
        (run.folder / 'scores.npz').write_bytes(content)
        with pytest.raises(InputError, match='missing or damaged'):
            run.scores()
    one = np.zeros((2, 1))
    np.savez(run.folder / 'scores.npz', images=['a', 'b'], logits=one, targets=one)
    with pytest.raises(InputError, match='missing or damaged'):
        run.scores()
