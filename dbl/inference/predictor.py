"""A trained model that is shown pictures."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from dbl.datasets.decoding import read_picture
from dbl.errors import InputError
from dbl.inference.decisions import Decisions
from dbl.inference.mean import MeanOf
from dbl.inference.model_file import ModelFile, read_model_file
from dbl.inference.predictions import Predictions
from dbl.pipeline import LISTS
from dbl.transforms import Transform

Picture = str | Path | Image.Image | np.ndarray


def load_model(
    *paths: str | Path, averaged: bool = False, flip: bool = False, device: str | None = None
) -> 'Predictor':
    """Loads a trained model, or several whose probabilities are averaged.

    Args:
        paths: Checkpoints of ``python -m dbl train``, or files of ``python -m dbl decide``.
        averaged: Take the averaged weights of trainings with ``ema``.
        flip: Also average over the mirror image of each picture.
        device: Such as ``'cpu'``; by default a GPU if there is one.

    Raises:
        InputError: A file is missing or damaged, or the models are of other classes.
    """
    if not paths:
        raise ValueError('name at least one model')
    files = [read_model_file(path, averaged) for path in paths]
    _check_alike(files)
    networks = [file.network() for file in files]
    single = len(files) == 1 and not flip
    network = networks[0] if single else MeanOf(networks, flip)
    place = torch.device(device or ('cuda' if torch.cuda.is_available() else 'cpu'))
    # What was learnt of one model's scores does not hold of a mean.
    return Predictor(files[0], network, place, files[0].decisions if single else None)


def _check_alike(files: Sequence[ModelFile]) -> None:
    ours = _alike(files[0])
    for other in files[1:]:
        for name, value in _alike(other).items():
            if value != ours[name]:
                raise InputError(
                    f"'{other.path}' has other {name} than '{files[0].path}'; only models that "
                    'agree in these can be averaged'
                )


def _alike(file: ModelFile) -> dict[str, Any]:
    """What must be equal for models to be averaged."""
    file.transforms()  # which says what is wrong with them
    dataset = file.config.get('test_dataloader', {}).get('dataset', {})
    preprocessing = [dataset.get(name) for name in LISTS]
    size = file.config.get('image_size')
    return {'classes': file.classes, 'image_size': size, 'preprocessing': preprocessing}


class Predictor:
    """A trained model, ready to be shown pictures.

    Attributes:
        file: What the model's file says: classes, config, class frequencies.
        network: Gives the logits, (N, C), of normalised images, (N, 3, H, W).
        device: Where the network is.
        decisions: How logits become scores and labels, if that was learnt.
    """

    def __init__(
        self,
        file: ModelFile,
        network: torch.nn.Module,
        device: torch.device,
        decisions: Decisions | None = None,
    ) -> None:
        self.file, self.device, self.decisions = file, device, decisions
        self.transforms = file.transforms()
        self.network = network.eval().to(device).to(memory_format=torch.channels_last)

    @property
    def classes(self) -> list[str]:
        """Names of the classes, C."""
        return self.file.classes

    def predict(
        self,
        pictures: Picture | Sequence[Picture],
        batch_size: int = 32,
        num_workers: int = 0,
        each: Callable[[int], None] | None = None,
    ) -> Predictions:
        """Scores pictures. One that cannot be read is passed over, and named in ``unreadable``.

        Args:
            pictures: Paths, Pillow's images, or arrays (H, W, 3), RGB, uint8. Of a model of
                features: vectors (D), or an array (N, D).
            batch_size: Pictures that the network is shown at a time.
            num_workers: Processes that decode; with 0 this one does.
            each: Called after every batch with the number of its pictures.

        Raises:
            InputError: There are no pictures, or an array is of another form.
        """
        if isinstance(pictures, np.ndarray) and pictures.ndim == 2:
            pictures = list(pictures)
        elif isinstance(pictures, (str, Path, Image.Image, np.ndarray)):
            pictures = [pictures]
        if not len(pictures):
            raise InputError('there are no pictures to predict; name at least one')
        loader = DataLoader(
            _Pictures(pictures, self.transforms),
            batch_size,
            num_workers=num_workers,
            collate_fn=_collate,
            generator=torch.Generator(),  # so that the global random numbers stay as they are
        )
        logits, unreadable = [np.empty((0, len(self.classes)), np.float32)], dict[int, str]()
        for images, reasons, count in loader:
            if images is not None:
                logits.append(self.logits(images).cpu().numpy())
            unreadable |= reasons
            if each is not None:
                each(count)
        names = [_name(picture, number) for number, picture in enumerate(pictures)]
        return Predictions(
            [name for number, name in enumerate(names) if number not in unreadable],
            self.classes,
            np.concatenate(logits),
            {names[number]: reason for number, reason in unreadable.items()},
            self.decisions,
        )

    @torch.inference_mode()
    def logits(self, images: Tensor) -> Tensor:
        """The logits, (N, C), of normalised images, (N, 3, H, W)."""
        return self.network(images.to(self.device).contiguous(memory_format=torch.channels_last))

    def image_of(self, picture: Picture) -> Tensor:
        """Reads and normalises a picture: (3, H, W).

        Raises:
            InputError: It cannot be read.
        """
        return _image_of(picture, self.transforms)


class _Pictures(Dataset):
    def __init__(self, pictures: Sequence[Picture], transforms: Sequence[Transform]) -> None:
        self.pictures, self.transforms = pictures, transforms

    def __len__(self) -> int:
        return len(self.pictures)

    def __getitem__(self, number: int) -> tuple[int, Tensor | str]:
        try:
            return number, _image_of(self.pictures[number], self.transforms)
        except InputError as error:
            return number, str(error)


def _collate(items: list[tuple[int, Tensor | str]]) -> tuple[Tensor | None, dict[int, str], int]:
    images = [image for _, image in items if isinstance(image, Tensor)]
    reasons = {number: reason for number, reason in items if isinstance(reason, str)}
    return torch.stack(images) if images else None, reasons, len(items)


def _image_of(picture: Picture, transforms: Sequence[Transform]) -> Tensor:
    image, generator = decoded(picture), np.random.default_rng(0)
    for transform in transforms:
        image = transform.apply(image, transform.draw(generator))
    return torch.from_numpy(np.ascontiguousarray(image.transpose(2, 0, 1)))


def decoded(picture: Picture) -> np.ndarray:
    """A picture as training decodes it, (H, W, 3), BGR, uint8; or features, (1, 1, D)."""
    if isinstance(picture, (str, Path)):
        return read_picture(Path(picture))
    if isinstance(picture, Image.Image):
        with suppress(Exception):  # a broken EXIF block
            picture = ImageOps.exif_transpose(picture)
        picture = np.asarray(picture.convert('RGB'))
    if picture.ndim == 1:
        return picture[None, None]
    if picture.ndim != 3 or picture.shape[2] != 3 or picture.dtype != np.uint8:
        raise InputError(
            f'expected a picture of shape (H, W, 3), RGB, uint8, but got {picture.shape}, '
            f'{picture.dtype}'
        )
    return np.ascontiguousarray(picture[:, :, ::-1])


def _name(picture: Picture, number: int) -> str:
    return str(picture) if isinstance(picture, (str, Path)) else f'picture {number}'
