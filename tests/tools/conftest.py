import subprocess
import sys

import pytest
from small_runs import SMALL


@pytest.fixture
def tool(root, photo_folder, tmp_path):
    """Runs a tool on the config of one's own data; returns the finished process."""

    def run(name: str, *arguments: str, row: str = 'db_focal', options=(), small=SMALL, **settings):
        config = root / 'configs' / 'custom' / f'{row}.py'
        command = [sys.executable, root / 'tools' / f'{name}.py', config, *arguments]
        options = ['--cfg-options', f'data_root={photo_folder}', *small, *options]
        command = [*map(str, command), *options]
        return subprocess.run(
            command, capture_output=True, text=True, cwd=tmp_path, timeout=200, **settings
        )

    return run
