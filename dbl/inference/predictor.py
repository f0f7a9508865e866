"""A trained model that is shown pictures."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader

from dbl.errors import InputError
from dbl.inference.decisions import Decisions
from dbl.inference.input import Items, Picture, Takes, as_input, collate
from dbl.inference.mean import MeanOf, backbones
from dbl.inference.model_file import ModelFile, read_model_file
from dbl.inference.predictions import Predictions
from dbl.pipeline import LISTS
from dbl.training.loaders import use_one_core

PICTURES, ROWS = 4, 2  # dimensions of an array of pictures of one size, and of one of features


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
        InputError: A file is missing or damaged, the models are of other classes, or features
            or texts are to be flipped.

    >>> import dbl, tempfile
    >>> from dbl.training.checkpoint import save_checkpoint
    >>> from dbl.training.meta import what_it_is_of
    >>> made = dbl.build_experiment(dbl.load_config('demo/erm'), training=False)
    >>> content = {'state_dict': made.model.state_dict(), 'meta': what_it_is_of(made)}
    >>> path = Path(tempfile.mkdtemp()) / 'a.pth'
    >>> save_checkpoint(path, content)  # or train it
    >>> found = dbl.load_model(path).predict(np.zeros((2, 40, 50, 3), np.uint8))
    >>> found.scores.shape, found.labels
    ((2, 24), None)
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
    return {
        'classes': file.classes,
        'width of features': file.channels,
        'image_size': size,
        'preprocessing': preprocessing,
    }


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

    @property
    def takes(self) -> Takes:
        """What the model is shown: ``'pictures'``, ``'features'`` or ``'texts'``."""
        (backbone, *_) = backbones(self.network)
        return getattr(backbone, 'takes', 'pictures')

    @property
    def width(self) -> int | None:
        """Width of the features that the model takes, D. None: it takes something else."""
        return self.file.channels if self.takes == 'features' else None

    def predict(
        self,
        pictures: Picture | Iterable[Picture],
        batch_size: int = 32,
        num_workers: int = 0,
        each: Callable[[int], None] | None = None,
    ) -> Predictions:
        """Scores pictures. One that cannot be read is passed over, and named in ``unreadable``.

        Args:
            pictures: Paths, Pillow's images, or arrays (H, W, 3), RGB, uint8, or one array of them
                all, (N, H, W, 3). Of a model of features: vectors (D), or an array (N, D). Of a
                model of texts: texts, or paths (of pathlib) of files that hold one.
            batch_size: Pictures that the network is shown at a time.
            num_workers: Processes that decode; with 0 this one does.
            each: Called after every batch with the number of its pictures.

        Raises:
            InputError: There are no pictures, or those of a batch differ in size after their
                transforms, or the logits are not finite.
        """
        items = self._listed(pictures)
        if not items:
            raise InputError('there are no pictures to predict; name at least one')
        logits, unreadable = [np.empty((0, len(self.classes)), np.float32)], dict[int, str]()
        for images, reasons, count in self._loader(items, batch_size, num_workers):
            if images is not None:
                logits.append(self._checked(self.logits(images).cpu().numpy()))
            unreadable |= reasons
            if each is not None:
                each(count)
        names = [self._name(item, number) for number, item in enumerate(items)]
        return Predictions(
            [name for number, name in enumerate(names) if number not in unreadable],
            self.classes,
            np.concatenate(logits),
            {names[number]: reason for number, reason in unreadable.items()},
            self.decisions,
        )

    def _listed(self, pictures: Picture | Iterable[Picture]) -> list[Picture]:
        if isinstance(pictures, np.ndarray):
            many = pictures.ndim == (PICTURES if self.width is None else ROWS)
            return [*pictures] if many else [pictures]
        return [pictures] if isinstance(pictures, (str, Path, Image.Image)) else [*pictures]

    def _loader(self, items: list[Picture], batch_size: int, num_workers: int) -> DataLoader:
        batch_size = min(batch_size, len(items))
        others = (len(items) - 1) // max(batch_size, 1)  # batches after the first
        return DataLoader(
            Items(items, self._reader),
            batch_size,
            num_workers=min(num_workers, others),  # more would have nothing to do
            collate_fn=collate,
            worker_init_fn=use_one_core,
            generator=torch.Generator(),  # so that the global random numbers stay as they are
        )

    @torch.inference_mode()
    def logits(self, images: Tensor) -> Tensor:
        """The logits, (N, C), of normalised images, (N, 3, H, W)."""
        images = images.to(self.device).contiguous(memory_format=torch.channels_last)
        if self.network.training:  # somebody has trained it on
            self.network.eval()
        with torch.autocast(self.device.type, enabled=False):  # that of a training around it
            return self.network(images)

    def _checked(self, logits: np.ndarray) -> np.ndarray:
        if not np.isfinite(logits).all():
            raise InputError(
                f"'{self.file.path}' gives logits that are not finite: its weights are damaged, or "
                'those of a training that has diverged; take another checkpoint'
            )
        return logits

    def image_of(self, picture: Picture) -> Tensor:
        """Reads and normalises a picture, (3, H, W), or takes features, (D, 1, 1), or a text.

        Raises:
            InputError: It cannot be read, or is of another form.
        """
        return self._reader(picture)

    @property
    def _reader(self) -> Callable[[Picture], Tensor]:
        # Without the network, which a process that decodes need not be sent.
        return partial(as_input, self.transforms, self.takes, self.width)

    def _name(self, picture: Picture, number: int) -> str:
        """The path, or a number where there is none."""
        if isinstance(picture, Path) or (isinstance(picture, str) and self.takes != 'texts'):
            return str(picture)
        return f'{"text" if self.takes == "texts" else "picture"} {number}'
