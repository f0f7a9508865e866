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
        expected = experiment.model.backbone.eval()(batch['images']).mean(dim=(2, 3))
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
