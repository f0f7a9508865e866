"""The files that a run itself writes, by their names, and where its folder is by default."""

import re
from pathlib import Path

from dbl.config import CONFIGS, find_config
from dbl.files import read_object

CHECKPOINT = r'(epoch|iter)_\d+\.pth'
TORN = rf'{CHECKPOINT}\.part'
BEGUN = rf'run\.json|vis_data|{TORN}'  # left by a start that never saved
SCORES = r'(ema_)?(selected_)?(val_)?scores\.npz'
BEST = r'(ema_)?best\.pth'
DECIDED = r'model\.pth'  # by `python -m dbl decide`
OWN = rf'{BEGUN}|{CHECKPOINT}|{BEST}(\.part)?|metrics\.json|{DECIDED}|{SCORES}'


def default_work_dir(config_path: str | Path) -> Path:
    """``work_dirs/<set>/<row>`` of ``configs/<set>/<row>.py``.

    >>> default_work_dir('reuters/linear/db').as_posix()
    'work_dirs/reuters/linear/db'
    >>> default_work_dir('my/rows/db.py').as_posix()
    'work_dirs/rows/db'
    """
    path, ours = find_config(config_path).resolve(), CONFIGS.resolve()
    if path.is_relative_to(ours):
        return Path('work_dirs') / path.relative_to(ours).with_suffix('')
    return Path('work_dirs') / path.parent.name / path.stem


def checkpoints(folder: Path) -> list[Path]:
    """The checkpoints of a run, within epochs and at their ends, the furthest one last.

    The length of an epoch is in ``run.json``. Without it they are in the order of their writing.
    """
    resolved = read_object(folder / 'run.json').get('resolved')
    length = resolved.get('iterations_per_epoch') if isinstance(resolved, dict) else None

    def place(path: Path) -> int:
        if type(length) is not int:
            return path.lstat().st_mtime_ns  # a link may lead nowhere
        return _number(path) * (length if path.name.startswith('epoch') else 1)

    return sorted(own_files(folder, CHECKPOINT), key=place)


def own_files(folder: Path, pattern: str = OWN) -> list[Path]:
    """The files in a folder that a run itself has written, or those whose names fit a pattern."""
    return [path for path in folder.glob('*') if re.fullmatch(pattern, path.name)]


def _number(path: Path) -> int:
    """The number in a checkpoint's name, of its epoch or iteration."""
    return int(path.stem.rpartition('_')[2])
