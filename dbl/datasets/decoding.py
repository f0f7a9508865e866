"""Decodes pictures as training does: upright, three channels, and no larger than a limit."""

import os
import warnings
from pathlib import Path

import cv2
import numpy as np

from dbl.datasets.picture_header import open_picture
from dbl.errors import InputError
from dbl.out_of_memory import is_out_of_memory


def read_picture(path: Path) -> np.ndarray:
    """Decodes a picture to (H, W, 3), BGR, uint8, upright after its EXIF orientation.

    Raises:
        InputError: It is missing or unreadable, or has more pixels than ``DBL_MAX_PIXELS``.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / 'a.png'
    >>> _ = cv2.imwrite(str(path), np.zeros((40, 50), np.uint8))
    >>> read_picture(path).shape
    (40, 50, 3)
    """
    if not os.path.isfile(path):  # a pipe is none: opening it would wait
        raise InputError(f"'{path}' does not exist")
    check_header(path)
    picture = decoded(path)
    if picture is None:
        raise InputError(f"'{path}' cannot be decoded")
    return picture


def check_header(path: Path) -> None:
    """Raises InputError if a picture's header says that it is too large."""
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')  # Pillow's, on broken EXIF blocks
        try:
            with open_picture(path):
                return
        except InputError:
            raise
        except Exception:  # whatever the bytes lead Pillow into; OpenCV has a limit of its own
            return


def decoded(path: Path) -> np.ndarray | None:
    """Decodes a picture whose header has been checked, or gives None if that fails."""
    import mmcv  # it imports torch, which annotations and headers do not need

    try:
        return mmcv.imread(str(path))
    except cv2.error as error:  # an empty file, or one above the limit that Pillow cannot read
        if is_out_of_memory(error):
            raise
        return None
