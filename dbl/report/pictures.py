import base64
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import cv2
import numpy as np
from scipy.special import expit

from dbl.analysis.figures_of_runs import built_again
from dbl.errors import InputError
from dbl.results.runs import Run
from dbl.sources import build_source

SIDE = 96  # pixels


class ClassPictures(NamedTuple):
    """Indices of test pictures of a class, by how they were scored, the most telling first.

    Attributes:
        found: Positives with the highest scores.
        missed: Positives with the lowest scores.
        false_alarms: Negatives with the highest scores.
    """

    found: list[int]
    missed: list[int]
    false_alarms: list[int]


def best_and_worst(logits: np.ndarray, targets: np.ndarray, count: int = 3) -> list[ClassPictures]:
    """Chooses the pictures of each class. None is both found and missed.

    Shape:
        - logits, targets: (N, C).
    """
    chosen = []
    for scores, shows in zip(logits.T, targets.T > 0, strict=True):
        order = np.argsort(-scores, kind='stable')
        positives, negatives = order[shows[order]], order[~shows[order]]
        found = positives[:count]
        missed = positives[len(found) :][::-1][:count]
        chosen.append(ClassPictures(*map(np.ndarray.tolist, (found, missed, negatives[:count]))))
    return chosen


class Thumbnail(NamedTuple):
    """A picture for a page.

    Attributes:
        address: Holds all its bytes.
        path: As in the annotations.
        score: Of the class that it is shown for.
        look: Address of the picture with a map of where the network looks, if that was asked for.
    """

    address: str
    path: str
    score: float
    look: str = ''


ByKind = dict[str, list[Thumbnail]]  # by the names of ClassPictures


def thumbnails(run: Run) -> list[ByKind]:
    """Small pictures of each class.

    Raises:
        InputError: The run's scores or the pictures are missing.
    """
    scores = run.scores()
    picture, paths = test_pictures(run), scores['images'].tolist()
    address = cache(lambda path: as_address(picture(path)))
    probabilities = expit(scores['logits'].astype(float))
    return [
        {
            kind: [
                Thumbnail(address(paths[i]), paths[i], float(probabilities[i, c])) for i in chosen
            ]
            for kind, chosen in pictures._asdict().items()
        }
        for c, pictures in enumerate(best_and_worst(scores['logits'], scores['targets']))
    ]


def test_pictures(run: Run) -> Callable[[str], np.ndarray]:
    """Makes a function that reads a picture of a run's test set by its path, BGR."""
    with built_again(run):
        source = build_source(run.given, 'test')
    index_of = {path: i for i, path in enumerate(source.annotations.image_paths)}

    def picture(path: str) -> np.ndarray:
        if path not in index_of:
            raise InputError(f"'{source.name}' no longer has '{path}'")
        return source.read(index_of[path])

    return picture


def as_address(image: np.ndarray) -> str:
    """Shrinks a BGR picture to fit into a square, and encodes it as a data address.

    Raises:
        InputError: It holds features or a text instead of grey levels.
    """
    if image.dtype != np.uint8 or image.shape[2] != 3:
        raise InputError('the data are features or texts, of which there are no pictures')
    scale = min(1, SIDE / max(image.shape[:2]))
    size = [max(1, round(scale * side)) for side in image.shape[1::-1]]
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    _, content = cv2.imencode('.jpg', small, [cv2.IMWRITE_JPEG_QUALITY, 80])
    return f'data:image/jpeg;base64,{base64.b64encode(content.tobytes()).decode()}'
