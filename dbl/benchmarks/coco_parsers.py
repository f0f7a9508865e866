"""How long each parser takes to read a generated COCO file of train2017's size."""

import importlib.util
import json
import random
from collections.abc import Iterable
from pathlib import Path
from time import perf_counter
from typing import TextIO

from dbl.benchmarks.own_process import in_own_process
from dbl.dataset_tools.coco import CLASSES, read_coco

URL = 'http://farm7.staticflickr.com/6116/6255196340_da26cf2c9e_z.jpg'


def write_instances(path: Path, num_images: int = 118_287, num_objects: int = 860_001) -> None:
    """Writes a file like ``instances_train2017.json``, with outlines of 24 to 85 numbers."""
    rng = random.Random(0)
    categories = [{'id': i, 'name': name} for i, name in enumerate(CLASSES, start=1)]
    with path.open('w', encoding='utf-8') as file:
        file.write('{"images": [')
        _write_all(file, map(_image, range(num_images)))
        file.write('], "annotations": [')
        _write_all(file, (_object(i, num_images, rng) for i in range(num_objects)))
        file.write(f'], "categories": {json.dumps(categories)}}}')


def _write_all(file: TextIO, entries: Iterable[dict]) -> None:
    for number, entry in enumerate(entries):
        file.write((', ' if number else '') + json.dumps(entry))


def _image(number: int) -> dict:
    name = f'{number:012d}.jpg'
    urls = {'coco_url': f'http://images.cocodataset.org/train2017/{name}', 'flickr_url': URL}
    size = {'height': 427, 'width': 640, 'date_captured': '2013-11-14 17:02:52'}
    return {'license': 4, 'file_name': name, 'id': number, **urls, **size}


def _object(number: int, num_images: int, rng: random.Random) -> dict:
    outline = [round(rng.random() * 600, 2) for _ in range(rng.randrange(24, 86))]
    return {
        'segmentation': [outline],
        'area': rng.random() * 9000,
        'iscrowd': 0,
        'image_id': rng.randrange(num_images),
        'bbox': [1.0, 2.0, rng.random() * 300, rng.random() * 200],
        'category_id': rng.randrange(len(CLASSES)) + 1,
        'id': number,
    }


def parse(parser: str, path: Path) -> float:
    """Seconds to read a file with ``json``, with ``orjson``, or as dbl does, labels included."""
    start = perf_counter()
    if parser == 'dbl':
        read_coco(path).label_indices()
    else:
        importlib.import_module(parser).loads(path.read_bytes())
    return perf_counter() - start


def measure_parsers(path: Path) -> list[dict[str, float | str]]:
    """Measures each installed parser: ``parser``, ``seconds`` and ``peak GB``."""
    rows = []
    for parser in ('dbl', 'json', 'orjson'):
        if importlib.util.find_spec(parser):
            seconds, peak = in_own_process(parse, parser, path)
            rows.append({'parser': parser, 'seconds': seconds, 'peak GB': peak})
    return rows
