"""Exports a trained model, from pixels to scores, for programs without dbl."""

import json
import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from io import BytesIO
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.export import Dim, ExportedProgram

from dbl.errors import InputError
from dbl.files import whole_file
from dbl.inference.calibration_layers import calibration_layer
from dbl.inference.decisions import calibration_of
from dbl.inference.predictor import Predictor
from dbl.out_of_memory import is_out_of_memory
from dbl.transforms import BatchedTransform, Resize

SUFFIXES = ('.onnx', '.pt2')
INPUT, OUTPUT = 'pictures', 'scores'
METADATA = 'dbl.json'  # of a .pt2: its extra file


class FromPixels(nn.Module):
    """A model from pixels to scores: channel order, normalisation, network, calibration.

    Args:
        network: Gives logits of normalised images.
        transforms: What follows the resizing, on whole batches.
        calibration: Makes scores of logits.

    Shape:
        - pictures: :math:`(N, H, W, 3)`, RGB, uint8. Output: :math:`(N, C)`, between 0 and 1.

    >>> network = nn.Sequential(nn.AvgPool2d(2), nn.Flatten())  # the mean of each channel, as BGR
    >>> model = FromPixels(network, [], nn.Sigmoid())
    >>> pictures = torch.tensor([0, 0, 9], dtype=torch.uint8).expand(1, 2, 2, 3)
    >>> (model(pictures) > 0.9).tolist()
    [[True, False, False]]
    """

    def __init__(
        self, network: nn.Module, transforms: Sequence[BatchedTransform], calibration: nn.Module
    ) -> None:
        super().__init__()
        self.network, self.transforms, self.calibration = network, list(transforms), calibration

    def forward(self, pictures: Tensor) -> Tensor:
        images = pictures.permute(0, 3, 1, 2).flip(1).float()  # BGR, as the transforms take it
        for transform in self.transforms:
            images = transform.apply_batch(images, ())
        return self.calibration(self.network(images))


def from_pixels(predictor: Predictor) -> tuple[FromPixels, int]:
    """Makes the model that is exported, and says to which size pictures are resized before it.

    Raises:
        InputError: The preprocessing is another than resizing and what runs on whole batches.
    """
    first, rest = next(iter(predictor.transforms), None), predictor.transforms[1:]
    batched = [transform for transform in rest if isinstance(transform, BatchedTransform)]
    if not isinstance(first, Resize) or len(batched) < len(rest):
        names = ', '.join(type(transform).__name__ for transform in predictor.transforms)
        raise InputError(
            f"'{predictor.file.path}' prepares pictures by {names or 'nothing'}; only Resize, and "
            'then transforms of whole batches, such as Normalize, can be exported'
        )
    learnt = calibration_layer(calibration_of(predictor.decisions), len(predictor.classes))
    return FromPixels(predictor.network, batched, learnt).eval(), first.size


def export(predictor: Predictor, path: Path) -> int:
    """Writes a model to an .onnx or a .pt2, for any number of pictures at a time.

    Its metadata names the classes, the size, and the thresholds, if they were learnt.

    Returns:
        The height and width to which pictures are resized before it.

    Raises:
        InputError: The suffix is another, a package is missing, or the network cannot be exported.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(f"'{path}' must end in {' or '.join(SUFFIXES)}")
    model, size = from_pixels(predictor)
    path.parent.mkdir(parents=True, exist_ok=True)
    program = _program(deepcopy(model).cpu(), size)
    with whole_file(path) as part:
        if path.suffix.lower() == '.onnx':
            _write_onnx(program, part, metadata(predictor, size))
        else:
            _write_pt2(program, part, metadata(predictor, size))
    return size


def metadata(predictor: Predictor, size: int) -> dict[str, str]:
    """What a file says of itself, as texts: classes, size, and thresholds, the lists as JSON.

    A threshold of null is reached by no score.
    """
    about = {'classes': json.dumps(predictor.classes), 'size': str(size), 'channels': 'RGB'}
    if predictor.decisions is not None:
        about['thresholds'] = json.dumps(predictor.decisions.thresholds)
    return about


def _program(model: FromPixels, size: int) -> ExportedProgram:
    # Two pictures: a size of 1 would be taken for a constant.
    pictures = torch.zeros(2, size, size, 3, dtype=torch.uint8)
    try:
        with torch.inference_mode(False), torch.no_grad():
            return torch.export.export(model, (pictures,), dynamic_shapes=({0: Dim('N')},))
    except Exception as error:  # anyone's network may raise anything
        if is_out_of_memory(error):
            raise
        raise InputError(f'the network cannot be exported: {error!s:.300}') from error


def _write_pt2(program: ExportedProgram, path: Path, about: dict[str, str]) -> None:
    content = BytesIO()  # torch warns of names that do not end in .pt2
    with _quiet():
        torch.export.save(program, content, extra_files={METADATA: json.dumps(about)})
    path.write_bytes(content.getbuffer())


def _write_onnx(program: ExportedProgram, path: Path, about: dict[str, str]) -> None:
    try:
        import onnx  # noqa: F401
        import onnxscript  # noqa: F401
    except ModuleNotFoundError as error:
        raise InputError(
            'an .onnx needs onnx and onnxscript: `pip install onnx onnxscript`, or write a .pt2'
        ) from error
    with _quiet():
        made = torch.onnx.export(
            program, input_names=[INPUT], output_names=[OUTPUT], dynamo=True, verbose=False
        )
    assert made is not None  # what it gives where no path is named
    made.model.metadata_props.update(about)
    made.save(str(path), external_data=False)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keeps the exporter from telling its users what only its authors can act on."""
    log = logging.getLogger('torch.onnx')
    level = log.level
    log.setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        try:
            yield
        finally:
            log.setLevel(level)
