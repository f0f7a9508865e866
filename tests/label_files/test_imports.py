"""Reading tables needs no torch, and takes little longer than the cells themselves."""

import csv
import subprocess
import sys
from pathlib import Path
from time import process_time

import pytest

from dbl.label_files.reading import read_table

# Runs the tool, and ends with the modules that were imported.
MODULES = """
import runpy, sys
del sys.argv[0]
runpy.run_path(sys.argv[0], run_name='__main__')
print(*sys.modules, file=sys.stderr)
"""


@pytest.mark.parametrize(
    'arguments',
    [
        ['inspect', 'train.csv'],
        ['inspect', '.'],
        ['table', '--root', '.', '--out', 'made', '--max', '20'],
        ['csv', '--root', '.', '--out', 'made', '--no-subset'],
    ],
)
def test_tables_are_read_without_torch(root, photo_folder, arguments):
    command = [sys.executable, '-c', MODULES, str(root / 'tools/build_dataset.py'), *arguments]
    process = subprocess.run(command, cwd=photo_folder, capture_output=True, text=True)
    assert "0 or 1 in 3 columns, 'cat', 'dog', 'owl'" in process.stdout, process.stderr
    modules = process.stderr.split()
    assert 'dbl.label_files.reading' in modules
    assert not {'torch', 'polars'} & {*modules}


def write_wide(path: Path, rows: int, classes: int) -> None:
    """Writes a table with a column for each class, of which a picture shows every 40th."""
    names = ','.join(f'class {c}' for c in range(classes))
    cells = [','.join('1' if (i + c) % 40 == 0 else '0' for c in range(classes)) for i in range(40)]
    lines = (f'images/{i:07}.jpg,{cells[i % 40]}\n' for i in range(rows))
    path.write_text(f'image,{names}\n' + ''.join(lines))


def seconds(read) -> float:
    begin = process_time()
    read()
    return process_time() - begin


def test_a_large_table_takes_a_few_times_as_long_as_its_cells(tmp_path):
    path = tmp_path / 'train.csv'
    write_wide(path, rows=10_000, classes=200)

    def read_cells():
        with path.open(newline='') as file:
            return sum(map(len, csv.reader(file)))

    ours = min(seconds(lambda: read_table(path)) for _ in range(3))
    theirs = min(seconds(read_cells) for _ in range(3))
    assert ours < 8 * theirs, 'three times is usual'
    assert read_table(path).annotations.class_freq == [250] * 200
