import json
import sys
from contextlib import suppress

import pytest

from dbl.commands.build_dataset import main
from dbl.datasets import read_annotations


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


@pytest.fixture
def splits(tmp_path):
    """The pictures of each split that was built."""

    def splits():
        found = {}
        for path in (tmp_path / 'out').glob('*.json'):
            paths = read_annotations(path).image_paths
            found[path.stem] = [p.removeprefix('images/') for p in paths]
        return found

    return splits


@pytest.fixture
def labels(tmp_path):
    """The classes of each picture that was built."""

    def labels():
        found = {}
        for path in (tmp_path / 'out').glob('*.json'):
            read = read_annotations(path)
            for image, row in zip(read.image_paths, read.label_indices, strict=True):
                found[image.removeprefix('images/')] = sorted(read.classes[c] for c in row)
        return found

    return labels
