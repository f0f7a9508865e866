import pytest

from dbl.label_files.answers import Answers
from dbl.label_files.reading import read_table


@pytest.fixture
def reading(tmp_path):
    """Writes a table, and reads it."""

    def reading(text, name='train.csv', **answers):
        path = tmp_path / name
        path.write_text(text)
        return read_table(path, Answers(**answers))

    return reading


@pytest.fixture
def read(reading):
    """Writes a table and reads it: the classes that each picture shows, by name."""

    def read(text, name='train.csv', **answers):
        found = reading(text, name, **answers).annotations
        shown = [sorted(found.classes[c] for c in row) for row in found.label_indices]
        return dict(zip(found.image_paths, shown, strict=True))

    return read
