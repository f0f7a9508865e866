"""A trained model in a file, which knows its classes, its network, and its preprocessing."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import torch
from torch import Tensor, nn

from dbl.errors import InputError
from dbl.inference.decisions import Decisions, decisions_of
from dbl.models import MultiLabelClassifier
from dbl.network import build_network
from dbl.pipeline import build_pipeline
from dbl.training.checkpoint import averaged_weights, check_fits, read_checkpoint
from dbl.training.meta import Count, Positive, config_of
from dbl.transforms import Transform

HEAD = 'head.'


class About(msgspec.Struct):
    """What a checkpoint must say to be used without its training set."""

    classes: list[str]
    config: str
    class_freq: list[Count] | None = None
    num_images: Count | None = None
    channels: Positive = 3
    dbl: str = 'unknown'


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
        channels: Of the images: 3, or the width of features.
        decisions: How logits become scores and labels, if that was learnt.
    """

    path: Path
    weights: dict[str, Tensor]
    classes: list[str]
    config: dict[str, Any]
    class_freq: list[int] | None
    num_images: int | None
    channels: int
    decisions: Decisions | None

    def network(self) -> MultiLabelClassifier:
        """Builds the network with its weights, in eval mode.

        Nothing but this file is read, no weights of a backbone either. The shapes are compared
        before any memory is taken. The global random numbers stay as they are.

        Raises:
            InputError: The weights are not of the network that the config names.
        """
        with torch.random.fork_rng(devices=[]):
            with torch.device('meta'):
                check_fits(self._built(), self.weights, self.path)
            network = self._built()
        network.load_state_dict(self.weights)
        return network.eval()

    def _built(self) -> MultiLabelClassifier:
        head = {k.removeprefix(HEAD): v for k, v in self.weights.items() if k.startswith(HEAD)}
        try:
            part = msgspec.convert(self.config.get('model'), dict[str, dict[str, Any] | None])
            num_classes = len(self.classes)
            return build_network(part, nn.Identity(), num_classes, self.channels, {'trained': head})
        except (InputError, KeyError, msgspec.ValidationError) as error:
            raise InputError(f"'{self.path}' holds no network that dbl knows: {error}") from error

    def transforms(self) -> list[Transform]:
        """Builds the transforms of a picture, (H, W, 3), BGR, uint8, as in the tests of training.

        Raises:
            InputError: The file names none that dbl knows.
        """
        try:
            first, rest = build_pipeline(self.config, 'test_dataloader')
        except (InputError, AttributeError, KeyError, TypeError) as error:
            raise InputError(
                f"'{self.path}' holds no preprocessing that dbl knows: {error}"
            ) from error
        return [*first, *rest]


def read_model_file(path: str | Path, averaged: bool = False) -> ModelFile:
    """Reads a checkpoint of a training, or what ``python -m dbl decide`` made of it.

    Args:
        path: The file.
        averaged: Take the averaged weights of a training with ``ema``.

    Raises:
        InputError: The file is missing or damaged, or does not say what it is of.
    """
    checkpoint = read_checkpoint(path)
    try:
        about = msgspec.convert(checkpoint.get('meta'), About)
    except msgspec.ValidationError as error:
        raise InputError(
            f"'{path}' does not say what it is a model of: {error}; `python -m dbl test` tests it "
            'with its config'
        ) from error
    config, learnt = config_of(checkpoint['meta']), checkpoint.get('decisions')
    if not config or not about.classes:
        raise InputError(f"'{path}' is damaged: its meta has no config, or no classes")
    decisions = None if learnt is None else decisions_of(learnt, len(about.classes), path)
    return ModelFile(
        Path(path),
        averaged_weights(checkpoint, path) if averaged else checkpoint['state_dict'],
        about.classes,
        config,
        about.class_freq,
        about.num_images,
        about.channels,
        decisions,
    )
