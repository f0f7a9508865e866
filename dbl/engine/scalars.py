import json
from pathlib import Path

from mmengine.visualization import TensorboardVisBackend, Visualizer

from dbl.whole_file import whole_file


def cut_scalars(folder: Path, iteration: int) -> list[dict]:
    """Drops from ``scalars.json`` what was written after a checkpoint; returns what is left.

    The validation of the checkpoint's own iteration goes too, since it is made again, and so does
    a line that is not whole. The copies that mmengine writes of each start's scalars are deleted.

    Args:
        folder: Of ``scalars.json``, a JSON object a line.
        iteration: Iterations done at the checkpoint.
    """
    path = folder / 'scalars.json'
    lines = path.read_text(encoding='utf-8', errors='replace').splitlines() if path.exists() else []
    kept = [row for line in lines if (row := _scalars(line)) and _was_before(row, iteration)]
    if lines:
        with whole_file(path) as part:
            part.write_text(''.join(json.dumps(row) + '\n' for row in kept), encoding='utf-8')
    for copy in set(folder.glob('*.json')) - {path}:
        copy.unlink()
    return kept


def _scalars(line: str) -> dict | None:
    try:
        row = json.loads(line)
    except json.JSONDecodeError:
        return None
    return row if isinstance(row, dict) and isinstance(row.get('step'), int) else None


def _was_before(row: dict, iteration: int) -> bool:
    return row['step'] < iteration or (row['step'] == iteration and 'lr' in row)


def rewrite_tensorboard(visualizer: Visualizer, folder: Path, rows: list[dict]) -> None:
    """Makes TensorBoard's events say what the scalars say, one file for all starts of a run."""
    for backend in visualizer._vis_backends.values():
        if isinstance(backend, TensorboardVisBackend):
            for path in folder.glob('events.out.tfevents.*'):
                path.unlink()
            for row in rows:
                values = {name: value for name, value in row.items() if name != 'step'}
                backend.add_scalars(values, step=row['step'])
