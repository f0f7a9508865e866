"""The pages of results say what the numbers beside them say."""

import csv
import re
from pathlib import Path
from statistics import mean, stdev

import pytest

from dbl.results.paper import NAMES

RESULTS = Path(__file__).parents[2] / 'docs/results'
TABLES = sorted(path.stem for path in RESULTS.glob('*.csv'))
GROUPS = ('total', 'head', 'medium', 'tail')


def rows_of_the_page(name: str) -> dict[str, list[str]]:
    """The cells of the table after the link to its CSV, by the name of the row."""
    pages = [path.read_text() for path in RESULTS.glob('*.md')]
    (after,) = [page.split(f']({name}.csv)')[1] for page in pages if f']({name}.csv)' in page]
    table = next(block for block in after.split('\n\n') if block.startswith('| row'))
    cells = [[cell.strip() for cell in line.strip('|').split('|')] for line in table.splitlines()]
    total = cells[0].index('total')
    return {row[0]: row[total : total + len(GROUPS)] for row in cells if row[0] in NAMES.values()}


def shown(line: dict[str, str]) -> str:
    return f'{line["mean"]} ± {line["std"]}' if line['std'] else line['mean']


@pytest.mark.parametrize('name', TABLES)
def test_a_page_shows_the_numbers_of_its_csv(name):
    with (RESULTS / f'{name}.csv').open(newline='') as file:
        lines = list(csv.DictReader(file))
    expected = {}
    for line in lines:
        expected.setdefault(NAMES[line['row']], {})[line['group']] = shown(line)
    found = rows_of_the_page(name)
    assert found == {row: [own[group] for group in GROUPS] for row, own in expected.items()}


@pytest.mark.parametrize('name', TABLES)
def test_a_csv_has_the_means_of_its_seeds(name):
    with (RESULTS / f'{name}.csv').open(newline='') as file:
        for line in csv.DictReader(file):
            values = [float(value) for value in re.split(' +', line['values'])]
            assert len(values) == int(line['n']) == len(line['seeds'].split())
            assert sum(values) / len(values) == pytest.approx(float(line['mean']), abs=0.011)


@pytest.mark.parametrize('network', sorted(path.stem for path in RESULTS.glob('reuters/*.csv')))
def test_the_page_of_f1_shows_the_numbers_of_its_csv(network):
    page = (RESULTS / 'reuters.md').read_text().partition(f'<!-- {network} -->')[2]
    table = page.strip().partition('\n\n')[0].splitlines()
    cells = [[cell.strip() for cell in line.strip('|').split('|')] for line in table]
    found = {row[0]: dict(zip(cells[0], row, strict=True)) for row in cells[2:]}
    with (RESULTS / f'reuters/{network}.csv').open(newline='') as file:
        lines = list(csv.DictReader(file))
    assert len(lines) == len(GROUPS) * len(found) > 0
    for line in lines:
        for measure in ('micro', 'macro'):
            values = [float(value) for value in line[f'{measure}_values'].split()]
            assert len(values) == int(line['n'])
            assert sum(values) / len(values) == pytest.approx(float(line[measure]), abs=0.011)
        micro, macro = (
            f'{line[m]} ± {line[f"{m}_std"]}'.removesuffix(' ± ') for m in ('micro', 'macro')
        )
        assert found[NAMES[line['row']]][line['group']] == f'{micro} / {macro}'


PAGE = RESULTS.parent / 'setting_the_loss.md'
IN_FULL = 'resnet50', 'demo'  # the paper's rows of other networks are shown at two rates alone


def measured() -> list[dict[str, str]]:
    with (RESULTS.parent / 'setting_the_loss.csv').open(newline='') as file:
        return list(csv.DictReader(file))


def by_seed(line: dict[str, str], group: str) -> list[float]:
    return [float(value) for value in line[group].split()]


def numbers_by_row(width: int) -> list[list[float]]:
    """The means and deviations of each line of the page's tables that has so many of them."""
    pattern = re.compile(r'[\d.]+(?= ±)|(?<=± )[\d.]+')
    rows = map(pattern.findall, PAGE.read_text().splitlines())
    return [list(map(float, row)) for row in rows if len(row) == width]


def test_the_page_on_setting_the_loss_shows_the_means_of_its_csv():
    rows = numbers_by_row(2 * len(GROUPS))
    for line in measured():
        if line['network'] in IN_FULL or line['key'] == 'model.head.loss.type':
            values = [by_seed(line, f'val_{group}') for group in GROUPS]
            expected = [number for own in values for number in (mean(own), stdev(own))]
            where = f'{line["network"]} {line["row"]} {line["key"]} {line["value"]}'
            assert any(row == pytest.approx(expected, abs=0.011) for row in rows), where


def test_the_page_shows_each_network_at_the_recipes_rate_and_the_best():
    rows = numbers_by_row(4)
    rates: dict[tuple[str, str], dict[str, list[float]]] = {}
    for line in measured():
        if line['key'] == 'optimizer.lr' and line['network'] != 'demo':
            own = rates.setdefault((line['network'], line['row']), {})
            own[line['value']] = by_seed(line, 'val_total')
    assert len(rates) == 18
    for where, own in rates.items():
        best = max(own.values(), key=mean)
        shown = [mean(own['0.02']), stdev(own['0.02']), mean(best), stdev(best)]
        assert any(row == pytest.approx(shown, abs=0.011) for row in rows), where
