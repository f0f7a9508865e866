import json
import subprocess
import sys

import pytest
from small_runs import SMALL


@pytest.mark.slow
def test_a_whole_row_is_measured(root, photo_folder, tmp_path):
    command = [sys.executable, root / 'tools/benchmark.py', 'table']
    command += [root / 'configs/custom/db_focal.py', '--json', 'table.json']
    command += ['--cfg-options', f'data_root={photo_folder}', *SMALL]
    process = subprocess.run(list(map(str, command)), capture_output=True, text=True, cwd=tmp_path)
    assert process.returncode == 0, process.stderr
    (measured,) = json.loads((tmp_path / 'table.json').read_text())['measured']
    assert measured['row'] == 'db_focal'
    assert 1 < measured['seconds'] < 200
    assert measured['images/s'] > 1
    assert 0 < measured['waiting'] < 1
    assert 0.1 < measured['peak GB'] < 4
    assert 0 < measured['of floor'] < 1
