import shutil
from pathlib import Path

from mmengine.config import Config

from dbl.errors import InputError

ARTEFACTS = ('metrics.json', 'last_checkpoint', 'epoch_*.pth', 'vis_data')


def default_work_dir(config_path: str | Path) -> Path:
    """``work_dirs/<set>/<row>`` of ``configs/<set>/<row>.py``."""
    path = Path(config_path).absolute()
    return Path('work_dirs') / path.parent.name / path.stem


def seed_of_run(config: Config, seed: int | None) -> int:
    """The seed to run with: the one asked for, or that of the run to resume, or the config's.

    Raises:
        InputError: The run to resume started with another seed than the one asked for.
    """
    stored = Path(config.work_dir) / 'vis_data' / 'config.py'
    if not config.resume or not stored.is_file():
        return config.randomness.seed if seed is None else seed
    started_with = Config.fromfile(stored).randomness.seed
    if seed not in (None, started_with):
        raise InputError(
            f"the run in '{config.work_dir}' started with seed {started_with}, but got "
            f'--seed {seed}; leave --seed out to resume it'
        )
    return started_with


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
