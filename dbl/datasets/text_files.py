"""Texts in files, listed by an annotation file."""

import os
from pathlib import Path

import numpy as np

from dbl.datasets.listed_files import ListedFiles
from dbl.errors import InputError
from dbl.registry import DATASETS

TEXTS = 0  # the channels of a text: it has none


@DATASETS.register_module()
class TextFiles(ListedFiles):
    """Reads the texts that an annotation file lists: UTF-8, one text a file.

    ::

        data_root/
            train.json, train.csv or train.jsonl, as of :class:`AnnotatedFiles`
            test.json, test.csv or test.jsonl
            (texts, at the paths in the annotation file, relative to its folder)

    Args:
        ann_file: Annotation file under ``data_root``; its suffix may be left out.
        data_root: Folder of the annotation file.

    Raises:
        InputError: The annotations are missing or malformed.

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / 'train.csv').write_text('image,tin,gold\\na.txt,1,0\\n')
    >>> _ = (folder / 'a.txt').write_text('Tin rose.')
    >>> TextFiles('train', data_root=str(folder)).read(0).shape
    (9, 1, 1)
    """

    channels, kind = TEXTS, 'text'

    def read(self, index: int) -> np.ndarray:
        """Reads the bytes of a text as a picture of one column, (n, 1, 1), uint8.

        Raises:
            InputError: The text is missing or no UTF-8.
        """
        return as_picture(read_text(self.existing(index)))

    def picture_bytes(self) -> list[int]:
        """Says that memory need not hold any: texts are small."""
        return [0] * len(self.annotations)

    def wider_than_high(self) -> np.ndarray:
        """Says that no text is wider than high, (N,)."""
        return np.zeros(len(self.annotations), dtype=bool)


def as_picture(text: str) -> np.ndarray:
    """The bytes of a text as a picture of one column, (n, 1, 1), uint8.

    >>> as_picture('caf\\xe9').ravel().tolist()
    [99, 97, 102, 195, 169]
    """
    return np.frombuffer(text.encode(), np.uint8).reshape(-1, 1, 1)


def read_text(path: Path) -> str:
    """Reads a text.

    Raises:
        InputError: It is missing, unreadable, or no UTF-8.
    """
    if not os.path.isfile(path):  # a pipe is none: opening it would wait
        raise InputError(f"text '{path}' does not exist")
    try:
        return path.read_text(encoding='utf-8-sig')
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"text '{path}' must be readable UTF-8: {error}") from error
