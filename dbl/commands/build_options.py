"""The options of ``build_dataset``, but for those of one's own data."""

import argparse
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args

from dbl.commands.own_options import add_own_data, add_suffix
from dbl.dataset_tools.archives import SOURCES
from dbl.dataset_tools.splits import SPLITS
from dbl.label_files.answers import Answers, Count
from dbl.whole_numbers import whole

GROUPS = (100, 20)
TABLES = {
    'table': 'your own labels in one table for each split, in whatever form',
    'csv': 'the same; .csv where there are others, too',
    'tsv': 'the same; .tsv',
    'jsonl': 'the same; .jsonl',
    'json': 'the same; .json',
    'parquet': 'the same; .parquet',
}


def add_reuters(commands: argparse._SubParsersAction, run: Callable) -> None:
    parser = commands.add_parser(
        'reuters', help='the news of Reuters-21578, as Huang et al. (EMNLP 2021) split them'
    )
    parser.add_argument(
        '--root', type=Path, required=True, help='the archive reuters21578.tar.gz, or its folder'
    )
    parser.add_argument('--out', type=Path, required=True, help='folder to write to')
    parser.set_defaults(run=run)


def add_download(commands: argparse._SubParsersAction, run: Callable) -> None:
    parser = commands.add_parser(
        'download',
        help='fetch and unpack the archives of VOC or COCO',
        description="Fetch and unpack the archives of VOC or COCO. COCO's address is plain HTTP, "
        'so no server is trusted: an archive is unpacked only if it has the size and the MD5 that '
        'dbl knows. The same command goes on where an earlier one ended.',
    )
    parser.add_argument('source', choices=SOURCES)
    parser.add_argument('--root', type=Path, required=True, help='folder to unpack into')
    parser.add_argument('--mirror', help='address of a server with the same paths')
    parser.set_defaults(run=run)


def add_inspect(commands: argparse._SubParsersAction, run: Callable) -> None:
    parser = commands.add_parser('inspect', help='say what a label file is understood as')
    parser.add_argument('path', type=Path, help='the file, or the folder of the files')
    add_table_options(parser)
    parser.set_defaults(run=run)


def add_check(commands: argparse._SubParsersAction, run: Callable) -> None:
    parser = commands.add_parser('check', help='open every image and list what is wrong')
    add_folder(parser)
    parser.set_defaults(run=run)


def add_stats(commands: argparse._SubParsersAction, run: Callable) -> None:
    parser = commands.add_parser('stats', help='statistics of the classes: tables and a picture')
    add_folder(parser)
    parser.add_argument('--out', type=Path, help='picture; default: FOLDER/statistics.png')
    add_groups(parser)
    parser.set_defaults(run=run)


def add_folder(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        'folder', type=Path, help='folder with annotations: train, test and, if any, val'
    )


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
        add_common(kind)
        add_own_data(kind)
        kind.set_defaults(run=build, read=read['table'])
    voc.set_defaults(read=read['voc'])
    coco.set_defaults(read=read['coco'])
    add_of_voc(voc)
    add_of_coco(coco)
    for kind in tables:
        add_of_tables(kind)


def add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('--root', type=Path, required=True, help='folder of the data')
    parser.add_argument('--out', type=Path, required=True, help='folder to write to')
    parser.add_argument('--seed', type=whole, help='of what is drawn or split off; default: 0')
    add_groups(parser)


def add_of_voc(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        '--without-difficult', action='store_true', help='difficult objects do not count'
    )
    add_merge_case(parser)


def add_of_coco(parser: argparse.ArgumentParser) -> None:
    for split, name in SPLITS.items():
        parser.add_argument(f'--{split}-json', type=Path, help=f"file of the {name} images' labels")
    ids = parser.add_mutually_exclusive_group()
    ids.add_argument('--ids', type=Path, help='file of image ids to take, one per line, in order')
    ids.add_argument(
        '--draw', action='store_true', help='draw COCO-MLT anew instead of the published ids'
    )
    add_suffix(parser)
    add_merge_case(parser)


def add_of_tables(parser: argparse.ArgumentParser) -> None:
    for split, name in SPLITS.items():
        parser.add_argument(f'--{split}', type=Path, help=f"table of the {name} images' labels")
    parser.add_argument(
        '--split-column', metavar='NAME', help='column that says train, test or val'
    )
    add_suffix(parser)
    add_table_options(parser)


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


# What one may say of a table, in the order of the help: the keywords of `add_argument`, by option.
OF_TABLES: dict[str, dict[str, Any]] = {
    'image-column': dict(help='column of the paths of the pictures'),
    'labels-column': dict(help='column whose cells name classes'),
    'separator': dict(help="between the names in a cell; 'none' takes each cell as it is"),
    'delimiter': dict(help='between the cells of a text file'),
    'encoding': dict(help='of a text file; default: UTF-8'),
    'label-columns': dict(
        nargs='+', metavar='NAME', help='columns that hold 0 or 1 for a class each, or a name each'
    ),
    'drop-columns': dict(nargs='+', metavar='NAME', help='columns that hold no classes'),
    'header': dict(
        nargs='+', metavar='NAME', help='names of the columns of a file without a header'
    ),
    'names': dict(
        nargs='+', metavar='NAME', help='names of classes that are numbers, that of 0 first'
    ),
    'positive-words': dict(
        nargs='+',
        metavar='WORD',
        help='words that mean that a class is shown, besides those that are known',
    ),
    'negative-words': dict(nargs='+', metavar='WORD', help='words that mean that it is not'),
    'class-names': dict(
        type=Path, metavar='FILE', help='two columns, a class as the tables write it, and its name'
    ),
    'skip-lines': dict(type=int, metavar='N', help='lines of a text file above its header'),
    'confidence': dict(type=float, help='a label counts from this number on'),
    'uncertain': dict(
        choices=get_args(Count),
        default='refuse',
        help='how -1 beside 0, or a word for uncertain, counts; default: refuse',
    ),
    'blank': dict(
        choices=get_args(Count),
        default='refuse',
        help='how an empty cell counts; default: refuse',
    ),
    'repeated': dict(
        choices=['refuse', 'union'],
        default='refuse',
        help='rows of one picture with other labels; default: refuse',
    ),
}


def add_table_options(parser: argparse.ArgumentParser) -> None:
    """Adds what one may say of a table; the rest follows from it, and is printed."""
    table = parser.add_argument_group('how the tables are read')
    for name, keywords in OF_TABLES.items():
        table.add_argument(f'--{name}', **keywords)
    add_merge_case(table)


def answers_of(args: argparse.Namespace) -> Answers:
    """What the command line says of the tables."""
    given = {field.name: getattr(args, field.name, None) for field in fields(Answers)}
    return Answers(**{name: value for name, value in given.items() if value is not None})
