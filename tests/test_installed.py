"""What is installed, apart from the checkout."""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import dbl
from dbl.commands import COMMANDS

pytestmark = pytest.mark.slow
SMALL = (
    'model.backbone.channels=[4,8] model.backbone.weights=None image_size=16 epochs=1 '
    'train_dataloader.num_workers=0 test_dataloader.num_workers=0 '
    'train_dataloader.sampler.draws_per_class=4'
).split()
# As if one of the packages were not installed.
BLOCK = """
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.split('.')[0] in {names}:
            raise ModuleNotFoundError(f'No module named {{name!r}}', name=name)
sys.meta_path.insert(0, Absent())
"""


@pytest.fixture(scope='module')
def installed(tmp_path_factory) -> Path:
    """The content of the wheel."""
    root, folder = Path(__file__).parents[1], tmp_path_factory.mktemp('wheel')
    for name in ('dbl', 'configs'):
        ignored = shutil.ignore_patterns('__pycache__')
        shutil.copytree(root / name, folder / 'source' / name, ignore=ignored)
    for name in ('pyproject.toml', 'setup.py', 'README.md', 'LICENSE'):
        shutil.copy(root / name, folder / 'source')
    command = 'pip wheel --quiet --no-deps --no-build-isolation --wheel-dir .. .'
    subprocess.run([sys.executable, '-m', *command.split()], cwd=folder / 'source', check=True)
    (wheel,) = folder.glob('dbl-*.whl')
    zipfile.ZipFile(wheel).extractall(folder / 'site')
    return folder / 'site'


def needed(names: list[str]) -> set[str]:
    """The distributions that some need, themselves among them."""
    found, left = set(), [*names]
    while left:
        name = canonicalize_name(left.pop())
        if name not in found:
            found.add(name)
            asked = map(Requirement, metadata.requires(name) or [])
            left += [r.name for r in asked if not r.marker or r.marker.evaluate({'extra': ''})]
    return found


@pytest.fixture(scope='module')
def bare(installed, tmp_path_factory) -> list[Path]:
    """What `pip install .` brings: the wheel, and links to all that its metadata asks for."""
    (info,) = metadata.distributions(path=[str(installed)])
    asked = [Requirement(line) for line in info.requires if 'extra' not in line]
    site = tmp_path_factory.mktemp('bare')
    for name in needed([requirement.name for requirement in asked]):
        files = metadata.files(name)
        for top in {file.parts[0] for file in files} - {'..', '__pycache__'}:
            if not (site / top).exists():
                (site / top).symlink_to(files[0].locate().parents[len(files[0].parts) - 1] / top)
    return [installed, site]


@pytest.fixture
def run(installed, tmp_path):
    """Runs Python in an empty folder, with what is installed."""

    def run(*arguments: str, path: Sequence[Path] = (installed,)) -> subprocess.CompletedProcess:
        environment = {**os.environ, 'PYTHONPATH': os.pathsep.join(map(str, path))}
        return subprocess.run(
            [sys.executable, *arguments], cwd=tmp_path, env=environment,
            capture_output=True, text=True, timeout=200,
        )  # fmt: skip

    return run


def test_every_config_is_in_the_wheel(installed, root):
    for path in root.glob('configs/**/*.py'):
        assert (installed / 'dbl' / path.relative_to(root)).read_text() == path.read_text()
    assert not list(installed.glob('configs')) + list(installed.glob('tests'))
    for name in (
        'dbl/models/weights/shapes.pth', 'dbl/dataset_tools/published.json', 'dbl/py.typed',
    ):  # fmt: skip
        assert (installed / name).read_bytes() == (root / name).read_bytes()


def test_a_config_that_is_not_here_is_named_as_the_one_that_comes_along(run):
    process = run('-m', 'dbl', 'train', 'configs/demo/db_focal.py')
    expected = "error: config 'configs/demo/db_focal.py' is unknown; choose from demo/db_focal"
    assert process.stderr.startswith(expected)


def test_no_message_or_help_names_what_only_a_checkout_has(root):
    for path in root.glob('dbl/**/*.py'):
        if path != root / 'dbl/commands/__init__.py':
            assert not re.search(r'tools/\w+\.py', path.read_text()), path


def test_an_empty_folder_trains_tests_and_shows_the_demo(run, tmp_path):
    process = run('-c', 'import dbl; print(dbl.__file__)')
    assert 'site/dbl/__init__.py' in process.stdout, process.stdout + process.stderr
    process = run('-m', 'dbl', 'train', 'demo/db_focal', '--cfg-options', *SMALL)
    assert process.returncode == 0, process.stderr
    folder = tmp_path / 'work_dirs/demo/db_focal'
    assert (folder / 'metrics.json').exists()
    tested = [option for option in SMALL if 'sampler' not in option and 'epochs' not in option]
    options = ['--cfg-options', *tested]
    tested = run('-m', 'dbl', 'test', 'demo/db_focal', f'{folder}/epoch_1.pth', *options)
    assert tested.returncode == 0, tested.stderr
    assert tested.stdout.splitlines()[-2] == process.stdout.splitlines()[-2]
    shown = run('-m', 'dbl', 'table1', 'run', '--dataset', 'demo', '--rows', 'db_focal',
                '--seeds', '0', '--cfg-options', *SMALL)  # fmt: skip
    assert shown.returncode == 0, shown.stderr
    assert 'DB-Focal' in shown.stdout


def test_a_config_of_ones_own_changes_one_that_comes_along(run, tmp_path):
    (tmp_path / 'mine').mkdir()
    (tmp_path / 'mine/row.py').write_text("_base_ = 'demo/db_focal'\nepochs = 3\n")
    text = "from dbl import load_config; print(load_config('mine/row.py').epochs, load_config"
    process = run('-c', f"{text}('demo/erm').epochs)")
    assert process.stdout.split() == ['3', '80'], process.stderr


def test_what_trains_is_an_extra(installed):
    (info,) = metadata.distributions(path=[str(installed)])
    asked = [Requirement(line) for line in info.requires]
    names = {'base': set(), 'train': set()}
    for requirement in asked:
        if not requirement.marker:
            names['base'].add(requirement.name)
        elif requirement.marker.evaluate({'extra': 'train'}):
            names['train'].add(requirement.name)
    assert names['base'] == {'torch', 'numpy', 'scipy'}
    assert {'torchvision', 'mmengine', 'mmcv-lite', 'scikit-learn', 'pycocotools'} < names['train']


def test_losses_samplers_statistics_and_metrics_need_torch_numpy_and_scipy_alone(run, bare):
    text = """
from importlib.util import find_spec
import torch
import dbl
from dbl.evaluation import MultiLabelMetric, average_precision
from dbl.losses import DistributionBalancedLoss
from dbl.samplers import AspectGroupedSampler, ClassAwareSampler, ShuffleSampler

labels = [[0], [0, 1], [0, 2], [2]]
found = dbl.statistics(labels)
loss = DistributionBalancedLoss(found.class_freq, found.num_images)
targets = torch.zeros(4, 3)
for image, classes in enumerate(labels):
    targets[image, classes] = 1
print(loss(torch.zeros(4, 3), targets).item() > 0, len(list(ClassAwareSampler(labels))))
metrics = MultiLabelMetric(found.class_freq).compute(targets.numpy(), targets.numpy(), 'abc')
print(metrics['mAP/total'], average_precision(targets, targets).tolist())
absent = 'mmengine mmcv torchvision cv2 rich sklearn PIL tensorboard matplotlib yaml'
print([name for name in absent.split() if find_spec(name)])
"""
    process = run('-S', '-c', text, path=bare)
    said = process.stdout.splitlines()
    assert said == ['True 2', '1.0 [1.0, 1.0, 1.0]', '[]'], process.stderr


def test_a_script_for_a_loop_of_ones_own_needs_no_more(run, bare, root, tmp_path):
    page = (root / 'docs/own_loop.md').read_text()
    pictures, script = re.findall(r'```python\n(.*?)```', page, re.DOTALL)[1:3]
    (tmp_path / 'pictures.py').write_text(pictures)
    process = run('-S', '-c', script, path=bare)
    assert 'tail' in process.stdout, process.stderr


def test_what_is_not_installed_is_named_with_what_brings_it(run):
    text = (
        BLOCK.format(names=['mmengine'])
        + """
import runpy
sys.argv = ['dbl', 'train', 'demo/db_focal']
runpy.run_module('dbl', run_name='__main__')
"""
    )
    process = run('-c', text)
    assert process.returncode == 1
    expected = "error: 'mmengine' is not installed; install dbl with its extra `train`"
    assert process.stderr.startswith(expected)


def test_the_commands_are_listed(run):
    process = run('-m', 'dbl')
    assert process.returncode == 0, process.stderr
    lines = process.stdout.splitlines()
    assert [line.split()[0] for line in lines[2:]] == COMMANDS
    assert all(len(line.split()) > 4 for line in lines[2:])
    assert run('-m', 'dbl', 'help').stdout == process.stdout
    assert run('-m', 'dbl', '--version').stdout == f'dbl {dbl.__version__}\n'
    unknown = run('-m', 'dbl', 'trian')
    assert unknown.stderr.strip() == "error: command 'trian' is unknown; choose from train"


@pytest.mark.parametrize('name', COMMANDS)
def test_a_tool_is_a_door_to_its_command(root, name):
    lines = (root / f'tools/{name}.py').read_text().splitlines()
    assert f'from dbl.commands.{name} import main' in lines
    assert len(lines) <= 10
