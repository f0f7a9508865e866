"""The commands of README on using a model, one after the other, as they stand there."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from dbl.config import load_config

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.slow


@pytest.fixture
def clone(tmp_path):
    """A folder with what a clone has, whose work_dirs and data are its own."""
    for name in ('configs', 'dbl', 'docs', 'tools'):
        (tmp_path / name).symlink_to(ROOT / name)
    return tmp_path


def commands() -> list[list[str]]:
    """The training of the first section, cut short, and the four commands on using the model."""
    readme = (ROOT / 'README.md').read_text(encoding='utf-8')
    training = re.search(r'&& python (tools/train.py .*)', readme)
    (section,) = re.findall(r'## Use what you trained\n.*?```\n(.*?)```', readme, re.DOTALL)
    whole = f'epoch_{load_config("demo/db_focal").epochs}'
    assert whole in section, 'the checkpoint that the training leaves'
    section = section.replace(whole, 'epoch_1').replace('python ', '')
    lines = [f'{training[1]} --cfg-options epochs=1', *section.splitlines()]
    return [shlex.split(line) for line in lines]


def test_the_commands_run_one_after_the_other(clone):
    pytest.importorskip('onnxruntime')
    pytest.importorskip('onnxscript')
    printed = []
    for command in commands():
        process = subprocess.run(
            [sys.executable, *command], cwd=clone, capture_output=True, text=True, timeout=600
        )
        assert process.returncode == 0, process.stderr
        printed.append(process.stdout)
    assert len(printed) == 5
    predicted = printed[2].splitlines()
    assert len(predicted) == 10
    path, label, score = re.match(r'(.*): ([^,]*) (\d\.\d+),', predicted[0]).groups()
    assert path == 'data/drawn/scene_0.png'
    assert printed[4] == f'{path} {label} {score}\n', 'ONNX says the same as predict'
