"""A trained model in a file, which knows its classes, its network, and its preprocessing."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import torch
from torch import Tensor, nn

from dbl.datasets.names import check_classes
from dbl.errors import InputError, shortened
from dbl.inference.decisions import Decisions, decisions_of
from dbl.models import MultiLabelClassifier
from dbl.network import build_network
from dbl.pipeline import build_pipeline
from dbl.training.checkpoint import averaged_weights, read_checkpoint
from dbl.training.fitting_weights import check_fits, load_fitting
from dbl.training.meta import config_of
from dbl.transforms import Transform
from dbl.whole_numbers import Count, Positive

HEAD = 'head.'
LAYERS = 1000  # entries that a list in a config may have, each of which may be a layer to build


class About(msgspec.Struct):
    """What a checkpoint must say to be used without its training set."""

    classes: list[str]
    config: str
    class_freq: list[Count] | None = None
    num_images: Count | None = None
    channels: Count = 3
    dbl: str = 'unknown'
    torch: str = 'unknown'


class _Model(msgspec.Struct):
    """The parts of a network, each checked where it is built."""

    backbone: dict[str, Any]
    neck: dict[str, Any] | None
    head: dict[str, Any]


class _Dataset(msgspec.Struct):
    pipeline: list[dict[str, Any]] = []
    batch_pipeline: list[dict[str, Any]] = []


class _Loader(msgspec.Struct):
    dataset: _Dataset


class _Preprocessing(msgspec.Struct):
    test_dataloader: _Loader
    image_size: Positive | None = None


@dataclass(frozen=True)
class ModelFile:
    """What a file says of a trained model.

    Attributes:
        path: The file.
        weights: Of the network, by name.
        classes: Names of the classes, C.
        config: What it was trained with.
        class_freq: Training images of each class, (C,), or None in a file of dbl 0.1.0.
        num_images: Training images.
        channels: Of the images: 3; or the width of features; or 0 for texts.
        versions: Of ``'dbl'`` and ``'torch'``, as far as the file says them.
        decisions: How logits become scores and labels, if that was learnt.
    """

    path: Path
    weights: dict[str, Tensor]
    classes: list[str]
    config: dict[str, Any]
    class_freq: list[int] | None
    num_images: int | None
    channels: int
    versions: dict[str, str]
    decisions: Decisions | None

    def network(self) -> MultiLabelClassifier:
        """Builds the network with its weights, in eval mode.

        Nothing but this file is read, no weights of a backbone either; of a text encoder, its
        config and its words are, from the folder or package that it names. The shapes are compared
        before any memory is taken. The global random numbers stay as they are.

        Raises:
            InputError: The weights are not of the network that the config names.
        """
        with torch.random.fork_rng(devices=[]):
            with torch.device('meta'):
                check_fits(self._built(), self.weights, self.path)
            with torch.device('cpu'):
                network = self._built()
        load_fitting(network, self.weights, self.path)
        return network.eval()

    def _built(self) -> MultiLabelClassifier:
        head = {k.removeprefix(HEAD): v for k, v in self.weights.items() if k.startswith(HEAD)}
        try:
            parts = msgspec.structs.asdict(msgspec.convert(self.config.get('model'), _Model))
            _check_lists(parts, len(self.weights))
            loss, num_classes = nn.Identity(), len(self.classes)
            return build_network(parts, loss, num_classes, self.channels, {'trained': head})
        except (InputError, msgspec.ValidationError) as error:
            raise InputError(
                f"'{self.path}' holds no network that dbl knows: {shortened(error, 300)}"
            ) from error

    def transforms(self) -> list[Transform]:
        """Builds the transforms of a picture, (H, W, 3), BGR, uint8, as in the tests of training.

        Raises:
            InputError: The file names none that dbl knows.
        """
        try:
            msgspec.convert(self.config, _Preprocessing)
            first, rest = build_pipeline(self.config, 'test_dataloader', self.channels)
        except (InputError, msgspec.ValidationError) as error:
            raise InputError(
                f"'{self.path}' holds no preprocessing that dbl knows: {shortened(error, 300)}"
            ) from error
        return [*first, *rest]


def _check_lists(parts: dict[str, Any], num_weights: int) -> None:
    """Refuses lists that are too long for a network of so many weights: building takes time.

    Raises:
        InputError: One has more entries than there are weights, and than ``LAYERS``.
    """
    for place, part in parts.items():
        for name, value in (part or {}).items():
            if isinstance(value, list) and len(value) > max(num_weights, LAYERS):
                raise InputError(
                    f'model.{place}.{name} has {len(value)} entries, but the file has '
                    f'{num_weights} weights'
                )


def read_model_file(path: str | Path, averaged: bool = False) -> ModelFile:
    """Reads a checkpoint of a training, or what ``python -m dbl decide`` made of it.

    Args:
        path: The file.
        averaged: Take the averaged weights of a training with ``ema``.

    Raises:
        InputError: The file is missing or damaged, or does not say what it is of.
    """
    return model_file(read_checkpoint(path), path, averaged)


def model_file(checkpoint: dict[str, Any], path: str | Path, averaged: bool = False) -> ModelFile:
    """Takes what a checkpoint holds for a model; see :func:`read_model_file`.

    Raises:
        InputError: It is damaged, or does not say what it is of.
    """
    about = _about(checkpoint, path)
    config, learnt = config_of(checkpoint['meta']), checkpoint.get('decisions')
    if not config:
        raise InputError(f"'{path}' is damaged: its meta has no config")
    return ModelFile(
        path=Path(path),
        weights=averaged_weights(checkpoint, path) if averaged else checkpoint['state_dict'],
        classes=about.classes,
        config=config,
        class_freq=about.class_freq,
        num_images=about.num_images,
        channels=about.channels,
        versions={'dbl': about.dbl, 'torch': about.torch},
        decisions=None if learnt is None else decisions_of(learnt, len(about.classes), path),
    )


def _about(checkpoint: dict[str, Any], path: str | Path) -> About:
    try:
        about = msgspec.convert(checkpoint.get('meta'), About)
    except msgspec.ValidationError as error:
        raise InputError(
            f"'{path}' does not say what it is a model of: {error}; `python -m dbl test` tests it "
            'with its config'
        ) from error
    if not about.classes:
        raise InputError(f"'{path}' is damaged: its meta has no classes")
    check_classes(f"'{path}' is damaged", about.classes)
    counts, classes = about.class_freq, len(about.classes)
    if counts is not None and len(counts) != classes:
        raise InputError(
            f"'{path}' is damaged: it has {classes} classes, but class_freq has {len(counts)}"
        )
    return about
