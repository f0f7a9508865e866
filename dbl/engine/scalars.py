import json
from pathlib import Path

from mmengine.visualization import TensorboardVisBackend, Visualizer

from dbl.whole_file import whole_file


def cut_scalars(path: Path, iteration: int) -> list[dict]:
    """Drops from a file of scalars what was written after a checkpoint; returns what is left.

    The validation of the checkpoint's own iteration goes too, since it is made again. A last line
    that was not written whole goes as well.

    Args:
        path: ``scalars.json``, a JSON object a line.
        iteration: Iterations done at the checkpoint.
    """
    lines = path.read_text(encoding='utf-8').splitlines(keepends=True) if path.exists() else []
    kept = [(line, json.loads(line)) for line in lines if line.endswith('\n')]
    kept = [
        (line, scalars)
        for line, scalars in kept
        if scalars['step'] < iteration or (scalars['step'] == iteration and 'lr' in scalars)
    ]
    if lines:
        with whole_file(path) as part:
            part.write_text(''.join(line for line, _ in kept), encoding='utf-8')
    return [scalars for _, scalars in kept]


def rewrite_tensorboard(visualizer: Visualizer, folder: Path, rows: list[dict]) -> None:
    """Makes TensorBoard's events say what the scalars say, one file for all starts of a run."""
    for backend in visualizer._vis_backends.values():
        if isinstance(backend, TensorboardVisBackend):
            for path in folder.glob('events.out.tfevents.*'):
                path.unlink()
            for row in rows:
                values = {name: value for name, value in row.items() if name != 'step'}
                backend.add_scalars(values, step=row['step'])
