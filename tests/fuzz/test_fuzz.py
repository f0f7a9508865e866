"""Some damaged files, and whether the campaign sees what goes wrong."""

import mmap
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest
from forked import Child, Limits, pages_of_this_process
from inputs import MOST, make_input
from odd_values import SCRIPT
from sound import write_sound
from targets import KINDS, MARK, verdict

INPUTS = 140


@pytest.mark.slow
def test_damaged_files_are_read_right_or_refused(root, tmp_path):
    command = [sys.executable, root / 'tests/fuzz/campaign.py', '--inputs', INPUTS]
    process = subprocess.run(
        [*map(str, command), '--keep', str(tmp_path / 'faults')],
        cwd=tmp_path, capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    again = 'python tests/fuzz/campaign.py --only KIND:NUMBER repeats one'
    assert process.returncode == 0, f'{process.stdout}\n{process.stderr}\n{again}'
    assert f'{INPUTS} inputs of seed 0' in process.stdout


@pytest.fixture(scope='module')
def sound(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp('sound')
    write_sound(folder)
    return folder


@pytest.mark.parametrize('kind', ['vectors', 'table', 'coco', 'voc', 'picture'])
def test_a_number_is_an_input(sound, tmp_path, kind):
    targets = {f'{folder}' for target in KINDS[kind] for folder in target.folders}
    for name in targets:
        (sound / name).mkdir(parents=True, exist_ok=True)  # runs are not trained here
    found = []
    for number in (0, 1, 2, 2):
        folder = tmp_path / f'{len(found)}'
        folder.mkdir()
        target = make_input(sound, folder, kind, number, seed=5)
        files = sorted(path for path in folder.rglob('*') if path.is_file())
        found.append((target, [(p.relative_to(folder), p.read_bytes()) for p in files]))
    assert found[2] == found[3]
    assert found[0] != found[1] != found[2]


def test_inputs_are_small(sound, tmp_path):
    for number in range(40):
        folder = tmp_path / f'{number}'
        folder.mkdir()
        make_input(sound, folder, 'table', number, seed=0)
        assert max(p.stat().st_size for p in folder.rglob('*')) < MOST


def limits() -> Limits:
    """Little more than this process has."""
    used = pages_of_this_process()[1] * resource.getpagesize()
    return Limits(memory=used + 2 * 10**8, addresses=10**9, seconds=1)


@pytest.fixture
def verdict_on(tmp_path):
    def verdict_on(function) -> str:
        folder, most = tmp_path / 'input', limits()
        folder.mkdir()
        return verdict(Child(function, folder, tmp_path / 'output', most).wait(), folder, most)

    return verdict_on


def spin() -> None:
    while True:
        pass


def refuse() -> None:
    print('error: no')
    sys.exit(1)


def fill_memory() -> None:
    """Takes new pages, as the heap may have enough that a training left."""
    pages = mmap.mmap(-1, 4 * 10**8)
    for start in range(0, len(pages), mmap.PAGESIZE):
        pages[start] = 1


def fail() -> None:
    raise TypeError('odd')


SEEN = {
    'right': lambda: print('\tas it is\n'),
    'refused': refuse,
    'FAULT executed': lambda: Path(MARK).touch(),
    'FAULT executed ': lambda: Path('report.html').write_text(f'<p>{SCRIPT}'),
    'FAULT raw control character': lambda: print('cat\x1b[2J'),
    'FAULT raw control character ': lambda: os.write(2, b'cat\x9b2J \xc2\x9b'),
    'FAULT over memory': fill_memory,
    'FAULT traceback: not in dbl: MemoryError': lambda: b'x' * 10**10,
    'FAULT traceback: not in dbl: TypeError: odd': fail,
    'FAULT over time': spin,
    'FAULT hung': lambda: time.sleep(60),
    'FAULT killed by SIGABRT: not in dbl': os.abort,
    'FAULT exit status 3': lambda: sys.exit(3),
}


@pytest.mark.parametrize('said', SEEN)
def test_what_goes_wrong_is_seen(verdict_on, said):
    assert verdict_on(SEEN[said]).startswith(said.strip())
