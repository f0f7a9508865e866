"""Where a network looks for a class: Grad-CAM, by the package grad-cam."""

from collections.abc import Collection, Iterable, Sequence
from itertools import count
from pathlib import Path
from types import ModuleType

import cv2
import numpy as np
import torch

from dbl.errors import InputError
from dbl.inference.input import Picture, pixels_of
from dbl.inference.mean import MeanOf, backbones
from dbl.inference.predictor import Predictor

NEEDS = 'where a network looks needs grad-cam: `pip install grad-cam` (the extra `explain`)'


def grad_cam() -> ModuleType:
    """Imports grad-cam.

    Raises:
        InputError: It is not installed.

    >>> grad_cam().__name__
    'pytorch_grad_cam'
    """
    try:
        import pytorch_grad_cam
    except ModuleNotFoundError as error:
        raise InputError(NEEDS) from error
    return pytorch_grad_cam


def explain(predictor: Predictor, picture: Picture, classes: Sequence[int]) -> np.ndarray:
    """Shows where a network looks for some classes, by the map of its backbone's features.

    Selvaraju et al., "Grad-CAM: Visual Explanations from Deep Networks" (ICCV 2017).

    Args:
        predictor: The model.
        picture: What it looks at.
        classes: Their indices, K.

    Shape:
        - Output: :math:`(K, H, W)` of the picture, between 0 and 1; 1 is where it looks most.

    Raises:
        InputError: The package is missing, the picture cannot be read, or the backbone gives no
            map.
    """
    package = grad_cam()
    from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

    height, width = pixels_of(picture).shape[:2]
    network = predictor.network
    if isinstance(network, MeanOf):
        network = MeanOf([*network.networks])  # the map of the mirror image is another
    maps = []
    with torch.inference_mode(False), torch.enable_grad():
        image = predictor.image_of(picture)[None].to(predictor.device).requires_grad_()
        _check_map(predictor, image)
        with package.GradCAM(network, backbones(network)) as cam:
            for index in classes:
                found = cam(image, [ClassifierOutputTarget(index)])[0]
                maps.append(cv2.resize(found, (width, height), interpolation=cv2.INTER_LINEAR))
    return np.clip(np.stack(maps), 0, 1)


def _check_map(predictor: Predictor, image: torch.Tensor) -> None:
    with torch.no_grad():
        features = backbones(predictor.network)[0](image)
    if features.ndim != 4 or features.shape[2] * features.shape[3] < 2:
        raise InputError(
            f"'{predictor.file.path}' has a backbone without a map of features, so that it cannot "
            'be said where it looks'
        )


def overlay(picture: np.ndarray, heat: np.ndarray) -> np.ndarray:
    """Lays a map over a picture: red where the network looks.

    Shape:
        - picture: :math:`(H, W, 3)`, BGR, uint8; heat: :math:`(H, W)`, between 0 and 1.
        - Output: as the picture.

    >>> overlay(np.zeros((1, 1, 3), np.uint8), np.ones((1, 1))).tolist()
    [[[0, 0, 64]]]
    """
    colours = cv2.applyColorMap((255 * heat).astype(np.uint8), cv2.COLORMAP_JET)
    return cv2.addWeighted(picture, 0.5, colours, 0.5, 0)


def write_explanations(
    predictor: Predictor, found: Iterable[tuple[Path, Sequence[str]]], folder: Path
) -> list[Path]:
    """Writes pictures with a map over them, one for each class that is named.

    Args:
        predictor: The model.
        found: Pictures, each with the classes to look for.
        folder: Where to write.

    Returns:
        The files, each of a name of its own.

    Raises:
        InputError: See :func:`explain`, or a file cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written: dict[Path, None] = {}
    for path, names in found:
        heats = explain(predictor, path, [predictor.classes.index(name) for name in names])
        for name, heat in zip(names, heats, strict=True):
            out = _free(folder, f'{_plain(path)}_{_plain(name)}', written)
            if not cv2.imwrite(str(out), overlay(pixels_of(path), heat)):
                raise InputError(f"cannot write '{out}'; choose another folder for --explain")
            written[out] = None
    return [*written]


def _free(folder: Path, stem: str, taken: Collection[Path]) -> Path:
    """A path that is not taken: from the second of a name on they are numbered.

    >>> _free(Path('a'), 'b', [Path('a/b.jpg')]).as_posix()
    'a/b_2.jpg'
    """
    path, numbers = folder / f'{stem}.jpg', count(2)
    while path in taken:
        path = folder / f'{stem}_{next(numbers)}.jpg'
    return path


def _plain(name: object) -> str:
    """The end of a name, of letters, digits and underscores, for the name of a file.

    >>> _plain('a/b c.png')
    'a_b_c_png'
    """
    plain = ''.join(c if c.isalnum() else '_' for c in str(name)).strip('_')
    return plain.encode()[-100:].decode(errors='ignore')  # a file's name has at most 255 bytes
