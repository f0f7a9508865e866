"""Pictures, features, and texts, made into a network's input."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor
from torch.utils.data import Dataset

from dbl.datasets.decoding import read_picture
from dbl.datasets.one_size import check_one_size
from dbl.datasets.text_files import as_picture, read_text
from dbl.errors import InputError, shortened
from dbl.out_of_memory import is_out_of_memory
from dbl.transforms import Transform

Takes = Literal['pictures', 'features', 'texts']
Picture = str | Path | Image.Image | np.ndarray
SIXTEEN_BITS = ('PNG', 'PPM')  # formats of which Pillow gives them in its mode I, or did once


def as_input(
    transforms: Sequence[Transform], takes: Takes, width: int | None, picture: Picture
) -> Tensor:
    """What a network gets of a picture, a row of features, or a text, (D, H, W), transformed."""
    if takes == 'texts':
        image = _text(picture)
    elif width is not None:
        image = _features(picture, width)
    else:
        image = pixels_of(picture)
    generator = np.random.default_rng(0)
    for transform in transforms:
        image = transform.apply(image, transform.draw(generator))
    return torch.from_numpy(np.ascontiguousarray(image.transpose(2, 0, 1)))


class Items(Dataset):
    """What is to be predicted: each item's number, and its input, or why there is none."""

    def __init__(self, items: Sequence[Picture], image_of: Callable[[Picture], Tensor]) -> None:
        self.items, self.image_of = items, image_of

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, number: int) -> tuple[int, Tensor | str]:
        try:
            return number, self.image_of(self.items[number])
        except InputError as error:
            return number, str(error)


def collate(items: list[tuple[int, Tensor | str]]) -> tuple[Tensor | None, dict[int, str], int]:
    """The inputs of a batch, why others of its items have none, and how many items it has.

    Raises:
        InputError: The inputs differ in size.
    """
    images = [image for _, image in items if isinstance(image, Tensor)]
    check_one_size(images)
    reasons = {number: reason for number, reason in items if isinstance(reason, str)}
    return torch.stack(images) if images else None, reasons, len(items)


def pixels_of(picture: Picture) -> np.ndarray:
    """A picture as training decodes it, (H, W, 3), BGR, uint8.

    Raises:
        InputError: It cannot be read, or is of another form.

    >>> pixels_of(np.array([[[1, 2, 3]]], dtype=np.uint8)).tolist()
    [[[3, 2, 1]]]
    """
    if isinstance(picture, (str, Path)):
        return read_picture(Path(picture))
    array = _from_pillow(picture) if isinstance(picture, Image.Image) else picture
    shape, dtype = getattr(array, 'shape', ()), getattr(array, 'dtype', None)
    if not isinstance(array, np.ndarray) or (*shape[2:], dtype) != (3, np.uint8) or 0 in shape:
        raise InputError(
            f'expected a path, or a picture of shape (H, W, 3), RGB, uint8, but got {_form(array)}'
        )
    return np.ascontiguousarray(array[:, :, ::-1])


def _from_pillow(picture: Image.Image) -> np.ndarray:
    of_file = picture.format
    with suppress(Exception):  # a broken EXIF block
        picture = ImageOps.exif_transpose(picture)
    try:
        return _eight_bits(picture, of_file)
    except InputError:
        raise
    except Exception as error:  # it may be closed, or of a mode that is no picture's
        if is_out_of_memory(error):
            raise
        raise InputError(f'the picture cannot be decoded: {shortened(error, 200)}') from error


def _eight_bits(picture: Image.Image, of_file: str | None) -> np.ndarray:
    """RGB of 8 bits. Pillow would clip brighter grey levels, where training takes the high byte."""
    deep = picture.mode.startswith('I;16') or (picture.mode == 'I' and of_file in SIXTEEN_BITS)
    if picture.mode in ('I', 'F') and not deep:
        raise InputError(
            f"a picture of Pillow's mode {picture.mode} has no known range; scale it to 0 to 255, "
            "and `convert('RGB')`"
        )
    if deep:
        picture = Image.fromarray((np.asarray(picture) >> 8).astype(np.uint8))
    return np.asarray(picture.convert('RGB'))


def _features(row: Picture, width: int) -> np.ndarray:
    """A row of features as a picture, (1, 1, D)."""
    if not isinstance(row, np.ndarray) or row.shape != (width,) or row.dtype.kind not in 'fiu':
        raise InputError(
            f'the model takes features, numbers of shape ({width},), but got {_form(row)}'
        )
    if not np.isfinite(row).all():
        raise InputError('features must be finite numbers, but some are not')
    return row[None, None]


def _text(text: Picture) -> np.ndarray:
    """A text, or the one in a file, as a picture of one column."""
    if isinstance(text, Path):
        return as_picture(read_text(text))
    if not isinstance(text, str):
        raise InputError(f'the model takes texts, but got {_form(text)}')
    try:
        return as_picture(text)
    except UnicodeEncodeError as error:
        raise InputError(f'the text is no Unicode: {shortened(error, 200)}') from error


def _form(value: object) -> str:
    if isinstance(value, np.ndarray):
        return f'an array of shape {value.shape}, {value.dtype}'
    if isinstance(value, (str, Path)):
        return f"'{value}'"
    return type(value).__name__
