import errno
import multiprocessing
import os
import signal
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from dbl.datasets import picture_store
from dbl.datasets.picture_store import PictureStore

SIZES = [3 * 4 * 5, 0, 3 * 7 * 3]


def picture(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8)


def test_gives_back_what_was_put():
    store = PictureStore(SIZES, budget=1)
    first, last = picture(5, 4), picture(3, 7)
    assert store.get(0) is None
    store.put(2, last)
    store.put(0, first)
    np.testing.assert_array_equal(store.get(0), first)
    np.testing.assert_array_equal(store.get(2), last)
    with pytest.raises(ValueError, match='read-only'):
        store.get(0)[0] = 0


def test_a_picture_of_another_size_than_its_header_said_has_no_place():
    store = PictureStore(SIZES, budget=1)
    store.put(0, picture(50, 40))
    store.put(1, picture(5, 4))
    assert store.get(0) is None
    assert store.get(1) is None


def test_pictures_beyond_the_budget_have_no_place():
    store = PictureStore([300] * 10, budget=1000e-9)
    for i in range(10):
        store.put(i, picture(10, 10))
    assert [store.get(i) is not None for i in range(10)] == [True] * 3 + [False] * 7
    assert PictureStore(SIZES, budget=0).get(0) is None


def test_processes_share_the_pictures_and_leave_nothing_behind():
    before = set(os.listdir('/dev/shm'))
    store = PictureStore(SIZES, budget=1)
    worker = multiprocessing.get_context('fork').Process(target=store.put, args=(0, picture(5, 4)))
    worker.start()
    worker.join()
    np.testing.assert_array_equal(store.get(0), picture(5, 4))
    assert not {name for name in set(os.listdir('/dev/shm')) - before if name.startswith('dbl-')}


def test_without_memory_pictures_are_decoded(monkeypatch, caplog):
    def no_room(*args):
        raise OSError(errno.ENOSPC, 'No space left on device')

    monkeypatch.setattr(picture_store.os, 'posix_fallocate', no_room)
    store = PictureStore(SIZES, budget=1)
    store.put(0, picture(5, 4))
    assert store.get(0) is None
    (message,) = caplog.messages
    assert 'No space left on device' in message
    assert 'memory_budget' in message


def test_half_of_the_memory_is_left_to_the_loaders(monkeypatch, caplog):
    usage = SimpleNamespace(free=2 * 312 - 1)  # with the shape, in whole eights
    monkeypatch.setattr(picture_store.shutil, 'disk_usage', lambda folder: usage)
    store = PictureStore([300], budget=1)
    store.put(0, picture(10, 10))
    assert store.get(0) is None
    assert 'less than twice as much is free' in caplog.messages[0]
    usage.free += 1
    assert PictureStore([300], budget=1).memory


def _get(store: PictureStore) -> None:
    if store.get(0) is not None:
        os.kill(os.getpid(), signal.SIGKILL)


def test_a_process_that_is_not_forked_decodes():
    store = PictureStore(SIZES, budget=1)
    store.put(0, picture(5, 4))
    worker = multiprocessing.get_context('spawn').Process(target=_get, args=(store,))
    worker.start()
    worker.join()
    assert worker.exitcode == 0


def _rank(rank: int, meeting: str) -> None:
    torch.distributed.init_process_group('gloo', f'file://{meeting}', rank=rank, world_size=2)
    store = PictureStore(SIZES, budget=1)
    if rank == 0:
        store.put(0, picture(5, 4))
    torch.distributed.barrier()
    np.testing.assert_array_equal(store.get(0), picture(5, 4))


def test_ranks_share_the_pictures(tmp_path):
    context = multiprocessing.get_context('spawn')
    ranks = [context.Process(target=_rank, args=(r, str(tmp_path / 'meeting'))) for r in range(2)]
    for rank in ranks:
        rank.start()
    for rank in ranks:
        rank.join(60)
    assert [rank.exitcode for rank in ranks] == [0, 0]
