import shutil
from pathlib import Path

from mmengine.config import Config

from dbl.errors import InputError

ARTEFACTS = ('metrics.json', 'last_checkpoint', 'epoch_*.pth', 'vis_data')


def default_work_dir(config_path: str | Path) -> Path:
    """``work_dirs/<set>/<row>`` of ``configs/<set>/<row>.py``."""
    path = Path(config_path).absolute()
    return Path('work_dirs') / path.parent.name / path.stem


def seed_of_run(work_dir: Path) -> int | None:
    """The seed that the run in a folder started with, from the config stored there, if any."""
    stored = work_dir / 'vis_data' / 'config.py'
    return Config.fromfile(stored).randomness.seed if stored.is_file() else None


def claim_work_dir(work_dir: Path, resume: bool, overwrite: bool) -> None:
    """Makes sure that a run goes on with its own folder, or starts in one without a run.

    Of a run that may be overwritten, checkpoint, scalars and metrics go; the logs stay.

    Raises:
        InputError: The folder holds a run, and neither ``resume`` nor ``overwrite`` is given.
    """
    if resume:
        return
    state = _state(work_dir)
    if state and not overwrite:
        raise InputError(
            f"'{work_dir}' holds {state}; add --resume to go on with it, --overwrite to start "
            'anew, or --work-dir FOLDER to keep both'
        )
    for path in [path for pattern in ARTEFACTS for path in work_dir.glob(pattern)]:
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def _state(work_dir: Path) -> str | None:
    if (work_dir / 'metrics.json').exists():
        return 'a finished run'
    if (work_dir / 'last_checkpoint').exists():
        return 'an unfinished run'
    return None
