"""How fast one process makes training batches, by order of the steps and what is kept decoded."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from torch.utils.data import default_collate

from dbl.benchmarks.alternating import alternate, compared
from dbl.datasets import AnnotatedFiles
from dbl.datasets.multi_label import MultiLabelDataset
from dbl.freed_memory import keep_freed_memory
from dbl.samplers import Draw
from dbl.transforms import (
    Normalize,
    PhotometricDistortion,
    RandomCrop,
    RandomFlip,
    ReferenceTransform,
    Resize,
)

BATCH = 32
PIPELINES: dict[str, Any] = dict(
    pipeline=[RandomCrop(), Resize(224)],
    batch_pipeline=[RandomFlip(), PhotometricDistortion(), Normalize()],
)
VARIANTS: dict[str, dict[str, Any]] = {
    'reference': dict(pipeline=[ReferenceTransform(224)]),
    'crop first': PIPELINES,
    'crop first, held decoded': dict(**PIPELINES, memory_budget=4),
    'the same, the rest on a GPU': dict(**PIPELINES, memory_budget=4, batched=True),
}


def write_pictures(folder: Path, count: int = 64) -> None:
    """Writes a data set of JPEG files of 500 x 375 pixels, about 75 KB each, like those of VOC."""
    generator = np.random.default_rng(0)
    lines = ['image,a']
    for i in range(count):
        scales = [(8, 6, 90), (40, 30, 40), (500, 375, 12)]
        layers = [
            cv2.resize(generator.normal(0, s, (h, w, 3)), (500, 375), interpolation=cv2.INTER_CUBIC)
            for w, h, s in scales
        ]
        picture = np.clip(110 + sum(layers), 0, 255).astype(np.uint8)
        cv2.imwrite(str(folder / f'{i}.jpg'), picture, [cv2.IMWRITE_JPEG_QUALITY, 85])
        lines.append(f'{i}.jpg,1')
    for split in ('train', 'test'):
        (folder / f'{split}.csv').write_text('\n'.join(lines), encoding='utf-8')


def measure_input(folder: Path, repetitions: int = 9) -> list[dict]:
    """Measures each variant on two batches of a folder's pictures, in this process."""
    cv2.setNumThreads(1)
    keep_freed_memory()  # as a training does
    functions = {name: _batches(folder, **options) for name, options in VARIANTS.items()}
    return compared(alternate(functions, repetitions), 2 * BATCH, 'images')


def _batches(folder: Path, **options) -> Callable[[], None]:
    dataset = MultiLabelDataset(AnnotatedFiles('train', data_root=str(folder)), **options)
    dataset.share_pictures()

    def make() -> None:
        for batch in range(2):
            positions = range(batch * BATCH, (batch + 1) * BATCH)
            default_collate([dataset[Draw(p % len(dataset), 0, 0, p)] for p in positions])

    return make
