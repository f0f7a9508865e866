"""The paper's numbers, in the table, in the configs' docstrings and in their README."""

from pathlib import Path

import pytest

from dbl.results.paper import ERRATA, NAMES, PAPER

ROOT = Path(__file__).parents[2]
CONFIGS = ROOT / 'configs'


@pytest.mark.parametrize('name', PAPER)
@pytest.mark.parametrize('row', PAPER['voc_mlt'])
def test_configs_and_readme_say_the_same(name, row):
    total, head, medium, tail = (f'{value:.2f}' for value in PAPER[name][row])
    text = (CONFIGS / name / f'{row}.py').read_text()
    assert f'mAP {total} (head {head}, medium {medium}, tail {tail})' in text
    readme = (CONFIGS / name / 'README.md').read_text()
    assert f'[{row}.py]({row}.py)' in readme
    assert f'{total} / {head} / {medium} / {tail}' in readme
    if (name, row) in ERRATA:
        assert f'the groups imply a total of {ERRATA[name, row]:.2f}' in text


@pytest.mark.parametrize(('name', 'sizes'), [('voc_mlt', (6, 6, 8)), ('coco_mlt', (22, 33, 25))])
@pytest.mark.parametrize('row', PAPER['voc_mlt'])
def test_the_total_is_the_mean_of_its_groups_or_an_erratum(name, sizes, row):
    printed, *groups = PAPER[name][row]
    implied = sum(size * ap for size, ap in zip(sizes, groups, strict=True)) / sum(sizes)
    assert ERRATA.get((name, row), printed) == pytest.approx(implied, abs=0.012)
    if (name, row) in ERRATA:
        assert printed != pytest.approx(implied, abs=0.012)


@pytest.mark.parametrize('row', PAPER['voc_mlt'])
def test_the_table_of_the_documents_says_the_same(row):
    voc, coco = (
        ' / '.join(f'{value:.2f}' for value in PAPER[name][row])
        + ('¹' if (name, row) in ERRATA else '')
        for name in PAPER
    )
    lines = (ROOT / 'docs/results/table1.md').read_text(encoding='utf-8').splitlines()
    (line,) = (line for line in lines if line.startswith(f'| {NAMES[row]} | '))
    assert [line.split(' | ')[k] for k in (1, 3)] == [voc, coco]
