"""Measure time and memory on this machine, ours against a baseline.

python -m dbl benchmark input     # training images per second of one process, by order of the steps
python -m dbl benchmark train     # a training step of ResNet-50, against a bare loop
python -m dbl benchmark loss      # DB-Focal, against binary cross entropy
python -m dbl benchmark metric    # average precision, against scikit-learn
python -m dbl benchmark table     # whole rows, from start to mAP
python -m dbl benchmark data      # labels of up to a million images and 5,000 classes
python -m dbl benchmark predict MODEL FOLDER  # pictures, against a bare loop, and exported
python -m dbl benchmark coco      # COCO's annotations, by parser, on a generated file of 0.5 GB
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from rich.table import Table

from dbl.benchmarks import losses, metrics
from dbl.benchmarks.coco_parsers import measure_parsers, write_instances
from dbl.benchmarks.label_scale import growth, measure_label_scale
from dbl.benchmarks.predicting import measure_predicting
from dbl.benchmarks.rows import measure_rows
from dbl.benchmarks.training_input import measure_input, write_pictures
from dbl.benchmarks.training_step import measure_training_step
from dbl.commands.config_options import add_options
from dbl.commands.ending import exits_on_bad_input
from dbl.config import CONFIGS
from dbl.console import VisibleConsole
from dbl.environment import environment
from dbl.errors import InputError
from dbl.inference.pictures import pictures_in
from dbl.inference.predictor import load_model
from dbl.whole_numbers import count


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest='command', required=True)
    for name, function in COMMANDS.items():
        command = commands.add_parser(name, help=function.__doc__)
        command.set_defaults(run=function)
        command.add_argument('--json', type=Path, help='default: work_dirs/benchmark/<name>.json')
        if name in ('input', 'train', 'loss', 'metric', 'predict'):
            command.add_argument('--repetitions', type=count, default=9, help='default: 9')
        if name in ('train', 'loss'):
            here = 'cuda' if torch.cuda.is_available() else 'cpu'
            command.add_argument('--device', choices=['cpu', 'cuda'], default=here)
    data, coco, row = (commands.choices[name] for name in ('data', 'coco', 'table'))
    sizes = [125_000, 250_000, 500_000, 1_000_000]
    data.add_argument('--images', type=count, nargs='+', default=sizes)
    data.add_argument('--classes', type=count, default=5000, help='default: 5000')
    data.add_argument('--labels', type=count, default=10, help='labels per image; default: 10')
    coco.add_argument('--images', type=count, default=118_287, help='default: 118287')
    coco.add_argument('--objects', type=count, default=860_001, help='default: 860001')
    commands.choices['input'].add_argument('--root', help='folder of pictures; default: generated')
    commands.choices['train'].add_argument('--batch', type=count, default=32)
    row.add_argument('configs', nargs='+', help='such as voc_mlt/db_focal')
    predict = commands.choices['predict']
    predict.add_argument('model', type=Path, help='a checkpoint, or a file of `decide`')
    predict.add_argument('pictures', type=Path, help='folder of pictures')
    predict.add_argument('--count', type=count, default=500, help='pictures; default: 500')
    add_options(row)
    return parser.parse_args()


def training_input(args: argparse.Namespace) -> list[dict]:
    """training images per second of one process"""
    if args.root:
        return measure_input(Path(args.root), args.repetitions)
    with TemporaryDirectory() as folder:
        write_pictures(Path(folder))
        return measure_input(Path(folder), args.repetitions)


def training_step(args: argparse.Namespace) -> list[dict]:
    """a training step of ResNet-50, against a bare loop"""
    config = CONFIGS / 'demo/erm.py'
    return measure_training_step(
        config, args.batch, device=args.device, repetitions=args.repetitions
    )


def loss(args: argparse.Namespace) -> list[dict]:
    """DB-Focal, against binary cross entropy"""
    measured = (losses.measure_losses(s, args.device, args.repetitions) for s in losses.SIZES)
    return [row for rows in measured for row in rows]


def metric(args: argparse.Namespace) -> list[dict]:
    """average precision, against scikit-learn"""
    measure = metrics.measure_average_precision
    return [row for size in metrics.SIZES for row in measure(size, args.repetitions)]


def predicting(args: argparse.Namespace) -> list[dict]:
    """pictures of a trained model, against a bare loop, and exported to ONNX"""
    paths = pictures_in([args.pictures])[: args.count]
    return measure_predicting(load_model(args.model, device='cpu'), paths, args.repetitions)


def table(args: argparse.Namespace) -> list[dict]:
    """whole rows, from start to mAP"""
    return measure_rows(args.configs, Path('work_dirs/benchmark'), args.cfg_options)


def label_scale(args: argparse.Namespace) -> list[dict]:
    """labels of large sets, and how the time grows with the images"""
    rows = measure_label_scale(args.images, args.classes, args.labels)
    return [*rows, {'images': 'growth', **growth(rows)}] if len(set(args.images)) > 1 else rows


def coco_parsers(args: argparse.Namespace) -> list[dict]:
    """reading instances_train2017.json"""
    with TemporaryDirectory() as folder:
        path = Path(folder) / 'instances_train2017.json'
        write_instances(path, args.images, args.objects)
        return measure_parsers(path)


COMMANDS = {
    'input': training_input,
    'train': training_step,
    'loss': loss,
    'metric': metric,
    'predict': predicting,
    'table': table,
    'data': label_scale,
    'coco': coco_parsers,
}


def show(rows: Sequence[dict]) -> None:
    found = Table(*rows[0])
    for row in rows:
        found.add_row(*(_cell(value) for value in row.values()))
    VisibleConsole().print(found)


def _cell(value: object) -> str:
    return (
        f'{value:.3g}'
        if isinstance(value, float) and abs(value) < 100
        else (f'{value:.0f}' if isinstance(value, float) else str(value))
    )


@exits_on_bad_input
def main() -> None:
    args = parse_args()
    if getattr(args, 'device', 'cpu') == 'cuda' and not torch.cuda.is_available():
        raise InputError('--device cuda: torch sees no CUDA device here; leave it out')
    rows = args.run(args)
    path = args.json or Path('work_dirs/benchmark') / f'{args.command}.json'
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {'machine': environment(), 'measured': rows}
    path.write_text(json.dumps(content, indent=1) + '\n', encoding='utf-8')
    show(rows)
    print(f'{environment()["processor"]}, written to {path}')
