"""Runs a backbone once over all pictures of a data set, and keeps its features in matrices."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader

from dbl.dataset_tools.feature_files import make_room, write_labels
from dbl.datasets.multi_label import MultiLabelDataset
from dbl.experiment import TrainingExperiment
from dbl.files import whole_file
from dbl.freed_memory import keep_freed_memory
from dbl.samplers import Draw
from dbl.training.loaders import use_one_core

Pool = Literal['mean', 'max']
Each = Callable[[int], None]


def pass_over(count: int) -> None:
    """Does nothing with the number of pictures that are done."""


def extract(
    experiment: TrainingExperiment,
    out: Path,
    views: int = 0,
    pool: Pool = 'mean',
    each: Each = pass_over,
) -> dict[str, tuple[int, ...]]:
    """Writes the features of each split, ``<split>.npy``, (N, K, D), and its labels.

    :class:`~dbl.datasets.FeatureMatrix` reads them.

    Args:
        experiment: Whose backbone, pictures and transforms are taken.
        out: Folder to write to.
        views: Views of each training picture, K, drawn as in training. With 0 there is one, as
            pictures are tested, which is what the other splits have.
        pool: How a map of features becomes a vector.
        each: Called after every batch with the number of its pictures.

    Returns:
        The shape of each matrix, by split.

    Raises:
        InputError: The folder holds files of one's own, or cannot be written to.
    """
    make_room(out)
    keep_freed_memory()
    return {
        split: _write(experiment, dataset, out / f'{split}.npy', count, pool, each)
        for split, (dataset, count) in datasets_of(experiment, views).items()
    }


def datasets_of(
    experiment: TrainingExperiment, views: int
) -> dict[str, tuple[MultiLabelDataset, int]]:
    """The data sets of an experiment, and how many views of each picture are drawn; 0: none is."""
    test, train = experiment.test_loader.dataset, experiment.train_loader.dataset
    as_tested = MultiLabelDataset(
        train.source, test.pipeline, test.batch_pipeline, batched=bool(test.batch_pipeline)
    )
    found = {'train': (train if views else as_tested, views), 'test': (test, 0)}
    if experiment.val_loader is not None:
        found['val'] = experiment.val_loader.dataset, 0
    return found


def _write(
    experiment: TrainingExperiment,
    dataset: MultiLabelDataset,
    path: Path,
    views: int,
    pool: Pool,
    each: Each,
) -> tuple[int, ...]:
    write_labels(path.with_suffix('.json'), dataset.source.annotations, dataset.source.name)
    matrix: np.memmap | None = None
    with whole_file(path) as part:
        for view in range(max(views, 1)):
            start = 0
            for features in _features(experiment, dataset, view, pool):
                if matrix is None:  # whose width the first batch tells
                    matrix = _mapped(part, (len(dataset), max(views, 1), features.shape[1]))
                matrix[start : start + len(features), view] = features
                start += len(features)
                each(len(features))
        assert matrix is not None  # a source is never empty
        matrix.flush()
    return matrix.shape


def _mapped(path: Path, shape: tuple[int, ...]) -> np.memmap:
    """A new matrix on the disk, whose room is taken at once: a full disk would kill a process."""
    matrix = np.lib.format.open_memmap(path, 'w+', np.float32, shape)
    if hasattr(os, 'posix_fallocate'):
        with path.open('rb+') as file:
            os.posix_fallocate(file.fileno(), 0, path.stat().st_size)
    return matrix


@torch.inference_mode()
def _features(
    experiment: TrainingExperiment, dataset: MultiLabelDataset, view: int, pool: Pool
) -> Iterator[np.ndarray]:
    """The features of all pictures, in order, a batch at a time."""
    seed, part = experiment.config.seed, experiment.config.test_dataloader
    draws = [Draw(i, seed, epoch=view, position=i) for i in range(len(dataset))]
    loader = DataLoader(
        dataset, part.batch_size, sampler=draws, num_workers=part.num_workers,
        generator=torch.Generator(), worker_init_fn=use_one_core,
    )  # fmt: skip
    backbone = experiment.model.backbone.eval()
    for batch in loader:
        found = backbone(dataset.prepare(batch, experiment.device))
        yield pooled(found, pool).float().cpu().numpy()


def pooled(features: Tensor, pool: Pool) -> Tensor:
    """Pools a map of features to a vector, and leaves a vector as it is.

    Shape:
        - features: :math:`(N, D, H, W)` or :math:`(N, D)`. Output: :math:`(N, D)`.

    >>> pooled(torch.tensor([[[[1.0, 3.0]]]]), 'max').tolist()
    [[3.0]]
    """
    if features.ndim == 2:
        return features
    return features.amax(dim=(2, 3)) if pool == 'max' else features.mean(dim=(2, 3))
