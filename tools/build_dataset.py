"""Make a long-tailed multi-label data set: VOC-MLT, COCO-MLT, or a subset of your own data.

python tools/build_dataset.py voc --root data/VOCdevkit --out data/voc_mlt
python tools/build_dataset.py coco --root data/coco --out data/coco_mlt
python tools/build_dataset.py csv --root my_photos --out data/custom --max 300
python tools/build_dataset.py jsonl --root my_photos --out data/custom --test-fraction 0.3
python tools/build_dataset.py check data/custom
python tools/build_dataset.py stats data/custom
"""

import argparse
import platform
import sys
from collections import Counter
from pathlib import Path

from matplotlib.figure import Figure
from rich.console import Console
from rich.progress import track
from rich.table import Table
from rich.text import Text

from dbl.analysis.class_distribution import plot_class_distribution
from dbl.datasets.annotations import Annotations, read_annotations, write_json
from dbl.datasets.build import (
    PUBLISHED,
    build_coco,
    build_voc,
    check_output,
    link_images,
    long_tailed,
    missing_images,
    read_ids,
    read_pool,
    take,
)
from dbl.datasets.check import check_annotations, check_images
from dbl.datasets.statistics import statistics_tables
from dbl.errors import InputError, exits_on_bad_input
from dbl.longtail import expected_draws, head_medium_tail

SHOWN = 5
NAMES = {'voc': 'VOC-MLT', 'coco': 'COCO-MLT'}


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    kinds = parser.add_subparsers(dest='kind', required=True)
    voc = kinds.add_parser('voc', help='VOC-MLT from VOC 2012 trainval and VOC 2007 test')
    coco = kinds.add_parser('coco', help='COCO-MLT from COCO train2017 and val2017')
    csv = kinds.add_parser('csv', help='your own train.csv and test.csv')
    jsonl = kinds.add_parser('jsonl', help='your own train.jsonl and test.jsonl')
    for kind in (voc, coco, csv, jsonl):
        kind.add_argument('--root', type=Path, required=True, help='folder of the data')
        kind.add_argument('--out', type=Path, required=True, help='folder to write to')
        kind.add_argument('--seed', type=int, default=0, help='default: 0')
        add_groups(kind)
    voc.add_argument(
        '--without-difficult', action='store_true', help='difficult objects do not count'
    )
    coco.add_argument('--train-json', type=Path, help='instead of instances_train2017.json')
    coco.add_argument('--ids', type=Path, help='take these image ids, one a line, in their order')
    for kind in (csv, jsonl):
        add_own_data(kind)
    check = kinds.add_parser('check', help='open every image, list what is wrong')
    check.add_argument('folder', type=Path, help='with train and test annotations')
    stats = kinds.add_parser('stats', help='statistics of the classes, as tables and a picture')
    stats.add_argument('folder', type=Path, help='with train and test annotations')
    stats.add_argument('--out', type=Path, help='picture; default: FOLDER/statistics.png')
    add_groups(stats)
    return parser.parse_args()


def add_groups(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('--head', type=int, default=100, help='images of a head class, or more')
    parser.add_argument('--tail', type=int, default=20, help='a tail class has fewer images')


def add_own_data(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        '--test-fraction', type=float, help='share of train to test on, split off by strata'
    )
    parser.add_argument('--classes', nargs='+', metavar='NAME', help='keep these, in this order')
    parser.add_argument('--no-subset', action='store_true', help='take all training images')
    parser.add_argument('--max', type=int, help='images of the first class; default: the largest')
    parser.add_argument('--min', type=int, default=1, help='images of the last class; default: 1')
    parser.add_argument('--exponent', type=float, default=6.0, help='of the Pareto law; default: 6')


def build(args: argparse.Namespace) -> tuple[Annotations, Annotations]:
    if args.kind == 'voc':
        return build_voc(args.root, args.seed, not args.without_difficult)
    if args.kind == 'coco':
        ids = read_ids(args.ids) if args.ids else None
        return build_coco(args.root, args.seed, args.train_json, ids)
    pool, test = read_pool(args.root, f'.{args.kind}', args.seed, args.test_fraction, args.classes)
    if args.no_subset:
        return take(pool, range(len(pool)), {'subset': 'all'}), test
    return long_tailed(pool, args.seed, args.max, args.min, args.exponent), test


def summary(train: Annotations, test: Annotations, head: int, tail: int) -> Table:
    table = Table()
    for name in ('split', 'images', 'positives', 'classes', 'head / medium / tail', 'max / min'):
        table.add_column(name)
    groups = ' / '.join(
        str(len(g)) for g in head_medium_tail(train.class_freq, head, tail).values()
    )
    for name, split, sizes in (('train', train, groups), ('test', test, '')):
        freq = split.class_freq
        cells = name, len(split), sum(freq), len(freq), sizes, f'{max(freq)} / {min(freq)}'
        table.add_row(*map(str, cells))
    return table


def compared(name: str, train: Annotations) -> str:
    if train.built['sha256'] == PUBLISHED[name]:
        return f'equal to the published {name}, id for id'
    return (
        f'NOT equal to the published {name}: other labels, --seed or options, or a Python that '
        f'orders sets otherwise (checked: CPython 3.9 to 3.13; this is {platform.python_version()})'
    )


def check(folder: Path) -> None:
    """Prints a table of what is wrong, by kind; exit status 1 if anything is."""
    findings, splits = check_annotations(folder)
    paths = list(dict.fromkeys(folder / p for split in splits.values() for p in split.image_paths))
    images = track(check_images(paths), 'images', len(paths), console=Console(stderr=True))
    findings += filter(None, images)
    kinds = Counter(finding.kind for finding in findings)
    table = Table()
    for name in ('kind', 'count', 'where'):
        table.add_column(name, overflow='fold')
    for kind, count in kinds.items():
        places = [finding.where for finding in findings if finding.kind == kind]
        more = [f'and {count - SHOWN} more'] if count > SHOWN else []
        table.add_row(kind, str(count), Text('\n'.join(places[:SHOWN] + more)))
    if findings:
        Console().print(table)
        sys.exit(1)
    print(f'{len(paths)} images: nothing wrong')


def stats(folder: Path, out: Path, head: int, tail: int) -> None:
    train, test = (read_annotations(folder / split) for split in ('train', 'test'))
    if train.classes != test.classes:
        raise InputError(f"'{folder}': training and test have other classes; check it")
    for table in statistics_tables(train, test, head_medium_tail(train.class_freq, head, tail)):
        Console().print(table)
    figure = Figure(figsize=(min(40, max(6, 0.18 * len(train.classes))), 4.5))
    draws = expected_draws(train.labels, max(train.class_freq) / 4)
    plot_class_distribution(figure.subplots(), train.classes, train.class_freq, draws)
    out.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(out, dpi=150, bbox_inches='tight')
    print(f'picture: {out}')


@exits_on_bad_input
def main() -> None:
    args = parse_args()
    if args.kind == 'check':
        check(args.folder)
        return
    if args.tail > args.head:
        raise InputError(f'expected --tail <= --head, but got {args.tail} and {args.head}')
    if args.kind == 'stats':
        stats(args.folder, args.out or args.folder / 'statistics.png', args.head, args.tail)
        return
    train, test = build(args)
    check_output(args.out)
    args.out.mkdir(parents=True, exist_ok=True)
    link_images(args.root, args.out)
    write_json(args.out / 'train.json', train)
    write_json(args.out / 'test.json', test)
    Console().print(summary(train, test, args.head, args.tail))
    if (args.head, args.tail) != (100, 20):
        options = f'test_evaluator.head={args.head} test_evaluator.tail={args.tail}'
        print(f'for these groups, train with --cfg-options {options}')
    print(f'written to {args.out}; sha-256 of the training ids: {train.built["sha256"]}')
    if args.kind in NAMES:
        print(compared(NAMES[args.kind], train))
    missing = missing_images(args.out, train, test)
    if missing:
        print(
            f'warning: {len(missing)} of {len(train) + len(test)} images are missing, the first is '
            f"'{missing[0]}'; put them there before training"
        )


if __name__ == '__main__':
    main()
