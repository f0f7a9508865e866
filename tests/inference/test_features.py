import errno
import sys

import numpy as np
import pytest
import torch

from dbl.commands.features import main
from dbl.config import load_config
from dbl.datasets import FeatureMatrix
from dbl.errors import InputError
from dbl.experiment import build_experiment
from dbl.inference.extract import extract
from dbl.training.loop import train


def test_features_of_a_frozen_backbone_train_any_row(make, root, tmp_path):
    experiment = make(val_fraction=0.2)
    shapes = extract(experiment, tmp_path / 'features', views=3)
    assert shapes['train'][1:] == (3, 8)
    assert shapes['test'] == (8, 1, 8)
    assert shapes['train'][0] + shapes['val'][0] == 40
    options = {'data_root': str(tmp_path / 'features'), 'train_dataloader.batch_size': 8,
               'val_source.ann_file': 'val', 'epochs': 1}  # fmt: skip
    config = load_config(root / 'configs/features/db_focal.py', options)
    metrics = train(build_experiment(config), tmp_path / 'run')
    assert {'mAP/total', 'val/mAP/total'} <= metrics.keys()


def test_test_features_are_those_of_the_network(make, tmp_path):
    experiment = make()
    extract(experiment, tmp_path / 'features')
    (batch,) = list(experiment.test_loader)
    with torch.inference_mode():
        images = experiment.test_loader.dataset.prepare(batch, experiment.device)
        expected = experiment.model.backbone.eval()(images).mean(dim=(2, 3)).cpu()
    found = FeatureMatrix('test', str(tmp_path / 'features'))
    np.testing.assert_allclose(found.features[:, 0], expected, atol=1e-6)
    assert found.annotations.image_paths[:2] == ['test0.png', 'test1.png']
    assert len(FeatureMatrix('train', str(tmp_path / 'features')).read(0)) == 1


def test_views_are_augmented_and_the_same_at_each_run(make, tmp_path):
    for name in ('one', 'other'):
        extract(make(), tmp_path / name, views=2, pool='max')
    one, other = (FeatureMatrix('train', str(tmp_path / name)) for name in ('one', 'other'))
    np.testing.assert_array_equal(one.features, other.features)
    assert abs(one.features[:, 0] - one.features[:, 1]).max() > 0


def test_the_command_says_what_it_wrote(photo_folder, tmp_path, monkeypatch, capsys):
    out = tmp_path / 'features'
    backbone = "model.backbone={'type':'ConvNet','channels':[4,8]}"
    options = [f'data_root={photo_folder}', backbone, 'image_size=32',
               'train_dataloader.num_workers=0', 'test_dataloader.num_workers=0',
               'train_dataloader.batch_size=8']  # fmt: skip
    command = ['features', 'custom/erm', '--views', '2', '--out', str(out)]
    monkeypatch.setattr(sys, 'argv', [*command, '--cfg-options', *options])
    main()
    first, second, last = capsys.readouterr().out.splitlines()
    assert first == f'{out}/train.npy: 40 x 2 x 8'
    assert second == f'{out}/test.npy: 8 x 1 x 8'
    assert 'python -m dbl train features/ROW' in last


def test_labels_that_are_no_features_are_not_replaced(photo_folder, monkeypatch):
    monkeypatch.setattr(sys, 'argv', ['features', 'custom/erm', '--out', str(photo_folder)])
    with pytest.raises(SystemExit):
        main()
    assert (photo_folder / 'train.csv').read_text().startswith('image,')
    with pytest.raises(InputError):
        FeatureMatrix('train', str(photo_folder))


def test_features_of_ones_own_are_not_replaced(make, tmp_path):
    out = tmp_path / 'own'
    out.mkdir()
    for name in ('train.npy', 'val.npz'):
        (out / name).write_text('precious')
        with pytest.raises(InputError, match=f"{name}' is there already"):
            extract(make(), out)
        assert (out / name).read_text() == 'precious'
        (out / name).unlink()


def test_nothing_is_left_of_the_features_before(make, tmp_path):
    extract(make(val_fraction=0.2), tmp_path / 'out')
    extract(make(), tmp_path / 'out')
    names = sorted(path.name for path in (tmp_path / 'out').iterdir())
    assert names == ['test.json', 'test.npy', 'train.json', 'train.npy']


def test_an_interruption_leaves_no_half_of_a_matrix(make, tmp_path):
    def interrupt(count):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        extract(make(), tmp_path / 'out', each=interrupt)
    assert [path.name for path in (tmp_path / 'out').iterdir()] == ['train.json']
    extract(make(), tmp_path / 'out')
    assert FeatureMatrix('test', str(tmp_path / 'out')).channels == 8


def test_a_full_disk_is_named(make, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, 'No space left on device')

    monkeypatch.setattr('os.posix_fallocate', full)
    with pytest.raises(InputError, match=r"cannot write '.*train.npy': No space left on device"):
        extract(make(), tmp_path / 'out')


def test_features_do_not_replace_what_they_are_made_of(tmp_path, monkeypatch, capsys):
    from dbl.commands import features
    from dbl.dataset_tools.feature_files import write_labels
    from dbl.datasets import Annotations

    for split in ('train', 'test'):
        paths = [f'{split}{i}.jpg' for i in range(12)]
        labels = Annotations(['a', 'b'], paths, [[i % 2] for i in range(12)])
        write_labels(tmp_path / f'{split}.json', labels, 'another network')
        np.save(tmp_path / f'{split}.npy', np.eye(12, dtype=np.float32))
    options = [f'data_root={tmp_path}', 'train_dataloader.batch_size=4']
    command = ['features', 'features/erm', '--out', str(tmp_path), '--cfg-options', *options]
    monkeypatch.setattr(sys, 'argv', command)
    with pytest.raises(SystemExit):
        features.main()
    assert 'is the folder of' in capsys.readouterr().err
    assert np.load(tmp_path / 'train.npy').shape == (12, 12)
