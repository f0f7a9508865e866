from multiprocessing import active_children

import numpy as np
import pytest
import torch
from torch.utils.data import default_collate
from whole_batches import leave_to_device

from dbl.errors import InputError
from dbl.training.loaders import InOrder, join_items
from dbl.training.loop import train


@pytest.mark.parametrize(('rank', 'share'), [(0, [0, 2, 4, 6]), (1, [1, 3, 5, 0])])
def test_shares_of_the_test_set_are_of_one_length(monkeypatch, rank, share):
    """Seven images: a process that waited for another's eighth would wait for ever."""
    monkeypatch.setattr('dbl.training.loaders.rank_and_world_size', lambda: (rank, 2))
    sampler = InOrder(range(7))
    assert list(sampler) == share
    assert len(sampler) == 4


@pytest.mark.parametrize('workers', [0, 1])
def test_batches_left_to_a_device_give_the_same_images(make, workers):
    """Their draws come in arrays, whichever process makes them."""
    options = {'train_dataloader.num_workers': workers}
    here, there = make(**options), make(**options)
    leave_to_device(there.train_loader.dataset, there.config)
    (one, *_), (other, *_) = (list(experiment.train_loader) for experiment in (here, there))
    assert isinstance(other['draws'][1].brightness, np.ndarray)
    images = there.train_loader.dataset.prepare(other, torch.device('cpu'))
    torch.testing.assert_close(images, one['images'], rtol=0, atol=0.01)
    assert torch.equal(one['targets'], other['targets'])


def test_no_worker_outlives_its_training(make, tmp_path):
    """Those that nobody ended made the next training wait five seconds for each."""
    before, workers = set(active_children()), []

    def note(experiment, iteration):
        workers.append(set(active_children()) - before)

    train(make(epochs=2, **{'train_dataloader.num_workers': 2}), tmp_path, after_epoch=[note])
    assert len(workers[0]) == 2
    assert workers[0] == workers[1], 'they stay from epoch to epoch'
    assert set(active_children()) <= before


@pytest.mark.parametrize('key', ['images', 'pictures'])
def test_pictures_of_several_sizes_are_refused(key):
    items = [{key: torch.ones(3, 4, width)} for width in (5, 6)]
    with pytest.raises(InputError, match=r'shapes \(3, 4, 5\) and \(3, 4, 6\) after .* as Resize'):
        join_items(items)


def test_without_draws_items_are_joined_as_torch_does():
    items = [{'images': torch.ones(2), 'img_path': name} for name in 'ab']
    joined, expected = join_items(items), default_collate(items)
    assert joined.keys() == expected.keys()
    assert torch.equal(joined['images'], expected['images'])
