"""Make a long-tailed multi-label data set: VOC-MLT, COCO-MLT, or a subset of your own data.

python -m dbl build_dataset download voc --root data/VOCdevkit
python -m dbl build_dataset voc --root data/VOCdevkit --out data/voc_mlt
python -m dbl build_dataset coco --root data/coco --out data/coco_mlt
python -m dbl build_dataset csv --root my_photos --out data/custom --max 300
python -m dbl build_dataset jsonl --root my_photos --out data/custom --test-fraction 0.3
python -m dbl build_dataset check data/custom
python -m dbl build_dataset stats data/custom
"""

import argparse
import sys
import warnings
from pathlib import Path

from rich.console import RenderableType
from rich.progress import track

from dbl.commands.ending import exits_on_bad_input
from dbl.console import VisibleConsole
from dbl.dataset_tools.build import build_coco, build_voc, compared_with_published, read_ids
from dbl.dataset_tools.check import check_annotations, check_images, findings_table, in_both
from dbl.dataset_tools.download import SOURCES, fetch, is_unpacked, unpack
from dbl.dataset_tools.output import check_output, link_images, missing_images, write_splits
from dbl.dataset_tools.own_data import read_pool, with_subset
from dbl.dataset_tools.splits import SPLITS, read_splits
from dbl.dataset_tools.statistics import statistics_tables, summary_table
from dbl.dataset_tools.subset import take
from dbl.datasets.annotations import Annotations, sound
from dbl.errors import InputError
from dbl.longtail import head_medium_tail

GROUPS = (100, 20)


def show(found: RenderableType) -> None:
    """Prints a table, with the names of classes as they are."""
    VisibleConsole(markup=False, emoji=False).print(found)


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest='command', required=True)
    fetched = commands.add_parser(
        'download',
        help='fetch and unpack the archives of VOC or COCO',
        description="Fetch and unpack the archives of VOC or COCO. COCO's address is plain HTTP, "
        'so no server is trusted: an archive is unpacked only if it has the size and the MD5 that '
        'dbl knows. The same command goes on where an earlier one ended.',
    )
    fetched.add_argument('source', choices=SOURCES)
    fetched.add_argument('--root', type=Path, required=True, help='folder to unpack into')
    fetched.add_argument('--mirror', help='address of a server with the same paths')
    fetched.set_defaults(run=download)
    add_builders(commands)
    checked = commands.add_parser('check', help='open every image and list what is wrong')
    checked.add_argument(
        'folder', type=Path, help='folder with annotations: train, test and, if any, val'
    )
    checked.set_defaults(run=check)
    counted = commands.add_parser('stats', help='statistics of the classes: tables and a picture')
    counted.add_argument(
        'folder', type=Path, help='folder with annotations: train, test and, if any, val'
    )
    counted.add_argument('--out', type=Path, help='picture; default: FOLDER/statistics.png')
    add_groups(counted)
    counted.set_defaults(run=stats)
    return parser.parse_args()


def add_builders(commands: argparse._SubParsersAction) -> None:
    voc = commands.add_parser('voc', help='VOC-MLT from VOC 2012 trainval and VOC 2007 test')
    coco = commands.add_parser('coco', help='COCO-MLT from COCO train2017 and val2017')
    csv = commands.add_parser('csv', help='your own train.csv, test.csv and, if any, val.csv')
    jsonl = commands.add_parser('jsonl', help='the same as .jsonl')
    for kind in (voc, coco, csv, jsonl):
        kind.add_argument('--root', type=Path, required=True, help='folder of the data')
        kind.add_argument('--out', type=Path, required=True, help='folder to write to')
        kind.add_argument('--seed', type=seed, default=0, help='default: 0')
        add_groups(kind)
        kind.set_defaults(run=build)
    voc.set_defaults(read=read_voc)
    coco.set_defaults(read=read_coco)
    voc.add_argument(
        '--without-difficult', action='store_true', help='difficult objects do not count'
    )
    coco.add_argument('--train-json', type=Path, help='instead of instances_train2017.json')
    coco.add_argument('--ids', type=Path, help='file of image ids to take, one per line, in order')
    for kind in (csv, jsonl):
        kind.set_defaults(read=read_own)
        add_own_data(kind)


def seed(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"expected an integer of at least 0, but got '{text}'")
    return int(text)


def add_groups(parser: argparse.ArgumentParser) -> None:
    head, tail = GROUPS
    parser.add_argument(
        '--head', type=int, default=head, help='a head class has at least this many images'
    )
    parser.add_argument(
        '--tail', type=int, default=tail, help='a tail class has fewer images than this'
    )


def add_own_data(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        '--test-fraction', type=float, help='share of train to test on, split off by strata'
    )
    parser.add_argument(
        '--classes', nargs='+', metavar='NAME', help='keep these classes, in this order'
    )
    size = parser.add_mutually_exclusive_group()
    size.add_argument('--no-subset', action='store_true', help='take all training images')
    size.add_argument('--max', type=int, help='images of the first class; default: the largest')
    parser.add_argument('--min', type=int, default=1, help='images of the last class; default: 1')
    parser.add_argument(
        '--exponent', type=float, default=6.0, help='exponent of the Pareto law; default: 6'
    )


def download(args: argparse.Namespace) -> None:
    """Fetches and unpacks what is not there yet."""
    source = SOURCES[args.source]
    for archive in source.archives:
        if is_unpacked(archive, args.root):
            print(f'{archive.folder(args.root)}: already unpacked from {archive.name}')
            continue
        address = args.mirror or source.address
        expected = f'{archive.size:,} bytes, md5 {archive.md5}'
        print(f'{archive.name}: expecting {expected}, from {address}', flush=True)
        path = fetch(archive, address, args.root)
        print(f'{path}: size and md5 are right; unpacking', flush=True)
        unpack(path, archive, args.root)
        print(f'{archive.folder(args.root)}: unpacked; {path} may be deleted')


def read_voc(args: argparse.Namespace) -> dict[str, Annotations]:
    train, test = build_voc(args.root, args.seed, not args.without_difficult)
    return {'train': train, 'test': test}


def read_coco(args: argparse.Namespace) -> dict[str, Annotations]:
    ids = read_ids(args.ids) if args.ids else None
    train, test = build_coco(args.root, args.seed, args.train_json, ids)
    return {'train': train, 'test': test}


def read_own(args: argparse.Namespace) -> dict[str, Annotations]:
    suffix = f'.{args.command}'
    splits = read_pool(args.root, suffix, args.seed, args.test_fraction, args.classes)
    if args.no_subset:
        pool = splits['train']
        return {**splits, 'train': take(pool, range(len(pool)), {'subset': 'all'})}
    return with_subset(splits, args.seed, args.max, args.min, args.exponent)


def build(args: argparse.Namespace) -> None:
    """Writes train.json, test.json and, if there are images for it, val.json."""
    splits = args.read(args)
    train, test = splits['train'], splits['test']
    if not train or not test:
        raise InputError(f'{len(train)} training and {len(test)} test images: neither may be 0')
    for name, split in splits.items():
        sound(f"the {SPLITS[name]} images of '{args.root}'", split)
    groups = groups_of(train, args)
    check_output(args.out)
    args.out.mkdir(parents=True, exist_ok=True)
    link_images(args.root, args.out)
    removed = write_splits(args.out, splits)
    show(summary_table(splits, groups))
    if (args.head, args.tail) != GROUPS:
        options = f'metric.head={args.head} metric.tail={args.tail}'
        print(f'for these groups, train with --cfg-options {options}')
    print(f'written to {args.out}; sha-256 of the training ids: {train.built["sha256"]}')
    if args.read is not read_own:
        print(compared_with_published(args.command, train))
    if removed:
        print(f'removed {removed}, left from an earlier build')
    if 'val' in splits:
        how = splits['val'].built['subset']
        print(f'val.json: {how}; validate on it with --cfg-options val_source.ann_file=val')
    warn(args.out, splits)


def warn(out: Path, splits: dict[str, Annotations]) -> None:
    """Names what training will refuse."""
    missing = missing_images(out, *splits.values())
    if missing:
        print(
            f'warning: {len(missing)} of {sum(map(len, splits.values()))} images are missing, the '
            f"first is '{missing[0]}'; put them there before training"
        )
    for name in ('train', 'test') if 'val' in splits else ():
        if shared := in_both(splits['val'], splits[name]):
            print(
                f'warning: {len(shared)} of the images in val.json are in {name}.json, too, the '
                f"first is '{shared[0]}'; training refuses to validate on them"
            )


def groups_of(train: Annotations, args: argparse.Namespace) -> dict[str, list[int]]:
    if not 0 <= args.tail <= args.head:
        raise InputError(f'expected 0 <= --tail <= --head, but got {args.tail} and {args.head}')
    return head_medium_tail(train.class_freq, args.head, args.tail)


def check(args: argparse.Namespace) -> None:
    """Prints a table of what is wrong, by kind; exit status 1 if anything is."""
    findings, splits = check_annotations(args.folder)
    images = dict.fromkeys(path for split in splits.values() for path in split.image_paths)
    opened = check_images([args.folder / path for path in images])
    console = VisibleConsole(stderr=True)
    findings += filter(None, track(opened, 'images', len(images), console=console))
    if findings:
        show(findings_table(findings))
        sys.exit(1)
    print(f'{len(images)} images: nothing wrong')


def stats(args: argparse.Namespace) -> None:
    """Prints tables, and draws the classes' distribution."""
    out = args.out or args.folder / 'statistics.png'
    if out.is_dir():
        raise InputError(
            f"--out '{out}' is a folder; name a file, such as {out / 'statistics.png'}"
        )
    splits = read_splits(args.folder)
    train = splits['train']
    if any(split.classes != train.classes for split in splits.values()):
        raise InputError(
            f"'{args.folder}': {', '.join(splits)} must have the same classes in the same order; "
            f'`python -m dbl build_dataset check {args.folder}` names what differs'
        )
    for table in statistics_tables(splits, groups_of(train, args)):
        show(table)
    save_distribution(out, train)
    print(f'picture: {out}')


def save_distribution(path: Path, train: Annotations) -> None:
    from matplotlib.figure import Figure  # slow, and only needed here

    from dbl.analysis.class_distribution import compute_class_distribution, plot_class_distribution

    figure = Figure(figsize=(min(40, max(6, 0.18 * len(train.classes))), 4.5))
    distribution = compute_class_distribution(train.labels)
    plot_class_distribution(figure.subplots(), distribution, train.classes)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings('ignore', 'Glyph')  # a box stands for what the font lacks
            figure.savefig(path, dpi=150, bbox_inches='tight')
    except ValueError as error:  # for an unknown suffix
        raise InputError(f"cannot draw '{path}': {error}") from error


@exits_on_bad_input
def main() -> None:
    args = parse_args()
    args.run(args)
