"""The scripts of tools/, which most tests pass by: they run a command's ``main`` in process."""

import runpy
import sys
from contextlib import suppress
from pathlib import Path

import pytest

SCRIPTS = sorted((Path(__file__).parents[2] / 'tools').glob('*.py'))


@pytest.mark.parametrize('script', SCRIPTS, ids=lambda script: script.stem)
def test_a_script_is_the_command_of_its_name(script, monkeypatch, capsys):
    monkeypatch.setattr(sys, 'argv', [str(script), '--help'])
    with suppress(SystemExit):
        runpy.run_path(str(script), run_name='__main__')
    assert capsys.readouterr().out.startswith(f'usage: {script.name} ')
