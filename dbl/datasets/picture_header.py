"""Reads a picture's header, which tells what decoding it would cost."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image

from dbl.limits import check_most

_OPENING = threading.Lock()
SCAN = b'\xff\xda'  # the marker that begins a scan of a JPEG
HELD_TWICE = ('JPEG2000', 'WEBP')
_TILE = 322, 323  # the tags of a TIFF that hold the width and height of its tiles


@contextmanager
def open_picture(path: Path) -> Iterator[Image.Image]:
    """Opens a picture with Pillow, which reads only the header.

    Raises:
        InputError: It has more than ``DBL_MAX_PIXELS`` pixels, or ``DBL_MAX_SCANS`` scans.
        Exception: Whatever its bytes lead Pillow into.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / 'a.png'
    >>> Image.new('L', (50, 40)).save(path)
    >>> with open_picture(path) as image:
    ...     num_pixels(image)
    2000
    """
    if not os.path.isfile(path):  # opening a pipe would wait for its writer
        raise FileNotFoundError(path)
    with _open(path) as image:
        check_most('DBL_MAX_PIXELS', num_pixels(image), f"the pixels of '{path}'")
        if image.format in ('JPEG', 'MPO'):
            check_most('DBL_MAX_SCANS', path.read_bytes().count(SCAN), f"the scans of '{path}'")
        yield image


def num_pixels(image: Image.Image) -> int:
    """Counts the pixels to be decoded: those of a tile, if it is larger than the picture.

    Pixels count twice in forms whose decoders hold a second copy.
    """
    tags = getattr(image, 'tag_v2', {})
    tile_width, tile_height = (int(tags.get(tag, 0)) for tag in _TILE)
    copies = 2 if image.format in HELD_TWICE else 1
    return copies * max(image.width * image.height, tile_width * tile_height)


def _open(path: Path) -> Image.Image:
    """Opens a picture without Pillow's own limit, which may be lower than ours."""
    with _OPENING:
        before, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
        try:
            return Image.open(path)
        finally:
            Image.MAX_IMAGE_PIXELS = before
