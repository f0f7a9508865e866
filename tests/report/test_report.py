"""The page, in a browser as a user has it."""

import base64
import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import cv2
import numpy as np
import pytest

from dbl.errors import InputError
from dbl.report import write_report
from dbl.report.page import class_lines, differences, rows_in_order
from dbl.report.pictures import as_address, best_and_worst
from dbl.results.runs import read_runs


def test_pictures_of_a_worked_example():
    """Five images; class 0 is on three of them, class 1 on one."""
    logits = np.array([[3, 0], [2, 1], [1, 4], [0, 3], [-1, 2]])
    targets = np.array([[1, 0], [0, 0], [1, 0], [0, 1], [1, 0]])
    first, second = best_and_worst(logits, targets, count=2)
    assert first == ([0, 2], [4], [1, 3])
    assert second == ([3], [], [2, 4])


def test_a_thumbnail_is_the_picture_made_small():
    image = np.full((300, 150, 3), (10, 120, 240), np.uint8)
    head, code = as_address(image).split(',')
    assert head == 'data:image/jpeg;base64'
    small = cv2.imdecode(np.frombuffer(base64.b64decode(code), np.uint8), cv2.IMREAD_COLOR)
    assert small.shape == (96, 48, 3)
    assert np.abs(small.astype(int) - (10, 120, 240)).max() <= 4


@pytest.fixture
def folder(tmp_path, photo_folder, write_run) -> Path:
    """Runs of five rows on the folder of pictures, two seeds of the first; a name full of HTML."""
    parts = {
        f'{split}_dataloader': {
            'dataset': {'source': {'type': 'AnnotatedFiles', 'ann_file': split}},
            'sampler': {'type': 'ClassAwareSampler', 'draws_per_class': 4},
        }
        for split in ('train', 'test')
    }
    parts |= {'data_root': str(photo_folder), 'metric': {'head': 30, 'tail': 15}}
    rng = np.random.default_rng(0)
    images = [f'test{i}.png' for i in range(8)]
    targets = np.array([[1, i % 2, i % 4 == 0] for i in range(8)], dtype=np.uint8)
    folder = tmp_path / '<i>set & "more"'
    for row, seed in (('erm', 0), ('erm', 1), ('rs', 0), ('r_bce', 0), ('db', 0), ('db_focal', 0)):
        ap = (0.2, 0.5, 0.9) if row == 'rs' else (0.75 + 0.1 * seed, 0.5, 0.25)
        loss = {'head': {'loss': {'type': row}}}
        run = write_run(
            folder / row / f'seed_{seed}', ap, seed, class_freq=[40, 20, 10], model=loss, **parts
        )
        logits = rng.normal(size=(8, 3)).astype(np.float32)
        np.savez(run / 'scores.npz', images=images, logits=logits, targets=targets)
        (run / 'vis_data').mkdir()
        lines = [{'loss': 1 / step, 'step': step} for step in (1, 2, 3)]
        lines += [{f'mAP/{g}': s / 9 for g in ('total', 'head', 'medium', 'tail')} | {'step': s}
                  for s in (2, 3)]  # fmt: skip
        text = '\n'.join(map(json.dumps, lines)) + '\n{"loss": 0.'
        (run / 'vis_data' / 'scalars.json').write_text(text)
    return folder


def test_classes_and_differences(folder):
    by_row = rows_in_order(read_runs([folder]))
    assert list(by_row) == ['erm', 'rs', 'r_bce', 'db', 'db_focal']
    cat, *_ = class_lines(by_row)
    assert (cat['name'], cat['group'], cat['images']) == ('cat', 'head', 40)
    assert cat['ap'] == pytest.approx([80, 20, 75, 75, 75])
    assert differences(by_row)['rs'] == {'model.head.loss.type': 'rs'}


def test_a_row_that_has_no_run_is_named_before_anything_is_drawn(folder, tmp_path, monkeypatch):
    monkeypatch.delattr('dbl.report.page.sections')
    with pytest.raises(
        InputError, match="no finished run belongs to row 'ldam'; there are erm, rs"
    ):
        write_report(read_runs([folder]), tmp_path / 'report.html', pictured='ldam')


@pytest.fixture
def browser():
    webdriver = pytest.importorskip('selenium.webdriver')
    chromium, driver = shutil.which('chromium'), shutil.which('chromedriver')
    if not chromium or not driver:
        pytest.skip('chromium and chromedriver are not installed')
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in ('headless', 'no-sandbox', 'disable-gpu', 'disable-background-networking',
                 'disable-component-update', 'disable-sync', 'no-first-run'):  # fmt: skip
        options.add_argument(f'--{flag}')
    options.set_capability('goog:loggingPrefs', {'browser': 'ALL', 'performance': 'ALL'})
    browser = webdriver.Chrome(options, webdriver.ChromeService(driver))
    yield browser
    browser.quit()


def texts(browser, selector: str) -> list[str]:
    script = 'return [...document.querySelectorAll(arguments[0])].map(e => e.textContent.trim())'
    return browser.execute_script(script, selector)


def requested(browser) -> set[str]:
    events = (json.loads(entry['message'])['message'] for entry in browser.get_log('performance'))
    sent = (e['params'] for e in events if e['method'] == 'Network.requestWillBeSent')
    return {params['request']['url'].split(':')[0] for params in sent}


def test_the_page_in_a_browser(folder, tmp_path, browser):
    page = tmp_path / 'out' / 'report.html'
    write_report(read_runs([folder]), page)
    browser.get(page.as_uri())
    assert browser.title == 'dbl report: <i>set & "more"', 'text, not HTML'
    assert texts(browser, '#results tbody tr:first-child td')[0] == 'ERM'
    assert '80.00 ± 7.07' in texts(browser, '#results td')
    headings = texts(browser, 'h2')
    for part in ('by frequency', 'Training curves', 'Figures of the paper', 'pictures', 'Runs'):
        assert any(part in heading for heading in headings), part
    # Frequency, loss, mAP; distribution, variance, co-occurrence, increments, densities.
    assert len(texts(browser, 'figcaption')) == 8 + len(texts(browser, '.thumbs figure'))
    sizes = browser.execute_script(
        'document.querySelectorAll("img").forEach(i => { i.loading = "eager" });'
        'return Promise.all([...document.images].map(i => i.decode().then(() => i.naturalWidth)))'
    )
    assert len(sizes) == 8 + len(texts(browser, '.thumbs figure'))
    assert min(sizes) > 0
    assert not [e for e in browser.get_log('browser') if e['level'] in ('SEVERE', 'WARNING')]
    assert requested(browser) <= {'file', 'data'}, 'no network'


def test_a_click_sorts_and_a_narrow_window_scrolls_tables_alone(folder, tmp_path, browser):
    page = tmp_path / 'report.html'
    write_report(read_runs([folder]), page)
    browser.get(page.as_uri())
    names = '#by-class tbody td:first-child'
    assert texts(browser, names) == ['cat', 'dog', 'owl']
    click = 'document.querySelectorAll("#by-class th")[arguments[0]].click()'
    browser.execute_script(click, 4)
    assert texts(browser, names) == ['owl', 'dog', 'cat'], 'by RS, the best first'
    browser.execute_script(click, 0)
    assert texts(browser, names) == ['cat', 'dog', 'owl']
    browser.set_window_size(600, 800)
    too_wide = 'return document.documentElement.scrollWidth - document.documentElement.clientWidth'
    assert browser.execute_script(too_wide) <= 0


NAMES = ['</script><script>alert(1)</script>', '"><img src=x onerror=alert(1)>', "o'\u202ewl & $x$"]


class Tags(HTMLParser):
    """The tags of a page, the addresses of its pictures, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open, self.tags, self.addresses, self.text = [], [], [], []
        self.feed(page)
        self.close()
        assert not self.open, 'each tag is closed'

    def handle_starttag(self, tag: str, attributes: list) -> None:
        self.tags.append(tag)
        assert not [name for name, _ in attributes if name.startswith('on')]
        self.addresses += [value for name, value in attributes if name == 'src']
        if tag not in ('meta', 'link', 'img'):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def test_names_are_text_whatever_is_in_them(tmp_path, folder):
    """Of classes, pictures, folders and environments."""
    data_set = tmp_path / '<b>\x1b[2J\udcff'
    row = data_set / '$\\frac{$<script>\n\x07\udcff'
    row.parent.mkdir()
    (folder / 'rs').rename(row)
    run = json.loads((row / 'seed_0' / 'run.json').read_text())
    run['classes'] = NAMES
    run['starts'][0] |= {'GPU': '<script>', 'at': '\u202e\x00'}
    (row / 'seed_0' / 'run.json').write_text(json.dumps(run))
    metrics = json.loads((row / 'seed_0' / 'metrics.json').read_text())
    for old, new in zip(('cat', 'dog', 'owl'), NAMES, strict=True):
        metrics[f'AP/{new}'] = metrics.pop(f'AP/{old}')
    (row / 'seed_0' / 'metrics.json').write_text(json.dumps(metrics))
    lines = (tmp_path / 'train.csv').read_text().splitlines()
    lines[0] = ','.join(['image', *(f'"{name.replace(chr(34), 2 * chr(34))}"' for name in NAMES)])
    (tmp_path / 'train.csv').write_text('\n'.join(lines))

    write_report(read_runs([data_set]), tmp_path / 'report.html')
    page = (tmp_path / 'report.html').read_bytes().decode()
    assert not re.search('[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e\ud800-\udfff]', page)
    tags = Tags(page)
    assert tags.tags.count('script') == 1
    assert len(tags.addresses) >= 5
    for address in tags.addresses:
        kind, code = address.split(';base64,')
        if kind == 'data:image/svg+xml':
            ElementTree.fromstring(base64.b64decode(code))
    text = ''.join(tags.text)
    for name in (*NAMES[:2], "o'\\u202ewl & $x$", '<b>\\x1b[2J\\udcff', '$\\frac{$<script>'):
        assert name in text


def test_damaged_files_beside_a_sound_run_are_named(folder, tmp_path):
    """The run is shown, without what they would give."""
    damaged = [folder / 'db_focal/seed_0/scores.npz', folder / 'db/seed_0/scores.npz']
    for path in damaged:
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
    scalars = folder / 'erm/seed_1/vis_data/scalars.json'
    scalars.unlink()
    scalars.mkdir()
    write_report(read_runs([folder]), tmp_path / 'report.html')
    text = ''.join(Tags((tmp_path / 'report.html').read_text()).text)
    assert f"Not shown, since '{damaged[0]}' is missing or damaged" in text
    assert f"(Figure 1): not drawn, since '{damaged[1]}' is missing or damaged" in text
    assert f"One line is not drawn, since '{scalars}' is not a file" in text
    assert '80.00 ± 7.07' in text


def test_a_config_that_cannot_be_built_is_named(folder, tmp_path):
    runs = {row: folder / row / 'seed_0' / 'run.json' for row in ('rs', 'db')}
    for path in runs.values():
        run = json.loads(path.read_text())
        run['given'] |= {'val_fraction': 'x', 'test_dataloader': None}
        path.write_text(json.dumps(run))
    write_report(read_runs([folder / 'rs', folder / 'db']), tmp_path / 'report.html')
    text = ''.join(Tags((tmp_path / 'report.html').read_text()).text)
    for row, why in (('rs', 'TypeError'), ('db', 'the config must have test_dataloader.dataset')):
        assert f"since the config of '{runs[row].parent}': {why}" in text


def test_what_is_not_at_hand_is_said(folder, tmp_path):
    for run in folder.glob('*/*'):
        (run / 'scores.npz').unlink()
    (tmp_path / 'train.csv').unlink()
    page = tmp_path / 'report.html'
    write_report(read_runs([folder / 'rs', folder / 'db']), page)
    text = page.read_text()
    assert 'Not shown, since' in text
    assert 'not drawn, since there is no finished run of erm, r_bce' in text
    assert text.count('not drawn, since') == 3
