"""Make a long-tailed multi-label data set: VOC-MLT, COCO-MLT, or a subset of your own data.

python -m dbl build_dataset download voc --root data/VOCdevkit
python -m dbl build_dataset voc --root data/VOCdevkit --out data/voc_mlt
python -m dbl build_dataset coco --root data/coco --out data/coco_mlt
python -m dbl build_dataset inspect my_photos/labels.csv
python -m dbl build_dataset table --root my_photos --out data/custom --max 300
python -m dbl build_dataset table --root my_photos --out data/custom --test-fraction 0.3
python -m dbl build_dataset check data/custom
python -m dbl build_dataset stats data/custom
"""

import argparse
import sys
import warnings
from itertools import combinations
from pathlib import Path

from rich.console import RenderableType
from rich.progress import track

from dbl.commands.build_options import (
    GROUPS,
    add_builders,
    add_groups,
    add_table_options,
    answers_of,
    wants_own,
    wishes_of,
)
from dbl.commands.ending import exits_on_bad_input
from dbl.console import VisibleConsole
from dbl.dataset_tools.build import (
    build_coco,
    build_voc,
    compared_with_published,
    published_ids,
    read_ids,
)
from dbl.dataset_tools.check import check_annotations, check_images, findings_table, in_both
from dbl.dataset_tools.download import SOURCES, fetch, is_unpacked, unpack
from dbl.dataset_tools.look_alikes import check_copies, look_of
from dbl.dataset_tools.output import check_output, link_images, missing_images, write_splits
from dbl.dataset_tools.own_data import Pool, check_used, make_splits, read_tables
from dbl.dataset_tools.own_forms import (
    find_coco_files,
    is_coco,
    read_coco_files,
    read_voc_files,
)
from dbl.dataset_tools.splits import SPLITS, read_splits
from dbl.dataset_tools.statistics import statistics_tables, summary_table, understanding
from dbl.dataset_tools.subset import take, with_subset
from dbl.dataset_tools.voc import is_voc
from dbl.datasets.annotations import Annotations, sound
from dbl.errors import InputError, shortened
from dbl.label_files.reading import Reading, read_table
from dbl.longtail import head_medium_tail


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
    add_builders(commands, {'voc': read_voc, 'coco': read_coco, 'table': read_own}, build)
    inspected = commands.add_parser('inspect', help='say what a label file is understood as')
    inspected.add_argument('path', type=Path, help='the file, or the folder of the files')
    add_table_options(inspected)
    inspected.set_defaults(run=inspect)
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


def read_voc(args: argparse.Namespace) -> Pool:
    """VOC-MLT, or, where the classes or the folders are others, one's own data in VOC's form."""
    difficult = not args.without_difficult
    if is_voc(args.root) and not wants_own(args):
        train, test = build_voc(args.root, args.seed, difficult)
        return Pool({'train': train, 'test': test}, {}, is_mlt=True)
    return own_pool(args, read_voc_files(args.root, answers_of(args), difficult))


def read_coco(args: argparse.Namespace) -> Pool:
    """COCO-MLT, or, where the classes are others, one's own data in COCO's form."""
    chosen = args.ids is not None or args.draw
    if chosen and wants_own(args):
        raise InputError("--ids and --draw are of COCO-MLT, which takes none of your own data's")
    ids = read_ids(args.ids) if args.ids else None if args.draw else published_ids()
    given = {name: getattr(args, f'{name}_json') for name in SPLITS}
    files = find_coco_files(args.root, given)
    if chosen or (is_coco(files['train']) and not wants_own(args)):
        said: dict[str, dict[str, str]] = {}
        train, test = build_coco(
            args.root, args.seed, args.train_json, ids,
            report=lambda split, objects: said.update({split: {'objects': objects}}),
        )  # fmt: skip
        return Pool({'train': train, 'test': test}, said, is_mlt=True)
    return own_pool(args, read_coco_files(files, answers_of(args)))


def read_own(args: argparse.Namespace) -> Pool:
    """One's own data in tables."""
    suffix = '' if args.command == 'table' else f'.{args.command}'
    given = {name: getattr(args, name) for name in SPLITS}
    return own_pool(args, read_tables(args.root, suffix, answers_of(args), given))


def own_pool(args: argparse.Namespace, readings: dict[str, Reading]) -> Pool:
    """Makes the splits of one's own data, of which the training set is long-tailed."""
    pool = make_splits(args.root, readings, wishes_of(args))
    train = pool.splits['train']
    if args.no_subset:
        splits = {**pool.splits, 'train': take(train, range(len(train)), {'subset': 'all'})}
    else:
        splits = with_subset(pool.splits, args.seed, args.max, args.min, args.exponent)
    return Pool(splits, pool.understood)


def inspect(args: argparse.Namespace) -> None:
    """Prints what a label file, or the label files of a folder, are understood as."""
    path: Path = args.path
    if path.is_dir():
        readings = read_tables(path, '', answers_of(args))
    else:
        readings = {path.name: read_table(path, answers_of(args))}
        check_used(readings, answers_of(args))
    for name, reading in readings.items():
        show(understanding(name, reading.understood, reading.annotations))


def build(args: argparse.Namespace) -> None:
    """Writes train.json, test.json and, if there are images for it, val.json."""
    pool = args.read(args)
    splits = pool.splits
    for name, understood in pool.understood.items():
        show(understanding(name, understood))
    train, test = splits['train'], splits.get('test', ())
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
    if pool.is_mlt:
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
    for name, other in combinations(reversed(splits), 2):
        if shared := in_both(splits[name], splits[other]):
            print(
                f'warning: {len(shared)} of the images in {name}.json are in {other}.json, too, '
                f"the first is '{shared[0]}'; training refuses to "
                f'{"validate" if name == "val" else "test"} on them'
            )
    for name in ('train', 'test'):
        freq = zip(splits[name].classes, splits[name].class_freq, strict=True)
        if absent := [class_name for class_name, count in freq if not count]:
            print(
                f'warning: no {SPLITS[name]} image shows {len(absent)} of the classes: '
                f'{shortened(", ".join(map(repr, absent)), 200)}'
            )


def groups_of(train: Annotations, args: argparse.Namespace) -> dict[str, list[int]]:
    if not 0 <= args.tail <= args.head:
        raise InputError(f'expected 0 <= --tail <= --head, but got {args.tail} and {args.head}')
    return head_medium_tail(train.class_freq, args.head, args.tail)


def check(args: argparse.Namespace) -> None:
    """Prints a table of what is wrong, by kind; exit status 1 if anything is."""
    findings, splits = check_annotations(args.folder)
    images = dict.fromkeys(path for split in splits.values() for path in split.image_paths)
    looks: dict[Path, int | None] = {}
    paths = [args.folder / path for path in images]
    opened = check_images(paths, lambda path, picture: looks.update({path: look_of(picture)}))
    console = VisibleConsole(stderr=True)
    findings += filter(None, track(opened, 'images', len(images), console=console))
    findings += check_copies(args.folder, splits, looks)
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
