import csv
import json
import os
import shutil
from collections import Counter, OrderedDict
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
import torchvision
from hypothesis import settings
from torch import nn

from dbl.config import load_config
from dbl.dataset_tools.build import build_coco, build_voc
from dbl.dataset_tools.published import published_subset
from dbl.dataset_tools.voc import CLASSES
from dbl.datasets import Annotations
from dbl.experiment import Experiment, build_experiment

ROOT = Path(__file__).parent.parent
SMALL = {
    'model.backbone': {'type': 'ConvNet', 'channels': [4, 8]},
    'train_dataloader.batch_size': 8,
    'train_dataloader.num_workers': 0,
    'test_dataloader.num_workers': 0,
    'image_size': 32,
    'epochs': 1,
}
if 'PYTEST_XDIST_WORKER' in os.environ:  # one of several: each takes one core
    os.environ.setdefault('OMP_NUM_THREADS', '1')  # of the trainings that tests start
    torch.set_num_threads(1)
# The suite draws the same examples each time, and a campaign others:
# `pytest tests/properties --hypothesis-profile campaign --hypothesis-show-statistics`
settings.register_profile('suite', max_examples=25, deadline=None, derandomize=True)
settings.register_profile('campaign', max_examples=1000, deadline=None)
settings.load_profile('suite')


def pytest_terminal_summary(terminalreporter) -> None:
    """Says which files take longest."""
    seconds = Counter[str]()
    for report in [report for kind in terminalreporter.stats.values() for report in kind]:
        if isinstance(report, pytest.TestReport):
            seconds[report.nodeid.split('::')[0]] += report.duration
    if seconds.total() > 60:
        terminalreporter.section('seconds by file')
        for file, taken in seconds.most_common(40):
            terminalreporter.line(f'{taken:7.1f}  {file}')


@pytest.fixture(scope='session')
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture
def shared() -> Path:
    """Real data and references, where they lie beside the checkout."""
    path = ROOT.parent / 'shared'
    if not path.is_dir():
        pytest.skip('no real data beside the checkout')
    return path


@pytest.fixture
def published(shared) -> Callable[[str], Annotations]:
    """Reads the labels of the published training sets, ``'voc_mlt'`` and ``'coco_mlt'``."""

    def read(name: str) -> Annotations:
        if name == 'voc_mlt':
            return build_voc(shared / 'VOCdevkit')[0]
        ids = [int(i) for i in published_subset(name).image_ids]
        train_json = shared / 'coco' / 'annotations' / 'instances_train2017_mlt.json'
        return build_coco(shared / 'coco', train_json=train_json, ids=ids)[0]

    return read


@pytest.fixture
def released_checkpoint() -> Callable[..., nn.Module]:
    """Writes a file of the form of the released code's ``epoch_8.pth``; returns its network.

    Its own parts in plain torch: a neck without ReLU, of which one layer is not used.
    """

    def write(path: Path, depth: int, num_classes: int) -> nn.Module:
        net = torchvision.models.get_model(f'resnet{depth}')
        width, net.fc = net.fc.in_features, nn.Identity()
        parts = {
            'backbone.': net,
            'neck.fc_hidden_1.': nn.Linear(width, 256),
            'neck.fc.': nn.Linear(width, 256),
            'neck.bn.': nn.BatchNorm1d(256),
            'head.fc_cls.': nn.Linear(256, num_classes),
        }
        parts['neck.bn.'].running_mean.normal_()
        state = OrderedDict(
            (prefix + key, value)
            for prefix, part in parts.items()
            for key, value in part.state_dict().items()
            if not key.endswith('num_batches_tracked')
        )
        meta = dict(epoch=8, iter=968, mmcv_version='0.2.13', time='now', CLASSES=('a', 'b'))
        optimizer = {'state': {}, 'param_groups': []}
        content = {'meta': meta, 'state_dict': state, 'optimizer': optimizer}
        torch.save(content, path, _use_new_zipfile_serialization=False)  # as torch 1.1 did
        del parts['neck.fc_hidden_1.']
        return nn.Sequential(*parts.values()).eval()

    return write


@pytest.fixture(scope='session')
def photos(tmp_path_factory) -> Path:
    """A data set of one's own: train.csv and test.csv with three classes, 40 and 8 pictures."""
    folder = tmp_path_factory.mktemp('photos')
    rng = np.random.default_rng(0)
    for split, count in (('train', 40), ('test', 8)):
        rows = [['image', 'cat', 'dog', 'owl']]
        for i in range(count):
            picture = rng.integers(0, 256, (40, 50, 3), dtype=np.uint8)
            cv2.imwrite(str(folder / f'{split}{i}.png'), picture)
            rows.append([f'{split}{i}.png', 1, i % 2, int(i % 4 == 0)])
        with (folder / f'{split}.csv').open('w', newline='') as file:
            csv.writer(file).writerows(rows)
    return folder


@pytest.fixture
def photo_folder(photos: Path, tmp_path: Path) -> Path:
    """A copy of ``photos`` that a test may change."""
    return shutil.copytree(photos, tmp_path, dirs_exist_ok=True)


@pytest.fixture
def make(root, photo_folder) -> Callable[..., Experiment]:
    """Builds a small experiment on a folder of pictures, five iterations an epoch for row ERM."""

    def make(row: str = 'erm', **options) -> Experiment:
        options = {'data_root': str(photo_folder), **SMALL, **options}
        return build_experiment(load_config(root / f'configs/custom/{row}.py', options))

    return make


@pytest.fixture
def write_class_files(tmp_path: Path) -> Callable[..., None]:
    """Writes class files of VOC for images that show, or show difficult objects of, classes."""

    def write(year: int, split: str, shown: list[set[int]], difficult=()) -> None:
        folder = tmp_path / 'VOCdevkit' / f'VOC{year}' / 'ImageSets' / 'Main'
        folder.mkdir(parents=True)
        for c, name in enumerate(CLASSES):
            lines = [
                f'{year}_{i:06d} {1 if c in classes else 0 if (i, c) in difficult else -1:2d}\n'
                for i, classes in enumerate(shown)
            ]
            (folder / f'{name}_{split}.txt').write_text(''.join(lines))

    return write


@pytest.fixture
def devkit(write_class_files, tmp_path: Path) -> Path:
    """Ten images a year: image i shows class i, and image 9 difficult objects of class 0."""
    for year, split in ((2012, 'trainval'), (2007, 'test')):
        write_class_files(year, split, [{i} for i in range(10)], difficult={(9, 0)})
    return tmp_path / 'VOCdevkit'


@pytest.fixture
def write_run() -> Callable[..., Path]:
    """Writes the files of a finished run of three classes: one head, one medium, one tail."""

    def write(
        folder: Path,
        ap=(0.75, 0.5, 0.25),
        seed=0,
        version='1.0',
        class_freq=(120, 30, 4),
        more=(),
        **given,
    ) -> Path:
        classes = ('cat', 'dog', 'owl')
        means = zip(('total', 'head', 'medium', 'tail'), (np.mean(ap), *ap), strict=True)
        metrics = {f'mAP/{group}': float(mean) for group, mean in means}
        metrics |= {f'AP/{name}': value for name, value in zip(classes, ap, strict=True)}
        model = {'backbone': {'depth': 50}, 'head': {'loss': {'type': 'BCELoss'}}}
        metrics |= dict(more)
        given = {'seed': seed, 'metric': {'type': 'MultiLabelMetric'}, 'model': model, **given}
        metric = {**given['metric'], 'class_freq': class_freq, 'num_images': 130}
        run = {
            'given': given,
            'resolved': {**given, 'metric': metric, 'iterations_per_epoch': 7},
            'classes': classes,
            'starts': [{'at': '2026-01-02T03:04:05+00:00', 'dbl': version, 'torch': '2.6'}],
            'seconds': 61.0,
        }
        folder.mkdir(parents=True)
        (folder / 'metrics.json').write_text(json.dumps(metrics))
        (folder / 'run.json').write_text(json.dumps(run))
        return folder

    return write
