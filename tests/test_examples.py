"""The scripts of `docs/examples` run as they stand, and print what the page says."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
DOCS = Path(__file__).parent.parent / 'docs'
SCRIPTS = sorted(path.name for path in DOCS.glob('examples/*.py'))


@pytest.fixture
def printed(tmp_path):
    def run(script: str) -> str:
        command = [sys.executable, DOCS / 'examples' / script]
        process = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300)
        assert process.returncode == 0, process.stderr
        assert process.stderr == ''
        return process.stdout

    return run


def test_each_is_tried_below():
    expected = 'figures_of_your_labels.py losses_on_a_toy.py run_onnx.py your_csv.py'
    assert expected.split() == SCRIPTS


def test_the_losses_on_a_toy_print_what_the_page_says(printed):
    """Another processor rounds otherwise, so that mAPs may differ by a point."""
    page = (DOCS / 'examples.md').read_text()
    expected = page.split('```text\n')[1].split('```')[0].split()
    found = printed('losses_on_a_toy.py').split()
    assert len(found) == len(expected)
    for own, other in zip(found, expected, strict=True):
        if '.' in other:
            assert float(own) == pytest.approx(float(other), abs=1), other
        else:
            assert own == other


def test_a_csv_is_trained_on(printed):
    last = printed('your_csv.py').splitlines()[-1]
    assert last.startswith("{'mAP/total': ")


def test_figures_are_drawn(printed, tmp_path):
    assert printed('figures_of_your_labels.py') == 'written to figures_of_your_labels.png\n'
    assert (tmp_path / 'figures_of_your_labels.png').stat().st_size > 20_000
