"""The data set of a run: the transformed pictures of a source, and their multi-hot labels."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from scipy.sparse import csr_array
from torch import Tensor
from torch.utils.data import Dataset

from dbl.datasets.picture_store import PictureStore
from dbl.datasets.source import Source
from dbl.nested import mapped
from dbl.samplers import Draw
from dbl.transforms import BatchedTransform, Transform


class MultiLabelDataset(Dataset):
    """Images with multi-hot labels, as a network takes them.

    An item is a dict of ``images`` (3, H, W), ``targets`` (C,), multi-hot, and ``img_path``. The
    index of a training item is a :class:`~dbl.samplers.Draw`, whose numbers its transforms use.
    With ``batched``, an item has ``pictures`` (H, W, 3), BGR, uint8, and ``draws``, the parameters
    of each transform of the batch, instead of ``images``.

    Args:
        source: The pictures and labels.
        pipeline: Transforms of the decoded image, (H, W, 3), BGR, uint8.
        batch_pipeline: Transforms after these, which can be applied to a whole batch.
        memory_budget: Most memory for decoded pictures, in GB. The rest are decoded at each use.
        batched: Whether the device applies ``batch_pipeline``, to whole batches. An item then only
            draws its parameters; the numbers are the same.

    >>> from dbl.datasets import ShapesMLT
    >>> from dbl.transforms import Normalize, Resize
    >>> data = MultiLabelDataset(ShapesMLT('test'), [Resize(32)], [Normalize()])
    >>> len(data), data[7]['images'].shape, data[7]['targets'].shape, data[7]['img_path']
    (2000, torch.Size([3, 32, 32]), torch.Size([24]), 'scene 7')
    """

    def __init__(
        self,
        source: Source,
        pipeline: Sequence[Transform] = (),
        batch_pipeline: Sequence[BatchedTransform] = (),
        memory_budget: float = 0,
        batched: bool = False,
    ) -> None:
        if not memory_budget >= 0:
            raise ValueError(f'memory_budget must be at least 0 GB, but got {memory_budget}')
        self.source = source
        here = () if batched else batch_pipeline
        self.pipeline = [*pipeline, *here]
        self.batch_pipeline = batch_pipeline if batched else ()
        self.memory_budget = memory_budget
        self.store: PictureStore | None = None

    def __len__(self) -> int:
        return len(self.source.annotations)

    @property
    def classes(self) -> list[str]:
        """The class names."""
        return self.source.annotations.classes

    @property
    def labels(self) -> csr_array:
        """The labels, (N, C), multi-hot, sparse."""
        return self.source.annotations.labels

    @property
    def class_freq(self) -> list[int]:
        """Images of each class, n_i."""
        return self.source.annotations.class_freq

    def wider_than_high(self) -> np.ndarray:
        """Finds which images are wider than high, (N,)."""
        return self.source.wider_than_high()

    def share_pictures(self) -> None:
        """Lets the processes of this machine share each picture that one of them has decoded.

        All processes must call this at the same time, and workers must be forked after it.
        """
        if self.memory_budget > 0:
            self.store = PictureStore(self.source.picture_bytes(), self.memory_budget)

    def picture(self, index: int) -> np.ndarray:
        """Takes an image from memory, or reads it: (H, W, 3), BGR, uint8, read-only."""
        held = self.store.get(index) if self.store else None
        if held is not None:
            return held
        image = self.source.read(index)
        if self.store:
            self.store.put(index, image)
        return image

    def __getitem__(self, index: int | Draw) -> dict[str, Tensor | str]:
        draw = index if isinstance(index, Draw) else Draw(index, position=index)
        generator = draw.generator()
        image = self.picture(draw)
        for transform in self.pipeline:
            image = transform.apply(image, transform.draw(generator))
        annotations = self.source.annotations
        targets = torch.zeros(len(annotations.classes))
        targets[annotations.label_indices[draw]] = 1
        labels = {'targets': targets, 'img_path': annotations.image_paths[draw]}
        return {**self._tensors(image, generator), **labels}

    def _tensors(self, image: np.ndarray, generator: np.random.Generator) -> dict:
        if self.batch_pipeline:
            draws = [transform.draw(generator) for transform in self.batch_pipeline]
            # Torch wants it writeable; a picture held in memory is not.
            image = np.require(image, requirements=['C', 'W'])
            return {'pictures': torch.from_numpy(image), 'draws': draws}
        return {'images': torch.from_numpy(np.ascontiguousarray(image.transpose(2, 0, 1)))}

    def prepare(self, batch: Mapping[str, Any], device: torch.device) -> Tensor:
        """Moves a batch's images to a device, and applies there what was left to it.

        Shape:
            - Output: :math:`(N, 3, H, W)`, normalised.
        """
        if not self.batch_pipeline:
            return batch['images'].to(device, non_blocking=True)
        pictures = batch['pictures'].to(device, non_blocking=True)
        images = pictures.permute(0, 3, 1, 2).float()
        for transform, draws in zip(self.batch_pipeline, batch['draws'], strict=True):
            images = transform.apply_batch(images, moved(draws, device))
        return images


def moved(batch: Any, device: torch.device, copy: bool = False) -> Any:
    """Moves a batch's tensors and arrays to a device, as tensors, wherever they lie in it.

    With ``copy`` those that are there already are copied.

    >>> moved([torch.zeros(2), (torch.ones(1), 'a')], torch.device('meta'))
    [tensor(..., device='meta', size=(2,)), (tensor(..., device='meta', size=(1,)), 'a')]
    """

    def move(own: Tensor | np.ndarray) -> Tensor:
        return torch.as_tensor(own).to(device, non_blocking=True, copy=copy)

    return mapped(batch, move)
