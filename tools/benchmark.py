"""Measure time and memory on this machine.

python tools/benchmark.py data      # labels of up to a million images and 5,000 classes
python tools/benchmark.py coco      # COCO's annotations, by parser, on a made file of 0.5 GB
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table

from dbl.benchmarks.coco_parsers import measure_parsers, write_instances
from dbl.benchmarks.label_scale import growth, measure_label_scale
from dbl.errors import exits_on_bad_input


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True)
    data = commands.add_parser('data', help='co-occurrence, subset, groups, class-aware epoch')
    sizes = [125_000, 250_000, 500_000, 1_000_000]
    data.add_argument(
        '--images', type=positive, nargs='+', default=sizes, help='default: %(default)s'
    )
    data.add_argument('--classes', type=positive, default=5000, help='default: %(default)s')
    data.add_argument('--labels', type=positive, default=10, help='an image; default: %(default)s')
    data.set_defaults(run=label_scale)
    coco = commands.add_parser('coco', help='reading instances_train2017.json')
    coco.add_argument('--images', type=positive, default=118_287, help='default: %(default)s')
    coco.add_argument('--objects', type=positive, default=860_001, help='default: %(default)s')
    coco.set_defaults(run=coco_parsers)
    return parser.parse_args()


def positive(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"expected an integer of at least 1, but got '{text}'")
    return int(text)


def label_scale(args: argparse.Namespace) -> None:
    rows = measure_label_scale(args.images, args.classes, args.labels)
    title = f'{args.classes} classes, {args.labels} labels an image; seconds'
    if len(set(args.images)) > 1:
        rows.append({'images': 'growth', **growth(rows)})
        title += '; growth: exponent of the images'
    show(title, rows)


def coco_parsers(args: argparse.Namespace) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / 'instances_train2017.json'
        write_instances(path, args.images, args.objects)
        title = f'{path.stat().st_size / 1e6:.0f} MB, {args.images} images, {args.objects} objects'
        show(title, measure_parsers(path))


def show(title: str, rows: Sequence[dict]) -> None:
    table = Table(*rows[0], title=title, title_justify='left')
    for row in rows:
        table.add_row(*(f'{x:.2f}' if isinstance(x, float) else str(x) for x in row.values()))
    Console().print(table)


@exits_on_bad_input
def main() -> None:
    args = parse_args()
    args.run(args)


if __name__ == '__main__':
    main()
