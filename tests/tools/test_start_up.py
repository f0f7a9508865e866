"""How soon a command says what it has to say."""

import subprocess
import sys
from time import perf_counter

from small_runs import SMALL

# Runs a tool, and ends with the modules that were imported.
MODULES = """
import runpy, sys
del sys.argv[0]
try:
    runpy.run_path(sys.argv[0], run_name='__main__')
except SystemExit as error:
    print(error, file=sys.stderr)
print(*sys.modules)
"""


def seconds(*command) -> float:
    begin = perf_counter()
    subprocess.run([sys.executable, *map(str, command)], check=True, capture_output=True)
    return perf_counter() - begin


def test_help_takes_at_most_half_as_long_as_importing_torch(root):
    pairs = [
        (seconds(root / 'tools/train.py', '--help'), seconds('-c', 'import torch'))
        for _ in range(3)
    ]
    ours, theirs = (sorted(times)[1] for times in zip(*pairs, strict=True))
    assert ours < theirs / 2


def test_a_wrong_table_is_refused_without_torch(root, photo_folder, tmp_path):
    (photo_folder / 'test.csv').write_text('image,cat,dog,owl\ntest0.png,1,0,2\n')
    options = ['--cfg-options', f'data_root={photo_folder}', *SMALL]
    arguments = [root / 'tools/train.py', root / 'configs/custom/db_focal.py', *options]
    command = [sys.executable, '-c', MODULES, *map(str, arguments)]
    process = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert "test.csv, line 2, class 'owl': expected 0 or 1, but got '2'" in process.stderr
    modules = process.stdout.split()
    assert 'dbl.experiment' in modules
    assert 'torch' not in modules
    assert not (tmp_path / 'work_dirs').exists()


def test_tables_of_finished_runs_need_no_torch(root, tmp_path, write_run):
    write_run(tmp_path / 'work_dirs/table1/custom/erm/seed_0')
    arguments = [root / 'tools/table1.py', 'show', '--dataset', 'custom']
    command = [sys.executable, '-c', MODULES, *map(str, arguments)]
    process = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert 'ERM' in process.stdout, process.stderr
    modules = process.stdout.split()
    assert 'dbl.results.runs' in modules
    assert 'torch' not in modules


def test_the_losses_need_torch_alone():
    others = ('mmengine', 'mmcv', 'cv2', 'torchvision', 'scipy', 'PIL', 'rich')
    code = f'import dbl.losses, sys; print([m for m in {others} if m in sys.modules])'
    process = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True)
    assert process.stdout.strip() == '[]', process.stderr


def test_nobody_has_to_set_a_scope(root):
    """From Python, in a process that has imported mmengine and mmcv as well."""
    code = (
        'import mmcv, mmengine, dbl\n'
        f"config = dbl.load_config('{root}/configs/demo/db_focal.py')\n"
        'experiment = dbl.build_experiment(config)\n'
        'print(type(experiment.train_loader.dataset.pipeline[1]).__module__)\n'
    )
    process = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True)
    assert process.stdout.strip() == 'dbl.transforms.geometric', process.stderr
