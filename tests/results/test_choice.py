import numpy as np
import pytest

from dbl.errors import InputError
from dbl.results.choice import candidates, chosen
from dbl.results.runs import read_runs
from dbl.results.table import Row, as_csv, as_lines, table_rows


def row(name, *totals, variant='val/'):
    values = np.array([[ap, 0, 0, 0] for ap in totals], dtype=float).reshape(-1, 4)
    return Row(name, list(range(len(totals))), values, [1.0] * len(totals), variant=variant)


def test_the_highest_mean_is_chosen_and_of_equal_ones_the_first():
    rows = [row('a', 10, 20), row('b', 14, 18), row('c', 18, 14), row('d', 30, 0)]
    assert chosen(rows).name == 'b'


@pytest.mark.parametrize(
    'rows',
    [
        [row('a', 1), row('b', 1, 2)],
        [row('a'), row('b')],
        [row('a', 1), row('a', 2, variant='selected/val/'), row('b')],  # a run of b failed
    ],
)
def test_nothing_is_chosen_where_runs_are_missing(rows):
    assert chosen(rows) is None


def test_where_an_epoch_is_selected_it_is_the_candidate():
    rows = [row('a', 1), row('a', 2, variant='selected/val/'), row('a', 3, variant='ema/val/')]
    assert candidates(rows) == [rows[1]]
    assert candidates(rows[:1]) == rows[:1]


@pytest.fixture
def validated(write_run, tmp_path):
    """A run with averaged weights and a selected epoch, on test and validation."""
    variants = ('val/', 'selected/', 'selected/val/', 'ema/', 'ema/val/')
    more = {
        f'{variant}{key}': value / 2**number
        for number, variant in enumerate(variants, start=1)
        for key, value in METRICS.items()
    }
    folder = write_run(tmp_path / 'rs/seed_0', more={**more, 'selected/epoch': 3})
    return folder


METRICS = {'mAP/total': 0.5, 'mAP/head': 0.75, 'mAP/medium': 0.5, 'mAP/tail': 0.25}


def test_a_table_has_the_last_and_the_selected_epoch_side_by_side(validated, tmp_path):
    rows = table_rows(read_runs([tmp_path]), ['rs'], 'voc_mlt')
    assert [row.variant for row in rows] == ['', 'selected/', 'ema/']
    assert [row.mean[0] for row in rows] == [50, 12.5, 3.125]
    lines = as_lines(rows)
    assert [line[0] for line in lines] == ['row', 'RS', 'RS, selected epoch', 'RS, ema']
    assert [line[1] for line in lines[1:]][1:] == ['-', '-'], "the paper's is of the last epoch"
    assert [line.split(',')[0] for line in as_csv(rows).splitlines()[1::4]] == [
        'rs', 'rs/selected', 'rs/ema',
    ]  # fmt: skip


def test_on_validation_a_table_has_that_alone(validated, write_run, tmp_path):
    rows = table_rows(read_runs([tmp_path]), ['rs'], 'voc_mlt', on='val')
    assert [(row.variant, row.mean[0]) for row in rows] == [
        ('val/', 25), ('selected/val/', 6.25), ('ema/val/', 1.5625),
    ]  # fmt: skip
    write_run(tmp_path / 'rs/seed_1', seed=1)
    with pytest.raises(InputError, match=r'seed_1. was not validated; to train one that is, add'):
        table_rows(read_runs([tmp_path]), ['rs'], 'voc_mlt', on='val')
