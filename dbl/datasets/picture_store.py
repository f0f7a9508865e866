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

    Each picture has its place from the start, filled by the process that decodes it first. All
    processes must make the store at the same time. Pictures beyond the budget have no place; no
    picture has one if the memory cannot be had. The last process to end frees the memory.

    Args:
        num_bytes: Bytes of each picture, height x width x 3, or 0 for one not to be held.
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
        """Returns a picture if a process has put it here: (H, W, 3), uint8, read-only."""
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
        """Keeps a picture if it has a place: (H, W, 3), uint8."""
        if not 0 < image.nbytes <= self.sizes[index] - SHAPE:
            return
        start = int(self.starts[index]) + SHAPE
        np.frombuffer(self.memory, np.uint8, image.nbytes, start)[:] = image.ravel()
        # Last, since a picture is not whole while its width is 0.
        self._shape(index)[:] = image.shape[:2]

    def _shape(self, index: int) -> np.ndarray:
        return np.frombuffer(self.memory, np.int32, 2, int(self.starts[index]))

    def __getstate__(self) -> dict:
        """Gives a process that is not forked a store without places, so that it decodes."""
        return {**self.__dict__, 'memory': b'', 'sizes': np.zeros_like(self.sizes)}


def shared_memory(num_bytes: int) -> mmap.mmap | None:
    """Makes memory, all zero, that this machine's processes share. All of them must call it.

    It is a file without a name, so that nothing stays behind however a process ends.

    Returns:
        The memory, or None if none is asked for or there is too little.
    """
    name = broadcast(f'dbl-{uuid4().hex}')
    folder = Path('/dev/shm')
    path = (folder if folder.is_dir() else Path(tempfile.gettempdir())) / name
    memory = _mapped(path, num_bytes) if num_bytes else None
    barrier()
    with suppress(OSError):  # another process has done so, or Windows keeps it
        path.unlink()
    return memory


def _mapped(path: Path, num_bytes: int) -> mmap.mmap | None:
    try:
        # The loaders' batches need room there, too. Another process may have made the file.
        if not path.exists() and num_bytes > shutil.disk_usage(path.parent).free / 2:
            raise OSError(errno.ENOSPC, 'less than twice as much is free')
        with path.open('a+b') as file:
            # Reserved, since writing to a file without room would end the process.
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
