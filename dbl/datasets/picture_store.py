"""Memory for decoded pictures that all processes of a machine share."""

import errno
import logging
import mmap
import os
import shutil
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import numpy as np

from dbl.training.distributed import barrier, broadcast

SHAPE = 2 * np.dtype(np.int32).itemsize  # height and width, before each picture's bytes
GB = 1e9


class PictureStore:
    """Decoded pictures in memory that all processes of a machine share.

    Each picture has its place from the start, and whichever process decodes it first fills it; all
    processes have to make the store at the same time. Pictures beyond the budget have no place, nor
    has any where the memory cannot be had. The memory goes with the last process that uses it.

    Args:
        num_bytes: Bytes of each picture, height x width x 3; 0 for one that is not to be held.
        budget: Most memory to take, in GB.

    >>> store = PictureStore([3 * 40 * 50], budget=0.1)
    >>> store.put(0, np.zeros((40, 50, 3), np.uint8))
    >>> store.get(0).shape
    (40, 50, 3)
    """

    def __init__(self, num_bytes: Sequence[int], budget: float) -> None:
        sizes = np.array(num_bytes, dtype=np.int64)
        sizes[sizes > 0] += SHAPE + -sizes[sizes > 0] % SHAPE  # shapes stay aligned
        ends = np.cumsum(sizes)
        self.sizes = np.where(ends <= budget * GB, sizes, 0)
        self.starts = ends - sizes
        memory = shared_memory(int(self.sizes.sum()))
        if memory is None:
            self.sizes[:] = 0
        self.memory: mmap.mmap | bytes = b'' if memory is None else memory

    def get(self, index: int) -> np.ndarray | None:
        """Returns a picture, (H, W, 3), uint8, read-only, if a process has put it here."""
        if self.sizes[index] == 0:
            return None
        height, width = self._shape(index)
        if width == 0:
            return None
        start = int(self.starts[index]) + SHAPE
        flat = np.frombuffer(self.memory, np.uint8, height * width * 3, start)
        flat.flags.writeable = False
        return flat.reshape(height, width, 3)

    def put(self, index: int, image: np.ndarray) -> None:
        """Keeps a picture, (H, W, 3), uint8, if it has a place."""
        if not 0 < image.nbytes <= self.sizes[index] - SHAPE:
            return
        start = int(self.starts[index]) + SHAPE
        np.frombuffer(self.memory, np.uint8, image.nbytes, start)[:] = image.ravel()
        # Last: a picture whose width is 0 is not whole yet.
        self._shape(index)[:] = image.shape[:2]

    def _shape(self, index: int) -> np.ndarray:
        return np.frombuffer(self.memory, np.int32, 2, int(self.starts[index]))

    def __getstate__(self) -> dict:
        """A process that is not forked gets a store without places: it decodes."""
        return {**self.__dict__, 'memory': b'', 'sizes': np.zeros_like(self.sizes)}


def shared_memory(num_bytes: int) -> mmap.mmap | None:
    """Makes memory, all zero, for all of this machine's processes, which all have to call it.

    It is a file without a name, so that nothing is left behind however a process ends.

    Returns:
        The memory; None where none is asked for or there is not that much.
    """
    name = broadcast(f'dbl-{uuid4().hex}')
    folder = Path('/dev/shm')
    path = (folder if folder.is_dir() else Path(tempfile.gettempdir())) / name
    memory = _mapped(path, num_bytes) if num_bytes else None
    barrier()
    with suppress(OSError):  # the first process has, or Windows, which keeps it
        path.unlink()
    return memory


def _mapped(path: Path, num_bytes: int) -> mmap.mmap | None:
    try:
        # The loaders' batches lie there, too. Another process may have made the file.
        if not path.exists() and num_bytes > shutil.disk_usage(path.parent).free / 2:
            raise OSError(errno.ENOSPC, 'less than twice as much is free')
        with path.open('a+b') as file:
            # Reserved, since writing to a file that has no room would end the process.
            if hasattr(os, 'posix_fallocate'):
                os.posix_fallocate(file.fileno(), 0, num_bytes)
            else:
                file.truncate(num_bytes)
            return mmap.mmap(file.fileno(), num_bytes)
    except OSError as error:
        logging.getLogger('dbl').warning(
            f'{num_bytes / GB:.1f} GB for decoded pictures cannot be had in {path.parent} '
            f'({error.strerror}): pictures are decoded at each use. Lower '
            'train_dataloader.dataset.memory_budget, or give containers more --shm-size.'
        )
        return None
