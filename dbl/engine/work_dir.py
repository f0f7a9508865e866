import shutil
from pathlib import Path

from mmengine.config import Config

from dbl.engine.weights import load_weights
from dbl.errors import InputError
from dbl.registry import MODELS

ARTEFACTS = ('metrics.json', 'last_checkpoint', 'epoch_*.pth*', 'best_*.pth*', 'vis_data')


def default_work_dir(config_path: str | Path) -> Path:
    """``work_dirs/<set>/<row>`` of ``configs/<set>/<row>.py``."""
    path = Path(config_path).absolute()
    return Path('work_dirs') / path.parent.name / path.stem


def checkpoints(work_dir: Path) -> list[Path]:
    """The checkpoints of a run's epochs, the newest last."""
    return sorted(work_dir.glob('epoch_*.pth'), key=lambda path: path.stat().st_mtime)


def resume(config: Config, seed: int | None) -> None:
    """Makes a config go on from the newest checkpoint in its work dir, with the run's own seed.

    Raises:
        InputError: There is no checkpoint, it is damaged or of another model, or the run started
            with another seed than the one asked for.
    """
    found = checkpoints(Path(config.work_dir))
    if not found:
        raise InputError(
            f"'{config.work_dir}' holds no checkpoint to go on from; leave --resume out to start"
        )
    meta = load_weights(MODELS.build(config.model), found[-1]).get('meta', {})
    if 'seed' not in meta:
        raise InputError(f"'{found[-1]}' is not tools/train.py's; it can be tested, not resumed")
    started_with = meta['seed']
    if seed not in (None, started_with):
        raise InputError(
            f"the run in '{config.work_dir}' started with seed {started_with}, but got "
            f'--seed {seed}; leave --seed out to resume it'
        )
    config.randomness.seed = started_with
    # Not mmengine's own search, which reads an absolute path that a copied folder keeps.
    config.load_from, config.resume = str(found[-1]), True


def start(config: Config, seed: int | None, overwrite: bool) -> None:
    """Makes a config start in a folder without a run.

    Raises:
        InputError: The folder holds a run, and ``overwrite`` is not given.
    """
    state = _state(Path(config.work_dir))
    if state and not overwrite:
        raise InputError(
            f"'{config.work_dir}' holds {state}; add --resume to go on with it, --overwrite to "
            'start anew, or --work-dir FOLDER to keep both'
        )
    if seed is not None:
        config.randomness.seed = seed


def set_aside(work_dir: Path) -> None:
    """Moves checkpoint, scalars and metrics of the run in a folder to ``replaced`` inside it.

    They go for good with the new run's first checkpoint, not before it is sure to run.
    """
    artefacts = [path for pattern in ARTEFACTS for path in work_dir.glob(pattern)]
    replaced = work_dir / 'replaced'
    if replaced.exists():
        # The last start never saved: what it left is worth less than the run it was to replace.
        _remove(artefacts)
    elif artefacts:
        replaced.mkdir()
        for path in artefacts:
            path.rename(replaced / path.name)


def drop_replaced(work_dir: Path) -> None:
    """Deletes the run that was set aside, if there is one."""
    shutil.rmtree(work_dir / 'replaced', ignore_errors=True)


def _remove(paths: list[Path]) -> None:
    for path in paths:
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def _state(work_dir: Path) -> str | None:
    if (work_dir / 'metrics.json').exists():
        return 'a finished run'
    return 'an unfinished run' if checkpoints(work_dir) else None
