"""Runs an exported model, to compare it with the one that it was made of."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from dbl.errors import InputError
from dbl.inference.export import INPUT
from dbl.inference.predictor import Predictor

PICTURES = 3  # that are compared
Scores = Callable[[np.ndarray], np.ndarray]


def exported(path: Path) -> Scores:
    """A function that gives the scores, (N, C), of pictures, (N, H, W, 3), RGB, uint8.

    It has as many threads as PyTorch.

    Raises:
        InputError: ONNX Runtime is missing.
    """
    if path.suffix.lower() == '.pt2':
        program = torch.export.load(path).module()
        return lambda pictures: program(torch.from_numpy(pictures)).detach().numpy()
    try:
        import onnxruntime
    except ModuleNotFoundError as error:
        raise InputError('an .onnx is run by ONNX Runtime: `pip install onnxruntime`') from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    session = onnxruntime.InferenceSession(path, options)
    return lambda pictures: session.run(None, {INPUT: pictures})[0]


def largest_difference(predictor: Predictor, path: Path, size: int) -> float:
    """How far the scores of an exported file are from those of ``predict``, on random pictures.

    Raises:
        InputError: ONNX Runtime is missing.
    """
    pictures = np.random.default_rng(0).integers(0, 256, (PICTURES, size, size, 3), dtype=np.uint8)
    scores = predictor.predict(pictures).scores
    return float(abs(exported(path)(pictures) - scores).max())
