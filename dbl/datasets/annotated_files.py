"""Pictures in files, listed by an annotation file."""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import ExifTags, Image

from dbl.datasets.decoding import decoded
from dbl.datasets.listed_files import ListedFiles
from dbl.datasets.picture_header import open_picture
from dbl.errors import InputError
from dbl.registry import DATASETS


@DATASETS.register_module()
class AnnotatedFiles(ListedFiles):
    """Reads the pictures that an annotation file lists.

    ::

        data_root/
            train.json, train.csv or train.jsonl
            test.json, test.csv or test.jsonl
            val.json, val.csv or val.jsonl, if there are images to validate on
            (images, at the paths in the annotation file, relative to its folder)

    A .csv has the header ``image,<class>,...`` and cells 0 or 1. A .jsonl has one
    ``{"image": ..., "labels": ["a", "b"]}`` per line. A .json has
    ``{"metainfo": {"classes": [...]}, "data_list": [{"img_path": ..., "labels": [0, 2]}, ...]}``.

    Args:
        ann_file: Annotation file under ``data_root``; its suffix may be left out.
        data_root: Folder of the annotation file.

    Raises:
        InputError: The annotations are missing or malformed.

    >>> import tempfile
    >>> from pathlib import Path
    >>> import cv2, numpy as np
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / 'train.csv').write_text('image,cat,dog\\na.png,1,0\\n')
    >>> _ = cv2.imwrite(str(folder / 'a.png'), np.zeros((40, 50, 3), np.uint8))
    >>> source = AnnotatedFiles('train', data_root=str(folder))
    >>> source.annotations.class_freq, source.read(0).shape, source.wider_than_high().tolist()
    ([1, 0], (40, 50, 3), [True])
    """

    channels, kind = 3, 'image'

    def __init__(self, ann_file: str, data_root: str = '') -> None:
        super().__init__(ann_file, data_root)
        self._below_limit: set[int] = set()  # a process reads each header once

    def read(self, index: int) -> np.ndarray:
        """Decodes an image to (H, W, 3), BGR, uint8, upright after its EXIF orientation.

        Raises:
            InputError: The image is missing or unreadable, or has more pixels than
                ``DBL_MAX_PIXELS``.
        """
        path = self.existing(index)
        if index not in self._below_limit:
            self._from_header(index, lambda image: None)
        image = decoded(path)
        if image is None:
            raise InputError(
                f"image '{path}' cannot be decoded; replace it, or take it out of '{self.name}'"
            )
        return image

    def picture_bytes(self) -> list[int]:
        """Counts the bytes of each decoded image from its header, or 0 if that cannot be read.

        Raises:
            InputError: An image has more pixels than ``DBL_MAX_PIXELS``.
        """
        indices = range(len(self.annotations))
        return [self._from_header(i, lambda im: 3 * im.width * im.height) or 0 for i in indices]

    def wider_than_high(self) -> np.ndarray:
        """Finds which images are wider than high, (N,), upright.

        The header tells. If it cannot be read, the image is decoded.

        Raises:
            InputError: An image is missing or unreadable, or has more pixels than
                ``DBL_MAX_PIXELS``.
        """
        return np.array([self._is_wide(i) for i in range(len(self.annotations))])

    def _is_wide(self, index: int) -> bool:
        wide = self._from_header(index, _is_wide)
        if wide is None:  # decoding finds out, or raises
            height, width = self.read(index).shape[:2]
            return width > height
        return wide

    def _from_header(self, index: int, read: Callable[[Image.Image], Any]) -> Any:
        """Reads something from an image's header, or gives None if Pillow cannot open it.

        Raises:
            InputError: It has more pixels than ``DBL_MAX_PIXELS``.
        """
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')  # Pillow's, on broken EXIF blocks
            try:
                with open_picture(self.path(index)) as image:
                    self._below_limit.add(index)
                    return read(image)
            except InputError:
                raise
            except Exception:  # whatever the bytes lead Pillow into
                self._below_limit.add(index)  # if it is not, OpenCV says so by its own limit
                return None


def _is_wide(image: Image.Image) -> bool:
    on_its_side = image.getexif().get(ExifTags.Base.Orientation) in range(5, 9)
    return image.height > image.width if on_its_side else image.width > image.height
