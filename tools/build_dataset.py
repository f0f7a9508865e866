"""Make a long-tailed multi-label data set: VOC-MLT, COCO-MLT, or a subset of your own data.

python tools/build_dataset.py voc --root data/VOCdevkit --out data/voc_mlt
python tools/build_dataset.py coco --root data/coco --out data/coco_mlt
python tools/build_dataset.py csv --root path/to/pool --out data/custom
"""

import argparse
import platform
from pathlib import Path

from rich.console import Console
from rich.table import Table

from dbl.datasets.annotations import Annotations, write_json
from dbl.datasets.build import (
    PUBLISHED,
    build_coco,
    build_csv,
    build_voc,
    check_output,
    link_images,
    missing_images,
    read_ids,
)
from dbl.errors import exits_on_bad_input
from dbl.longtail import head_medium_tail

NAMES = {'voc': 'VOC-MLT', 'coco': 'COCO-MLT'}


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    kinds = parser.add_subparsers(dest='kind', required=True)
    voc = kinds.add_parser('voc', help='VOC-MLT from VOC 2012 trainval and VOC 2007 test')
    coco = kinds.add_parser('coco', help='COCO-MLT from COCO train2017 and val2017')
    csv = kinds.add_parser('csv', help='a subset of train.csv, with test.csv as it is')
    for kind in (voc, coco, csv):
        kind.add_argument('--root', type=Path, required=True, help='folder of the data')
        kind.add_argument('--out', type=Path, required=True, help='folder to write to')
        kind.add_argument('--seed', type=int, default=0, help='default: 0')
    voc.add_argument(
        '--without-difficult', action='store_true', help='difficult objects do not count'
    )
    coco.add_argument('--train-json', type=Path, help='instead of instances_train2017.json')
    coco.add_argument('--ids', type=Path, help='take these image ids, one a line, in their order')
    csv.add_argument(
        '--max', type=int, help='images of the first class; default: the largest class'
    )
    csv.add_argument('--min', type=int, default=1, help='images of the last class; default: 1')
    csv.add_argument('--exponent', type=float, default=6.0, help='of the Pareto law; default: 6')
    return parser.parse_args()


def summary(train: Annotations, test: Annotations) -> Table:
    table = Table()
    for name in ('split', 'images', 'positives', 'classes', 'head / medium / tail', 'max / min'):
        table.add_column(name)
    groups = ' / '.join(str(len(g)) for g in head_medium_tail(train.class_freq).values())
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


@exits_on_bad_input
def main() -> None:
    args = parse_args()
    if args.kind == 'voc':
        train, test = build_voc(args.root, args.seed, not args.without_difficult)
    elif args.kind == 'coco':
        ids = read_ids(args.ids) if args.ids else None
        train, test = build_coco(args.root, args.seed, args.train_json, ids)
    else:
        train, test = build_csv(args.root, args.seed, args.max, args.min, args.exponent)
    check_output(args.out)
    args.out.mkdir(parents=True, exist_ok=True)
    link_images(args.root, args.out)
    write_json(args.out / 'train.json', train)
    write_json(args.out / 'test.json', test)
    Console().print(summary(train, test))
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
