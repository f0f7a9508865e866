"""The options of ``build_dataset``: how labels are read, and what is wanted of one's own data."""

import argparse
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args

from dbl.dataset_tools.own_data import Wishes
from dbl.dataset_tools.splits import SPLITS
from dbl.label_files.answers import Answers, Count

GROUPS = (100, 20)
TABLES = {
    'table': 'your own labels in one table for each split, in whatever form',
    'csv': 'the same; .csv where there are others, too',
    'tsv': 'the same; .tsv',
    'jsonl': 'the same; .jsonl',
    'json': 'the same; .json',
    'parquet': 'the same; .parquet',
}


def add_builders(
    commands: argparse._SubParsersAction, read: Mapping[str, Callable], build: Callable
) -> None:
    """Adds a command for each form of labels.

    Args:
        commands: Gets them.
        read: How ``'voc'``, ``'coco'`` and a ``'table'`` are read.
        build: Runs each of them.
    """
    voc = commands.add_parser('voc', help="VOC-MLT, or your own data in VOC's form")
    coco = commands.add_parser('coco', help="COCO-MLT, or your own data in COCO's form")
    tables = [commands.add_parser(name, help=text) for name, text in TABLES.items()]
    for kind in (voc, coco, *tables):
        kind.add_argument('--root', type=Path, required=True, help='folder of the data')
        kind.add_argument('--out', type=Path, required=True, help='folder to write to')
        kind.add_argument('--seed', type=seed, default=0, help='default: 0')
        add_groups(kind)
        add_own_data(kind)
        kind.set_defaults(run=build, read=read['table'])
    voc.set_defaults(read=read['voc'])
    coco.set_defaults(read=read['coco'])
    voc.add_argument(
        '--without-difficult', action='store_true', help='difficult objects do not count'
    )
    for split, name in SPLITS.items():
        coco.add_argument(f'--{split}-json', type=Path, help=f"file of the {name} images' labels")
        for kind in tables:
            kind.add_argument(f'--{split}', type=Path, help=f"table of the {name} images' labels")
    coco.add_argument('--ids', type=Path, help='file of image ids to take, one per line, in order')
    coco.add_argument(
        '--draw', action='store_true', help='draw COCO-MLT anew instead of the published ids'
    )
    for kind in tables:
        add_table_options(kind)
        kind.add_argument(
            '--split-column', metavar='NAME', help='column that says train, test or val'
        )
    for kind in (voc, coco):
        add_merge_case(kind)


def seed(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"expected an integer of at least 0, but got '{text}'")
    return int(text)


def add_groups(parser: argparse.ArgumentParser) -> None:
    head, tail = GROUPS
    parser.add_argument(
        '--head', type=int, default=head, help='a head class has at least this many images'
    )
    parser.add_argument('--tail', type=int, default=tail, help='a tail class has fewer images')


def add_merge_case(parser: argparse._ActionsContainer) -> None:
    parser.add_argument(
        '--merge-case', action='store_true', help='take names that differ by case alone as one'
    )


def add_table_options(parser: argparse.ArgumentParser) -> None:
    """Adds what one may say of a table; the rest follows from it, and is printed."""
    table = parser.add_argument_group('how the tables are read')
    for name, text in {
        'image-column': 'column of the paths of the pictures',
        'labels-column': 'column whose cells name classes',
        'separator': "between the names in a cell; 'none' takes each cell as it is",
        'delimiter': 'between the cells of a text file',
        'encoding': 'of a text file; default: UTF-8',
    }.items():
        table.add_argument(f'--{name}', help=text)
    for name, text in {
        'label-columns': 'columns that hold 0 or 1 for a class each, or a name each',
        'drop-columns': 'columns that hold no classes',
        'header': 'names of the columns of a file without a header',
        'names': 'names of classes that are numbers, that of 0 first',
    }.items():
        table.add_argument(f'--{name}', nargs='+', metavar='NAME', help=text)
    table.add_argument('--confidence', type=float, help='a label counts from this number on')
    for name, text in {
        'uncertain': 'how -1 beside 0, or a word for uncertain, counts',
        'blank': 'how an empty cell counts',
    }.items():
        table.add_argument(
            f'--{name}', choices=get_args(Count), default='refuse', help=f'{text}; default: refuse'
        )
    table.add_argument(
        '--repeated',
        choices=['refuse', 'union'],
        default='refuse',
        help='rows of one picture with other labels; default: refuse',
    )
    add_merge_case(table)


def add_own_data(parser: argparse.ArgumentParser) -> None:
    own = parser.add_argument_group('your own data')
    own.add_argument(
        '--test-fraction', type=float, help='share of train to test on, split off by strata'
    )
    own.add_argument(
        '--group',
        metavar='COLUMN|PATTERN',
        help='a column, or a pattern on the path, such as the patient, that stays on one side',
    )
    own.add_argument('--classes', nargs='+', metavar='NAME', help='keep these, in this order')
    own.add_argument(
        '--images', nargs='+', metavar='FOLDER', help="folders of the pictures, as 'images_*'"
    )
    own.add_argument('--suffix', default='', help='goes behind each name of a picture, as .jpg')
    size = own.add_mutually_exclusive_group()
    size.add_argument('--no-subset', action='store_true', help='take all training images')
    size.add_argument('--max', type=int, help='images of the first class; default: the largest')
    own.add_argument('--min', type=int, default=1, help='images of the last class; default: 1')
    own.add_argument('--exponent', type=float, default=6.0, help='of the Pareto law; default: 6')


def answers_of(args: argparse.Namespace) -> Answers:
    """What the command line says of the tables."""
    given = {field.name: getattr(args, field.name, None) for field in fields(Answers)}
    return Answers(**{name: value for name, value in given.items() if value is not None})


def wishes_of(args: argparse.Namespace) -> Wishes:
    """What the command line wants of one's own data."""
    return Wishes(
        seed=args.seed,
        test_fraction=args.test_fraction,
        split_column=getattr(args, 'split_column', None),
        group=args.group,
        classes=args.classes,
        merge_case=args.merge_case,
        folders=args.images or (),
        picture_suffix=args.suffix,
    )


def wants_own(args: argparse.Namespace) -> bool:
    """Whether an option is given that VOC-MLT and COCO-MLT as published have no use for."""
    usual: dict[str, Any] = {
        'test_fraction': None, 'group': None, 'classes': None, 'images': None, 'suffix': '',
        'no_subset': False, 'max': None, 'min': 1, 'exponent': 6.0, 'merge_case': False,
    }  # fmt: skip
    files = [getattr(args, f'{split}_json', None) for split in ('test', 'val')]
    return any(getattr(args, name) != value for name, value in usual.items()) or any(files)
