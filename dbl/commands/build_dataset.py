"""Make a long-tailed multi-label data set: VOC-MLT, COCO-MLT, or a subset of your own data.

python -m dbl build_dataset download voc --root data/VOCdevkit
python -m dbl build_dataset voc --root data/VOCdevkit --out data/voc_mlt
python -m dbl build_dataset coco --root data/coco --out data/coco_mlt
python -m dbl build_dataset reuters --root reuters21578.tar.gz --out data/reuters
python -m dbl build_dataset inspect my_photos/labels.csv
python -m dbl build_dataset table --root my_photos --out data/custom --max 300
python -m dbl build_dataset table --root my_photos --out data/custom --test-fraction 0.3
python -m dbl build_dataset check data/custom
python -m dbl build_dataset stats data/custom
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path
from shlex import quote

from rich.console import RenderableType
from rich.progress import track

from dbl.commands.build_options import (
    GROUPS,
    add_builders,
    add_check,
    add_download,
    add_inspect,
    add_reuters,
    add_stats,
    answers_of,
)
from dbl.commands.build_sets import read_coco, read_own, read_voc
from dbl.commands.ending import exits_on_bad_input
from dbl.console import VisibleConsole
from dbl.dataset_tools import reuters
from dbl.dataset_tools.archives import SOURCES, is_unpacked, unpack
from dbl.dataset_tools.build import compared_with_published
from dbl.dataset_tools.check import check_annotations, check_images, findings_table
from dbl.dataset_tools.distribution import save_distribution
from dbl.dataset_tools.download import fetch
from dbl.dataset_tools.inspecting import inspected
from dbl.dataset_tools.look_alikes import check_copies, look_of
from dbl.dataset_tools.output import check_output, link_images, write_splits
from dbl.dataset_tools.own_data import Pool
from dbl.dataset_tools.shortcomings import shortcomings
from dbl.dataset_tools.splits import SPLITS, read_splits
from dbl.dataset_tools.statistics import statistics_tables, summary_table, understanding
from dbl.datasets.annotations import Annotations, sound
from dbl.errors import InputError
from dbl.label_files.faults import FaultyRowsError
from dbl.longtail import head_medium_tail


def show(found: RenderableType) -> None:
    """Prints a table, with the names of classes as they are."""
    VisibleConsole(markup=False, emoji=False).print(found)


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest='command', required=True)
    add_download(commands, download)
    add_builders(commands, {'voc': read_voc, 'coco': read_coco, 'table': read_own}, build)
    add_reuters(commands, build_reuters)
    add_inspect(commands, inspect)
    add_check(commands, check)
    add_stats(commands, stats)
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


def inspect(args: argparse.Namespace) -> None:
    """Prints what a label file, or the label files of a folder, are understood as."""
    found = inspected(args.path, answers_of(args))
    for name, reading in found.readings.items():
        show(understanding(name, reading.understood, reading.annotations))
    if found.form != 'table':
        print(f'`build_dataset {found.form}` builds a set of it')
    if found.mlt:
        print(f'without an option of your own data, such as --no-subset, it makes {found.mlt}')


def build(args: argparse.Namespace) -> None:
    """Writes train.json, test.json and, if there are images for it, val.json."""
    pool = args.read(args)
    tell_understanding(pool)
    check_splits(args.root, pool.splits)
    groups = groups_of(pool.splits['train'], args)
    check_output(args.out)
    args.out.mkdir(parents=True, exist_ok=True)
    link_images(args.root, args.out)
    removed = write_splits(args.out, pool.splits)
    show(summary_table(pool.splits, groups))
    tell_what_is_written(args, pool)
    if removed:
        print(f'removed {removed}, left from an earlier build')
    warn(args.out, pool.splits, pool.warnings)


def build_reuters(args: argparse.Namespace) -> None:
    """Writes the texts and labels of Reuters-21578, once each count is the protocol's."""
    documents = reuters.read_documents(args.root)
    parts = reuters.split_documents(documents)
    splits = reuters.annotations_of(parts, reuters.classes_of(documents))
    groups = reuters.groups_of(splits['train'])
    check_output(args.out)
    args.out.mkdir(parents=True, exist_ok=True)
    reuters.write_texts(args.out, chain(*parts.values()))
    write_splits(args.out, splits)
    show(summary_table(splits, groups, of='documents'))
    print(f'left out: training document {reuters.LEFT_OUT}, {reuters.WHY_LEFT_OUT}')
    print(f'written to {args.out}; each count is that of Huang et al. (EMNLP 2021)')


def tell_understanding(pool: Pool) -> None:
    for name, understood in pool.understood.items():
        show(understanding(name, understood))
    if pool.made:
        print(f'made: {pool.made}')


def check_splits(root: Path, splits: Mapping[str, Annotations]) -> None:
    train, test = splits['train'], splits.get('test', ())
    if not train or not test:
        raise InputError(f'{len(train)} training and {len(test)} test images: neither may be 0')
    for name, split in splits.items():
        sound(f"the {SPLITS[name]} set of '{root}'", split)


def tell_what_is_written(args: argparse.Namespace, pool: Pool) -> None:
    train = pool.splits['train']
    if (args.head, args.tail) != GROUPS:
        options = f'metric.head={args.head} metric.tail={args.tail}'
        print(f'for these groups, train with --cfg-options {options}')
    print(f'written to {args.out}; sha-256 of the training ids: {train.built["sha256"]}')
    if pool.is_mlt:
        print(compared_with_published(args.command, train))
    else:
        root = quote(str(args.out))
        print(f'train on it: python -m dbl train custom/db_focal --cfg-options data_root={root}')
    if 'val' in pool.splits:
        how = pool.splits['val'].built['subset']
        print(f'val.json: {how}; validate on it with --cfg-options val_source.ann_file=val')


def warn(out: Path, splits: Mapping[str, Annotations], more: Sequence[str] = ()) -> None:
    """Names what training will refuse, and what makes results wrong."""
    for sentence in (*shortcomings(out, splits), *more):
        print(f'warning: {sentence}')


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


@exits_on_bad_input
def main() -> None:
    args = parse_args()
    try:
        args.run(args)
    except FaultyRowsError as error:
        show(understanding(error.name, error.understood))
        raise
