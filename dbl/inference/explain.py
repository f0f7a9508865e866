"""Where a network looks for a class: Grad-CAM, by the package grad-cam."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from torch import nn

from dbl.errors import InputError
from dbl.inference.mean import MeanOf
from dbl.inference.predictor import Picture, Predictor, decoded

NEEDS = 'where a network looks needs grad-cam: `pip install grad-cam`'


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
    try:
        from pytorch_grad_cam import GradCAM
        from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget
    except ModuleNotFoundError as error:
        raise InputError(NEEDS) from error
    height, width = decoded(picture).shape[:2]
    image = predictor.image_of(picture)[None].to(predictor.device).requires_grad_()
    _check_map(predictor, image)
    maps = []
    with GradCAM(predictor.network, backbones(predictor.network)) as cam:
        for index in classes:
            found = cam(image, [ClassifierOutputTarget(index)])[0]
            maps.append(cv2.resize(found, (width, height), interpolation=cv2.INTER_LINEAR))
    return np.clip(np.stack(maps), 0, 1)


def backbones(network: nn.Module) -> list[nn.Module]:
    """The backbones of a network, or of each network of a mean."""
    networks: Any = network.networks if isinstance(network, MeanOf) else [network]
    return [own.backbone for own in networks]


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


def _plain(name: object) -> str:
    """The end of a name, of letters, digits and underscores, for the name of a file.

    >>> _plain('a/b c')
    'a_b_c'
    """
    return ''.join(c if c.isalnum() else '_' for c in str(name)).strip('_')[-80:]


def write_explanations(
    predictor: Predictor, path: Path, names: Sequence[str], folder: Path
) -> list[Path]:
    """Writes a picture with a map over it for each class that is named.

    Raises:
        InputError: See :func:`explain`, or a file cannot be written.
    """
    heats = explain(predictor, path, [predictor.classes.index(name) for name in names])
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, heat in zip(names, heats, strict=True):
        out = folder / f'{_plain(path.with_suffix(""))}_{_plain(name)}.jpg'
        if not cv2.imwrite(str(out), overlay(decoded(path), heat)):
            raise InputError(f"cannot write '{out}'")
        written.append(out)
    return written
