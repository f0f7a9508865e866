import json
import sys
from contextlib import suppress

import pytest

from dbl.commands.build_dataset import main


@pytest.fixture
def write(tmp_path):
    """Writes files into a folder, JSON where the content is no text."""

    def write(files):
        for name, content in files.items():
            path = tmp_path / 'data' / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content if isinstance(content, str) else json.dumps(content))
        return tmp_path / 'data'

    return write


@pytest.fixture
def command(monkeypatch, capsys):
    """Runs the command, and gives all that it prints as one line."""

    def run(*arguments):
        monkeypatch.setattr(sys, 'argv', ['build_dataset', *map(str, arguments)])
        with suppress(SystemExit):
            main()
        return ' '.join(''.join(capsys.readouterr()).split())

    return run


@pytest.fixture
def build(command, tmp_path):
    """Builds a set of the data in a folder, and gives all that is printed."""

    def build(form, root, *options):
        return command(form, '--root', root, '--out', tmp_path / 'out', *options)

    return build
