"""A training builds each part once, whether it starts or goes on."""

from collections import Counter
from functools import wraps

import pytest

from dbl.commands import train
from dbl.datasets import AnnotatedFiles
from dbl.datasets.multi_label import MultiLabelDataset
from dbl.evaluation import MultiLabelMetric
from dbl.losses import DistributionBalancedLoss
from dbl.models import ConvNet, LinearHead, MultiLabelClassifier, PooledLinear
from dbl.samplers import ClassAwareSampler
from dbl.training.loaders import Loader
from dbl.training.rate import StepDecay

ONCE = (
    MultiLabelClassifier,
    ConvNet,
    PooledLinear,
    LinearHead,
    DistributionBalancedLoss,
    ClassAwareSampler,
    MultiLabelMetric,
    StepDecay,
)
TWICE = (AnnotatedFiles, MultiLabelDataset, Loader)  # training and test


@pytest.fixture
def built(monkeypatch) -> Counter:
    """Counts what is built from here on."""
    counts: Counter = Counter()
    for part in (*ONCE, *TWICE):
        make = part.__init__

        @wraps(make)
        def count(self, *args, make=make, part=part, **kwargs) -> None:
            counts[part] += type(self) is part
            make(self, *args, **kwargs)

        monkeypatch.setattr(part, '__init__', count)
    return counts


@pytest.mark.parametrize('resume', [False, True], ids=['start', 'resume'])
def test_each_part_is_built_once(built, root, photo_folder, tmp_path, monkeypatch, resume):
    options = f'data_root={photo_folder} model.backbone.type=ConvNet model.backbone.channels=[4] '
    options += 'train_dataloader.batch_size=8 train_dataloader.num_workers=0 '
    options += 'test_dataloader.num_workers=0 image_size=32 epochs=1'
    command = [
        'train.py',
        str(root / 'configs/custom/db_focal.py'),
        '--work-dir',
        str(tmp_path / 'a'),
    ]
    command += ['--cfg-options', *options.split()]
    monkeypatch.setattr('sys.argv', command)
    if resume:
        train.main()
        built.clear()
        monkeypatch.setattr('sys.argv', [*command, 'epochs=2', '--resume'])
    train.main()
    assert built == {**dict.fromkeys(ONCE, 1), **dict.fromkeys(TWICE, 2)}
