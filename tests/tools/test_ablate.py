import json
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest
from small_runs import SMALL, fails_with

from dbl.commands.ablate import by_group, main
from dbl.config import load_config, parse_options
from dbl.experiment import build_experiment
from dbl.results.table import Row

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
# The ablations of docs/ablations.md: `| what | `key value value` |`.
LISTED = re.findall(
    r'\| `((?:model|train_dataloader)\.\S+) ([^`]+)` \|', (ROOT / 'docs/ablations.md').read_text()
)


@pytest.fixture
def ablate(root, photo_folder, run_here, monkeypatch):
    """Runs the command here; its trainings are processes all the same."""
    monkeypatch.setenv('COLUMNS', '150')

    def run(*vary: str) -> subprocess.CompletedProcess:
        config = root / 'configs' / 'custom' / 'db_focal.py'
        seeds = [] if '--seeds' in vary else ['--seeds', '0']
        options = ['--cfg-options', f'data_root={photo_folder}', *SMALL]
        return run_here(main, config, '--vary', *vary, *seeds, *options)

    return run


def test_varies_a_value_of_what_all_rows_share(ablate, tmp_path):
    """A table of the values, and the curve; what is there is not trained again."""
    key = 'optimizer.lr'
    first = ablate(key, '0.02', '2e-3')
    assert first.returncode == 0, first.stderr
    folder = tmp_path / 'work_dirs' / 'ablate' / 'custom' / 'db_focal' / key
    lines = (folder / 'table.md').read_text().splitlines()
    assert lines[0].startswith(f'| {key} | n | total | head |')
    assert [line[:9] for line in lines[2:]] == ['| 0.02 | ', '| 2e-3 | ']
    assert lines[2].split('|')[3:] != lines[3].split('|')[3:]
    assert (folder / 'table.csv').read_text().splitlines()[1].startswith('0.02,total,,,')
    for name in ('curve.png', 'curve.pdf'):
        assert (folder / name).stat().st_size > 5000
    again = ablate(key, '0.02', '2e-3')
    assert '2 of 2 runs are finished, 0 to train' in again.stdout


def test_a_value_may_lack_a_seed_or_what_is_drawn_of_the_others():
    def row(values: list) -> Row:
        return Row('x', [*range(len(values))], np.reshape(values, (-1, 4)), [1.0] * len(values))

    drawn = {'a': row([[10, 20, 30, 40], [50, 60, 70, 80]]), 'c': row([[90] * 4]), 'd': row([])}
    found = by_group('abcd', drawn)
    nan = np.nan
    np.testing.assert_allclose(found['total'], [[0.1, 0.5], [nan, nan], [0.9, nan], [nan, nan]])
    np.testing.assert_allclose(found['tail'], [[0.4, 0.8], [nan, nan], [0.9, nan], [nan, nan]])


def test_chooses_on_validation_and_tests_that_value_alone(ablate, tmp_path):
    on_val = ('--on', 'val', '--seeds', '0', '1')
    val = ('--cfg-options', 'val_fraction=0.3')
    process = ablate('optimizer.lr', '0.02', '2e-3', *on_val, *val)
    assert process.returncode == 0, process.stderr
    folder = tmp_path / 'work_dirs/ablate/custom/db_focal/optimizer.lr'
    rows = {}
    for line in (folder / 'table.csv').read_text().splitlines()[1:]:
        name, group, *_, values = line.split(',')
        rows[name, group] = [float(value) for value in values.split()]
    assert {name for name, _ in rows} == {'0.02/val', '2e-3/val'}
    runs = {
        (value, seed): json.loads((folder / f'{value}/seed_{seed}/metrics.json').read_text())
        for value in ('0.02', '2e-3')
        for seed in (0, 1)
    }
    for (name, group), values in rows.items():
        value = name.removesuffix('/val')
        found = [runs[value, seed][f'val/mAP/{group}'] for seed in (0, 1)]
        expected = [np.nan if ap is None else 100 * ap for ap in found]
        assert values == pytest.approx(expected, abs=0.006, nan_ok=True)
    best = max(('0.02', '2e-3'), key=lambda value: sum(rows[f'{value}/val', 'total']))
    said, tested = process.stdout.split('chosen on validation')
    shown = f'{50 * sum(runs[best, seed]["mAP/total"] for seed in (0, 1)):.2f}'
    assert re.search(rf'│ +{re.escape(best)} +│ 2 │ {shown}', tested)
    for run in runs.values():
        assert f'{100 * run["val/mAP/total"]:.2f}' in said
        assert run['mAP/total'] == run['val/mAP/total'] or (
            f' {100 * run["mAP/total"]:.2f}' not in said
        ), 'the test set is not looked at before'


def test_without_images_for_validation_nothing_is_chosen_on_them(ablate, tmp_path):
    process = ablate('optimizer.lr', '0.02', '2e-3', '--on', 'val')
    fails_with(process, '--on val needs images for validation; add val_fraction=0.1')
    assert not (tmp_path / 'work_dirs').exists()


@pytest.mark.parametrize(
    'vary', [('val_fraction', '0.1', '0.3'), ('val_seed', '0', '1'), ('select', 'last', 'best')]
)
def test_values_are_chosen_on_the_same_images_by_the_same_rule(ablate, vary):
    process = ablate(*vary, '--on', 'val')
    assert process.returncode == 2
    assert 'with --on val, all values need the same images and the same rule' in process.stderr


def test_takes_two_values_at_least(ablate):
    process = ablate('model.head.loss.beta', '5')
    assert process.returncode == 2
    assert '--vary takes KEY and at least two values' in process.stderr


@pytest.mark.parametrize(('vary', 'sentence'), [
    (('model.head.loss.mu', '0.1', '.1'), 'values must be different, but got 0.1 .1'),
    (('model.head.loss.beta', '5', '5.0'), 'values must be different'),
    (('seed', '1', '2'), 'use --seeds for that'),
])  # fmt: skip
def test_takes_values_that_differ(ablate, vary, sentence):
    process = ablate(*vary)
    assert process.returncode == 2
    assert sentence in process.stderr


def test_a_key_that_nobody_knows_is_said_before_anything_is_trained(ablate, tmp_path):
    process = ablate('model.head.loss.bta', '5', '10')
    fails_with(process, 'bta')
    assert not (tmp_path / 'work_dirs').exists()


@pytest.mark.parametrize(('key', 'values'), LISTED)
def test_the_ablations_of_the_readme_can_be_trained(key, values):
    """Each value builds, and each is another one."""
    built = set()
    for value in values.split():
        options = parse_options([f'{key}={value}'])
        config = load_config(ROOT / 'configs' / 'demo' / 'db_focal.py', options)
        build_experiment(config)
        for name in key.split('.'):
            config = config[name]
        built.add(repr(config))
    assert len(built) == len(values.split()) >= 2


def test_the_readme_lists_the_paper_s_ablations():
    names = {key.split('.')[-1] for key, _ in LISTED}
    assert {'beta', 'lam', 'mu', 'alpha', 'kappa', 'nu_over_lam', 'rebalance', 'tolerate'} <= names
    assert {'draws_per_visit', 'draws_per_class'} <= names
