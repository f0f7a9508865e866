"""Pictures in files, with an annotation file that lists them."""

import os
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import ExifTags, Image

from dbl.datasets.annotations import find_annotations, read_annotations
from dbl.datasets.fingerprint import fingerprints
from dbl.datasets.picture_header import open_picture
from dbl.errors import InputError
from dbl.registry import DATASETS


@DATASETS.register_module()
class AnnotatedFiles:
    """Reads the pictures that an annotation file lists.

    ::

        data_root/
            train.json, train.csv or train.jsonl
            test.json, test.csv or test.jsonl
            val.json, val.csv or val.jsonl, if there is something to validate on
            (images, at the paths that the annotation file gives, relative to its folder)

    A .csv has the header ``image,<class>,...`` and cells 0 or 1. A .jsonl has
    ``{"image": ..., "labels": ["a", "b"]}`` a line. A .json has
    ``{"metainfo": {"classes": [...]}, "data_list": [{"img_path": ..., "labels": [0, 2]}, ...]}``.

    Args:
        ann_file: Annotation file under ``data_root``; its suffix may be left out.
        data_root: Folder of the annotation file.

    Raises:
        InputError: The annotations are missing, or are not of the form.

    >>> import tempfile
    >>> import cv2, numpy as np
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / 'train.csv').write_text('image,cat,dog\\na.png,1,0\\n')
    >>> _ = cv2.imwrite(str(folder / 'a.png'), np.zeros((40, 50, 3), np.uint8))
    >>> source = AnnotatedFiles('train', data_root=str(folder))
    >>> source.annotations.class_freq, source.read(0).shape, source.wider_than_high().tolist()
    ([1, 0], (40, 50, 3), [True])
    """

    def __init__(self, ann_file: str, data_root: str = '') -> None:
        self.ann_file = find_annotations(Path(data_root, ann_file))
        self.annotations = read_annotations(self.ann_file)
        self._below_limit: set[int] = set()  # a header is read once a process, not at each use

    @property
    def name(self) -> str:
        """The path of the annotation file, for messages."""
        return str(self.ann_file)

    def path(self, index: int) -> Path:
        """Says where an image lies: its path is relative to the folder of the annotation file."""
        return self.ann_file.parent / self.annotations.image_paths[index]

    def read(self, index: int) -> np.ndarray:
        """Decodes an image to (H, W, 3), BGR, uint8, upright after its EXIF orientation.

        Raises:
            InputError: The image is missing or unreadable, or has more pixels than
                ``DBL_MAX_PIXELS``.
        """
        import mmcv  # it imports torch, which annotations and headers do without

        path = self.path(index)
        if not os.path.isfile(path):  # nor is it a pipe, which would be waited for
            raise InputError(f"image '{path}' of '{self.name}' does not exist")
        if index not in self._below_limit:
            self._from_header(index, lambda image: None)
        try:
            image = mmcv.imread(str(path))
        except cv2.error:  # an empty file, or, where Pillow reads no header, above the limit
            image = None
        if image is None:
            raise InputError(
                f"image '{path}' cannot be decoded; replace it, or take it out of '{self.name}'"
            )
        return image

    def identities(self) -> list[str]:
        """Names each picture by its path, where links lead."""
        return [os.path.realpath(self.path(i)) for i in range(len(self.annotations))]

    def fingerprints(self) -> np.ndarray:
        """Takes size and first bytes of each picture's file, (N,), int64.

        Raises:
            InputError: An image cannot be read.
        """
        return fingerprints([self.path(i) for i in range(len(self.annotations))])

    def picture_bytes(self) -> list[int]:
        """Counts the bytes of each decoded image by its header, or 0 where that cannot be read.

        Raises:
            InputError: An image has more pixels than ``DBL_MAX_PIXELS``.
        """
        indices = range(len(self.annotations))
        return [self._from_header(i, lambda im: 3 * im.width * im.height) or 0 for i in indices]

    def wider_than_high(self) -> np.ndarray:
        """Finds which images are wider than high, (N,), upright.

        The header tells. Where it cannot be read, the image is decoded.

        Raises:
            InputError: An image is missing or unreadable, or has more pixels than
                ``DBL_MAX_PIXELS``.
        """
        return np.array([self._is_wide(i) for i in range(len(self.annotations))])

    def _is_wide(self, index: int) -> bool:
        wide = self._from_header(index, _is_wide)
        if wide is None:  # decoding knows, or says
            height, width = self.read(index).shape[:2]
            return width > height
        return wide

    def _from_header(self, index: int, read: Callable[[Image.Image], Any]) -> Any:
        """Reads something of an image that Pillow has opened, or None if it cannot.

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
                self._below_limit.add(index)  # or else OpenCV, which has its own limit, says it
                return None

    def check_images(self) -> None:
        """Raises InputError with count and first path where images are missing."""
        paths = map(self.path, range(len(self.annotations)))
        missing = [path for path in paths if not os.path.isfile(path)]
        if missing:
            raise InputError(
                f"{len(missing)} of the {len(self.annotations)} images in '{self.name}' do not "
                f"exist, the first is '{missing[0]}'; put them there (data/README.md draws the "
                'folders)'
            )


def _is_wide(image: Image.Image) -> bool:
    on_its_side = image.getexif().get(ExifTags.Base.Orientation) in range(5, 9)
    return image.height > image.width if on_its_side else image.width > image.height
