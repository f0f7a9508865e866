import csv
from pathlib import Path

import cv2
import numpy as np
import pytest
from mmengine.registry import init_default_scope

ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def _scope() -> None:
    init_default_scope('dbl')


@pytest.fixture
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
def photo_folder(tmp_path: Path) -> Path:
    """A data set of one's own: train.csv and test.csv with three classes, 40 and 8 pictures."""
    rng = np.random.default_rng(0)
    for split, count in (('train', 40), ('test', 8)):
        rows = [['image', 'cat', 'dog', 'owl']]
        for i in range(count):
            picture = rng.integers(0, 256, (40, 50, 3), dtype=np.uint8)
            cv2.imwrite(str(tmp_path / f'{split}{i}.png'), picture)
            rows.append([f'{split}{i}.png', 1, i % 2, int(i % 4 == 0)])
        with (tmp_path / f'{split}.csv').open('w', newline='') as file:
            csv.writer(file).writerows(rows)
    return tmp_path
