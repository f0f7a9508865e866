"""Where a run's network looks in the test pictures that it got wrong."""

from collections.abc import Callable, Sequence

import numpy as np

from dbl.inference.decided import check_is_of, last_checkpoint
from dbl.inference.explain import explain, overlay
from dbl.inference.predictor import load_model
from dbl.report.pictures import ByKind, as_address, test_pictures
from dbl.results.runs import Run

WRONG = ('missed', 'false_alarms')


def with_looks(run: Run, classes: Sequence[ByKind]) -> list[ByKind]:
    """Adds where the network of a run's last checkpoint looks for a class.

    Args:
        run: The run.
        classes: Its pictures by class, of which those that it got wrong are explained.

    Raises:
        InputError: grad-cam, the checkpoint, or a picture is missing; or the network has no map.
    """
    picture, look = test_pictures(run), _look_of(run)
    return [
        {
            kind: [own._replace(look=look(picture(own.path), index)) for own in thumbs]
            if kind in WRONG
            else thumbs
            for kind, thumbs in kinds.items()
        }
        for index, kinds in enumerate(classes)
    ]


def _look_of(run: Run) -> Callable[[np.ndarray, int], str]:
    """Makes a function that turns a BGR picture and a class into the address of a map over it."""
    predictor = load_model(last_checkpoint(run))
    check_is_of(predictor.file, run)

    def look(image: np.ndarray, index: int) -> str:
        (heat,) = explain(predictor, image[:, :, ::-1], [index])
        return as_address(overlay(image, heat))

    return look
