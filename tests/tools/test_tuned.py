"""Rows compared each at a rate of its own, as a user asks for it: on made runs."""

import numpy as np
import pytest
from small_runs import fails_with

from dbl.commands import plot, report, table1
from dbl.config import CONFIGS, load_config
from dbl.config_values import plain_values

RATES = {'erm': 0.1, 'rs': 0.5, 'r_bce': 0.5, 'db': 0.2}
SKILL = {'erm': (2, 1, 0), 'rs': (1, 1, 1.5), 'r_bce': (1, 1, 1), 'db': (1, 1, 2)}


def write_scores(folder, skill, seed):
    targets = (np.random.default_rng(0).random((60, 3)) < [0.5, 0.4, 0.3]).astype(np.uint8)
    logits = np.random.default_rng(seed).normal(size=targets.shape)
    images = np.array([f'{i:02}.jpg' for i in range(60)])
    logits = (logits + np.array(skill) * targets).astype(np.float32)
    np.savez(folder / 'scores.npz', images=images, logits=logits, targets=targets)


@pytest.fixture
def made(tmp_path, write_run):
    """Writes finished runs of the demo's rows, with a rate for each."""

    def write(rates=RATES, seeds=(0, 1), statistics=(), **options):
        for row, rate in rates.items():
            config = load_config(CONFIGS / 'demo' / f'{row}.py', {'optimizer.lr': rate, **options})
            for seed in seeds:
                folder = tmp_path / 'runs' / 'demo' / row / f'seed_{seed}'
                write_run(folder, **{**plain_values(config), 'seed': seed, **dict(statistics)})
                write_scores(folder, SKILL[row], seed)
        return tmp_path / 'runs' / 'demo'

    return write


def test_claims_of_rows_at_rates_of_their_own(made, run_here):
    runs = made()
    claims = ('claims', runs, '--draws', '100')
    fails_with(run_here(table1.main, *claims), 'take its key, as `--tuned optimizer.lr`')
    answered = run_here(table1.main, *claims, '--tuned', 'optimizer.lr', '--format', 'markdown')
    assert answered.returncode == 0, answered.stderr
    assert '| NTR lifts the tail | DB - R-BCE | tail | 2 |' in answered.stdout
    values = ['optimizer.lr=0.1: ERM', 'optimizer.lr=0.2: DB', 'optimizer.lr=0.5: RS, R-BCE']
    assert sorted(answered.stdout.splitlines()[-3:]) == values


def test_the_table_of_rows_at_rates_of_their_own(made, run_here, tmp_path, monkeypatch):
    monkeypatch.setenv('COLUMNS', '150')
    made()
    show = ('show', '--dataset', 'demo', '--work-dir', tmp_path / 'runs')
    fails_with(run_here(table1.main, *show), 'do not belong in one table with the others')
    shown = run_here(table1.main, *show, '--tuned', 'optimizer.lr')
    assert shown.returncode == 0, shown.stderr
    assert 'other values than in configs/demo, r_bce, rs: optimizer.lr=0.5' in shown.stdout


def test_nothing_else_may_differ(made, run_here):
    made({'erm': 0.1, 'rs': 0.5})
    runs = made({'db': 0.2}, image_size=32)
    claims = ('claims', runs, '--draws', '100', '--tuned', 'optimizer.lr')
    fails_with(run_here(table1.main, *claims), 'image_size 64 -> 32')
    both = run_here(table1.main, *claims, '--tuned', 'image_size')
    assert both.returncode == 0, both.stderr
    assert 'image_size=32: DB' in both.stdout


def test_the_seeds_of_a_row_have_one_rate(made, run_here):
    runs = made()
    made({'db': 0.3}, seeds=[2])
    claims = ('claims', runs, '--draws', '100', '--tuned', 'optimizer.lr')
    refused = run_here(table1.main, *claims)
    fails_with(refused, 'optimizer.lr 0.2 -> 0.3')
    assert '--tuned' not in refused.stderr


@pytest.mark.parametrize('main', [plot.main, report.main])
def test_figures_and_report_take_them_too(made, run_here, main, tmp_path):
    runs = made()
    words = ('scores', runs) if main is plot.main else (runs,)
    out = ('--out', tmp_path / 'out')
    fails_with(run_here(main, *words, *out), 'do not belong in one table with the others')
    written = run_here(main, *words, *out, '--tuned', 'optimizer.lr')
    assert written.returncode == 0, written.stderr


@pytest.mark.parametrize('key', ['optimizer.rate', '', 'seed', 'data_root'])
def test_a_key_that_no_run_has_is_named(made, run_here, key):
    claims = ('claims', made(), '--tuned', key)
    fails_with(run_here(table1.main, *claims), f"--tuned '{key}' is not a key of these runs'")


def test_with_a_part_go_all_its_values(made, run_here):
    claims = ('claims', made(), '--draws', '100', '--tuned')
    for keys in (['optimizer.type'], ['optimizer', '--tuned', 'optimizer.lr']):
        answered = run_here(table1.main, *claims, *keys)
        assert answered.returncode == 0, answered.stderr
        assert answered.stdout.count('optimizer.lr=0.5: RS, R-BCE\n') == 1
        assert answered.stdout.count('optimizer.type=SGD: ERM, RS, R-BCE, DB\n') == 1


@pytest.mark.parametrize('key', ['train_dataloader.dataset', 'val_fraction', 'optimizer.lr'])
def test_the_training_sets_have_to_be_the_same(made, run_here, key):
    made({'erm': 0.1, 'rs': 0.1})
    runs = made({'db': 0.1}, statistics={'class_freq': (121, 30, 4)})
    claims = ('claims', runs, '--draws', '100', '--tuned', key)
    fails_with(run_here(table1.main, *claims), 'class_freq')


@pytest.mark.parametrize('words', [[table1.main, 'claims'], [report.main]])
def test_a_folder_without_a_finished_run_is_named(run_here, words, tmp_path):
    main, *words = words
    fails_with(run_here(main, *words, tmp_path), f"no finished run in '{tmp_path}'; `python -m")
