"""Run folders that were damaged: what is shown is right, or it is said which run is left out."""

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

from dbl.errors import InputError
from dbl.report import write_report
from dbl.report.charts import Chart, curve_charts
from dbl.report.page import pictures
from dbl.results.comparison import differences
from dbl.results.runs import Run, read_runs
from dbl.results.same_configuration import check_comparable
from dbl.results.table import as_csv, as_lines, as_markdown, table_rows

DEEP, DIGITS = '@deep@', '@digits@'  # json cannot write them
ODD = (
    None, 'x', '', [], [[]], {}, {'a': {}}, True, -1, 0, 0.5, 2, 10**400, 2**53, 1e300,
    float('inf'), float('nan'), DEEP, DIGITS, '\ud800', '\x1b[2J', '</script><script>', 'a' * 300,
)  # fmt: skip
PIECES = b'\x00', b'\xff', b'"', b'{', b']', b'1e999', b'-', b'\\ud800', b'9' * 5000, b'[' * 9000


@pytest.fixture
def sound(tmp_path, write_run, photo_folder) -> Path:
    """A run folder with everything, of which a page draws all that a single row has."""
    parts = {
        f'{split}_dataloader': {
            'dataset': {'source': {'type': 'AnnotatedFiles', 'ann_file': split}},
            'sampler': {'type': 'ClassAwareSampler', 'draws_per_class': 4},
        }
        for split in ('train', 'test')
    }
    parts |= {'data_root': str(photo_folder), 'metric': {'head': 30, 'tail': 15}}
    folder = write_run(
        tmp_path / 'runs' / 'erm' / 'seed_0', class_freq=[40, 20, 10], **parts,
        more={f'val/mAP/{group}': 0.5 for group in ('total', 'head', 'medium', 'tail')},
    )  # fmt: skip
    (folder / 'vis_data').mkdir()
    lines = [{'loss': 1 / step, 'lr': 0.02, 'step': step} for step in (1, 2, 3)]
    lines += [{'mAP/total': 0.5, 'mAP/head': 0.5, 'step': step} for step in (2, 3)]
    text = ''.join(json.dumps(line) + '\n' for line in lines)
    (folder / 'vis_data' / 'scalars.json').write_text(text)
    write_scores(folder / 'scores.npz')
    return folder


def write_scores(path: Path, **others: Any) -> None:
    arrays = {
        'images': np.array([f'test{i}.png' for i in range(8)]),
        'logits': np.linspace(-2, 2, 24, dtype=np.float32).reshape(8, 3),
        'targets': np.array([[1, i % 2, i % 4 == 0] for i in range(8)], dtype=np.uint8),
    }
    np.savez_compressed(path, **{**arrays, **others})


@pytest.fixture
def undrawn(monkeypatch) -> None:
    """Figures are computed and plotted, but share their axes, and become no pictures.

    These take most of the time of a page.
    """
    axes = Figure().subplots()

    def panels(by_row: dict[str, list], plot: Callable, *labels: str) -> None:
        axes.clear()
        for own in by_row.values():
            plot(axes, own)

    monkeypatch.setattr('dbl.report.charts.panels', panels)
    for name in ('by_class', 'heat_map'):
        monkeypatch.setattr(f'dbl.analysis.figures_of_labels.{name}', lambda *arguments: None)
    monkeypatch.setattr('dbl.report.charts.as_chart', lambda figure, shows: Chart('data:,', shows))


def shown(folder: Path, draw: Callable) -> list[list[str]]:
    """The table of the runs in a folder without their times, once they are drawn as well."""
    runs = read_runs([folder])
    if not runs:
        return []
    check_comparable(runs)
    rows = table_rows(runs, ['erm'], 'demo')
    assert as_csv(rows)
    assert as_markdown(as_lines(rows))
    draw({'erm': runs})
    return [line[:-1] for line in as_lines(rows)]


def whole_page(by_row: dict[str, list[Run]]) -> None:
    runs = by_row['erm']
    write_report(runs, runs[0].folder.parent / 'page.html')


def pictures_of_it(by_row: dict[str, list[Run]]) -> None:
    """Says which file it is that the pictures are missing for."""
    missing = pictures(by_row['erm'][0])['missing']
    assert not missing or str(by_row['erm'][0].folder / 'scores.npz') in missing


def is_right_or_said(folder: Path, draw: Callable, expected: list, caplog, what: str) -> None:
    caplog.clear()
    try:
        found = shown(folder.parents[1], draw)
        said = caplog.text
    except InputError as error:
        found, said = [], str(error)
    except Exception as error:
        raise AssertionError(what) from error
    if found != expected:
        assert found == [], what
        assert str(folder) in said, what


def changed_bytes(rng: random.Random, content: bytes) -> bytes:
    """Bits are flipped, or bytes cut off, inserted or removed."""
    begin, end = sorted(rng.choices(range(len(content)), k=2))
    flipped = bytes([content[begin] ^ 1 << rng.randrange(8)])
    return rng.choice([
        content[:begin] + flipped + content[begin + 1 :],
        content[:begin],
        content[:begin] + rng.choice(PIECES) + content[begin:],
        content[:begin] + content[end:],
    ])  # fmt: skip


def places(tree: Any, place: tuple = ()) -> Iterator[tuple]:
    yield place
    items = tree.items() if isinstance(tree, dict) else ()
    for key, value in enumerate(tree) if isinstance(tree, list) else items:
        yield from places(value, (*place, key))


def with_value(tree: Any, place: tuple, value: Any) -> Any:
    """A copy with another value in one place."""
    if not place:
        return value
    copy = tree.copy()
    copy[place[0]] = with_value(tree[place[0]], place[1:], value)
    return copy


def as_text(tree: Any) -> str:
    text = json.dumps(tree)
    return text.replace(f'"{DEEP}"', '[' * 100_000).replace(f'"{DIGITS}"', '9' * 5000)


def changed_object(rng: random.Random, content: bytes) -> bytes:
    """A value is another one, or missing, or a key is there twice."""
    tree = json.loads(content)
    place, value = rng.choice([*places(tree)]), rng.choice(ODD)
    if not place or rng.random() < 0.9:
        return as_text(with_value(tree, place, value)).encode()
    if rng.random() < 0.5:
        key = json.dumps(str(place[-1])).encode()
        return content.replace(key + b': ', key + b': 1, ' + key + b': ', 1)
    tree = json.loads(content)
    parent = tree
    for key in place[:-1]:
        parent = parent[key]
    del parent[place[-1]]
    return json.dumps(tree).encode()


def changed_line(rng: random.Random, content: bytes) -> bytes:
    lines = content.splitlines()
    number = rng.randrange(len(lines))
    lines[number] = changed_object(rng, lines[number])
    return b'\n'.join(lines)


def test_what_is_compared_is_finished_and_sound(sound):
    with pytest.raises(InputError, match=f"'{sound}' holds no finished run with its checkpoint"):
        differences(sound, sound)
    (sound / 'metrics.json').write_text('{')
    with pytest.raises(InputError, match=f"'{sound}/metrics.json' is damaged"):
        differences(sound, sound)


MUTATIONS = [
    ('run.json', changed_object, whole_page, 150),
    ('run.json', changed_bytes, whole_page, 60),
    ('metrics.json', changed_object, whole_page, 150),
    ('metrics.json', changed_bytes, whole_page, 60),
    ('vis_data/scalars.json', changed_line, curve_charts, 80),
    ('vis_data/scalars.json', changed_bytes, curve_charts, 60),
    ('scores.npz', changed_bytes, pictures_of_it, 100),
]


@pytest.mark.parametrize(('name', 'change', 'draw', 'count'), MUTATIONS)
def test_a_damaged_file_is_shown_right_or_said(
    sound, undrawn, caplog, name: str, change: Callable, draw: Callable, count: int
):
    content, rng = (sound / name).read_bytes(), random.Random(0)
    expected = shown(sound.parents[1], draw)
    assert expected[1][2:] == ['50.00', '75.00', '50.00', '25.00']
    for case in range(count):
        (sound / name).write_bytes(damaged := change(rng, content))
        is_right_or_said(sound, draw, expected, caplog, f'case {case}: {damaged[:3000]!r}')
