import json
import re
import shutil
from pathlib import Path

from mmengine.config import Config
from mmengine.dist import get_world_size

from dbl.engine.config_values import changed_values, flat_values
from dbl.engine.weights import check_fits, read_checkpoint
from dbl.errors import InputError
from dbl.registry import MODELS

CHECKPOINT = re.compile(r'(epoch|iter)_\d+')
# What tools/train.py's checkpoints have in their meta, and the released code's do not.
NEEDED = {'seed', 'batch', 'rng_states', 'config_values', 'plan'}
ARTEFACTS = (
    'metrics.json',
    'scores.npz',
    'run.json',
    'last_checkpoint',
    'epoch_*.pth',
    'iter_*.pth',
    '*.pth.part',
    'best_*.pth',
    'vis_data',
)


def default_work_dir(config_path: str | Path) -> Path:
    """``work_dirs/<set>/<row>`` of ``configs/<set>/<row>.py``."""
    path = Path(config_path).absolute()
    return Path('work_dirs') / path.parent.name / path.stem


def checkpoints(work_dir: Path) -> list[Path]:
    """The checkpoints of a run, within epochs and at their ends, the newest last."""
    found = [path for path in work_dir.glob('*.pth') if CHECKPOINT.fullmatch(path.stem)]
    return sorted(found, key=lambda path: path.stat().st_mtime_ns)


def drop_older(newest: Path) -> None:
    """Deletes the other checkpoints of a run, if the newest is one of them, and torn ones."""
    found = checkpoints(newest.parent)
    for path in found if newest in found else []:
        if path != newest:
            path.unlink()
    for path in newest.parent.glob('*.pth.part'):
        path.unlink()


def resume(config: Config, seed: int | None) -> str:
    """Makes a config go on from the newest whole checkpoint in its work dir, with the run's seed.

    Returns:
        What the user should know, line by line.

    Raises:
        InputError: No checkpoint is whole, or it is of another model, or the run started with
            another seed than the one asked for.
    """
    path, checkpoint, notes = _newest_whole(Path(config.work_dir))
    check_fits(MODELS.build(config.model), checkpoint['state_dict'], path)
    meta = checkpoint.get('meta')
    state = {'optimizer', 'param_schedulers', 'message_hub'}
    if not isinstance(meta, dict) or not meta.keys() >= NEEDED or not state <= checkpoint.keys():
        raise InputError(f"'{path}' is not tools/train.py's; it can be tested, not resumed")
    started_with = meta['seed']
    if seed not in (None, started_with):
        raise InputError(
            f"the run in '{config.work_dir}' started with seed {started_with}, but got "
            f'--seed {seed}; leave --seed out to resume it'
        )
    batch = config.train_dataloader.batch_size * get_world_size()
    if batch != meta['batch']:
        raise InputError(
            f"the run in '{config.work_dir}' has batches of {meta['batch']} over all processes, "
            f'but got {batch}; set train_dataloader.batch_size so that they are the same'
        )
    config.randomness.seed = started_with
    # Not mmengine's own search, which reads an absolute path that a copied folder keeps.
    config.load_from, config.resume = str(path), True
    try:
        before = flat_values(json.loads(meta['config_values']))
        changes = changed_values(before, flat_values(config.to_dict()))
    except (AttributeError, TypeError, ValueError) as error:
        raise InputError(f"'{path}' is damaged: its config_values are no JSON object") from error
    if changes:
        notes.append(f'warning: goes on with other values: {"; ".join(changes)}')
    return '\n'.join(notes)


def _newest_whole(work_dir: Path) -> tuple[Path, dict, list[str]]:
    notes: list[str] = []
    for path in reversed(checkpoints(work_dir)):
        try:
            return path, read_checkpoint(path), notes
        except InputError as error:
            notes.append(f'warning: {error}; takes an earlier one')
    raise InputError(f"'{work_dir}' holds no whole checkpoint to go on from: {notes}")


def start(config: Config, seed: int | None, overwrite: bool) -> None:
    """Makes a config start in a folder without a run.

    Raises:
        InputError: The folder holds a run, and ``overwrite`` is not given.
    """
    work_dir = Path(config.work_dir)
    if (state := _state(work_dir)) and not overwrite:
        go_on = 'add --resume to go on with it, ' if checkpoints(work_dir) else 'add '
        raise InputError(
            f"'{work_dir}' holds {state}; {go_on}--overwrite to start anew, or --work-dir FOLDER "
            'to keep both'
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
        return 'a finished run' + ('' if checkpoints(work_dir) else ' without its checkpoint')
    return 'an unfinished run' if checkpoints(work_dir) else None
