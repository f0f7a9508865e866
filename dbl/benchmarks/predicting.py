"""How fast a trained model scores pictures: against a bare loop, and exported to ONNX."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np
import torch

from dbl.benchmarks.alternating import alternate, compared
from dbl.inference.export import export, from_pixels
from dbl.inference.exported import exported
from dbl.inference.predictor import Predictor

BATCH = 32
MEAN = np.array([123.675, 116.28, 103.53], dtype=np.float32)
STD = np.array([58.395, 57.12, 57.375], dtype=np.float32)


def measure_predicting(
    predictor: Predictor, paths: Sequence[Path], repetitions: int = 9
) -> list[dict]:
    """Measures a model on pictures, in this process: from files, and from pixels.

    Raises:
        InputError: ONNX Runtime is missing, or the model cannot be exported.
    """
    cv2.setNumThreads(1)
    _, size = from_pixels(predictor)  # which refuses other preprocessing than the loop's
    functions = {
        'from files, bare loop': lambda: bare_loop(predictor.network, paths, size),
        'from files, predict': lambda: predictor.predict(paths, BATCH),
    }
    rows = compared(alternate(functions, repetitions), len(paths), 'pictures')
    for count in (1, BATCH):
        rows += _exported(predictor, size, count, repetitions)
    return rows


@torch.inference_mode()
def bare_loop(network: torch.nn.Module, paths: Sequence[Path], size: int) -> np.ndarray:
    """What one would write without dbl, for pictures that are upright and can all be read."""
    scores = []
    for start in range(0, len(paths), BATCH):
        pictures = np.stack([_small(path, size) for path in paths[start : start + BATCH]])
        images = torch.from_numpy((pictures - MEAN) / STD).permute(0, 3, 1, 2)
        scores.append(network(images).sigmoid().numpy())
    return np.concatenate(scores)


def _small(path: Path, size: int) -> np.ndarray:
    picture = cv2.imread(str(path))
    assert picture is not None
    return cv2.resize(picture, (size, size))[:, :, ::-1]


def _exported(predictor: Predictor, size: int, count: int, repetitions: int) -> list[dict]:
    """Compares the exported network with the same one in PyTorch, on so many pictures at a time."""
    model, _ = from_pixels(predictor)
    pictures = np.random.default_rng(0).integers(0, 256, (count, size, size, 3), dtype=np.uint8)
    with TemporaryDirectory() as folder:
        path = Path(folder, 'model.onnx')
        export(predictor, path)
        run = exported(path)

    def in_torch() -> None:
        with torch.inference_mode():
            model(torch.from_numpy(pictures))

    functions = {
        f'{count} at a time, PyTorch': in_torch,
        f'{count} at a time, ONNX Runtime': lambda: run(pictures),
    }
    return compared(alternate(functions, repetitions), count, 'pictures')
