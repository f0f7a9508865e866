"""The loaders of an experiment, and their worker processes."""

import sys
from collections.abc import Iterator, Mapping, Sized
from typing import Any, Generic, TypeVar

import cv2
import numpy as np
import torch
from torch.utils.data import DataLoader, Sampler, default_collate
from torch.utils.data.dataloader import _BaseDataLoaderIter, _MultiProcessingDataLoaderIter

from dbl.datasets.multi_label import MultiLabelDataset
from dbl.datasets.one_size import check_one_size
from dbl.freed_memory import keep_freed_memory
from dbl.nested import mapped
from dbl.training.distributed import rank_and_world_size
from dbl.training.stop_signals import blocked_signals, leave_signals_to_the_parent

Order = TypeVar('Order', bound=Sampler)


class Loader(DataLoader, Generic[Order]):
    """torch's loader, which starts its workers with the stop signals held back."""

    dataset: MultiLabelDataset
    sampler: Order
    batch_size: int

    def __iter__(self) -> _BaseDataLoaderIter:
        with blocked_signals():
            return super().__iter__()

    def end_workers(self) -> None:
        """Ends the processes that stay from epoch to epoch.

        Left to the garbage collector, which may close the queues first, each would be waited for in
        vain for five seconds.
        """
        iterator, self._iterator = self._iterator, None
        if isinstance(iterator, _MultiProcessingDataLoaderIter):
            iterator._shutdown_workers()


class InOrder(Sampler[int]):
    """Yields every image once, in order, or this process's share of them.

    All shares have the same length, so the last images may be the first ones again.
    :func:`dbl.training.evaluate.in_order` drops these.
    """

    def __init__(self, dataset: Sized) -> None:
        self.count = len(dataset)
        self.rank, self.world_size = rank_and_world_size()

    def __iter__(self) -> Iterator[int]:
        padded = len(self) * self.world_size
        return (i % self.count for i in range(self.rank, padded, self.world_size))

    def __len__(self) -> int:
        return -(-self.count // self.world_size)


def build_loader(
    dataset: MultiLabelDataset, sampler: Order, part: Mapping[str, Any], training: bool
) -> Loader[Order]:
    """Builds a loader of ``batch_size`` images, made by ``num_workers`` processes.

    In training the processes stay from epoch to epoch, and images that do not fill a batch are
    dropped.
    """
    workers = part['num_workers']
    return Loader(
        dataset,
        part['batch_size'],
        sampler=sampler,
        num_workers=workers,
        drop_last=training,
        pin_memory=torch.cuda.is_available(),
        persistent_workers=workers > 0 and training,
        worker_init_fn=_start_worker,
        multiprocessing_context='fork' if workers and sys.platform == 'linux' else None,
        # So that the global random numbers are the model's alone.
        generator=torch.Generator(),
        collate_fn=join_items,
    )


def join_items(items: list[dict[str, Any]]) -> dict[str, Any]:
    """Joins items to a batch, as torch does, but leaves what was drawn for them in arrays.

    A worker puts each tensor into shared memory of its own. For a few numbers that costs far more
    than copying them.

    Raises:
        InputError: The pictures differ in size.
    """
    check_one_size(item[key] for item in items for key in ('images', 'pictures') if key in item)
    batch = default_collate(items)
    return {**batch, 'draws': mapped(batch['draws'], np.asarray)} if 'draws' in batch else batch


def use_one_core(worker: int) -> None:
    """Gives a worker that decodes pictures one thread, and lets it keep freed memory."""
    cv2.setNumThreads(1)
    keep_freed_memory()


def _start_worker(worker: int) -> None:
    use_one_core(worker)
    leave_signals_to_the_parent()
