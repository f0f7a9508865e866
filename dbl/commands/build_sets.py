"""What ``build_dataset`` makes of the label files in a folder, by the options that are given."""

import argparse
from collections.abc import Mapping
from dataclasses import replace

from dbl.commands.build_options import answers_of
from dbl.commands.own_options import check_sizes, own_options, wishes_of
from dbl.dataset_tools.build import (
    build_coco,
    build_voc,
    makes_coco_mlt,
    makes_voc_mlt,
    published_ids,
    read_ids,
    voc_mlt,
)
from dbl.dataset_tools.other_forms import with_other_command
from dbl.dataset_tools.own_coco import find_coco_files, is_coco, read_coco_files
from dbl.dataset_tools.own_data import Pool, make_splits
from dbl.dataset_tools.own_tables import read_tables
from dbl.dataset_tools.own_voc import read_voc_files
from dbl.dataset_tools.splits import SPLITS
from dbl.dataset_tools.subset import take, with_subset
from dbl.dataset_tools.voc import LISTS, has_class_files
from dbl.errors import InputError
from dbl.label_files.find import NoLabelFilesError
from dbl.label_files.reading import Reading

OWN = 'a set of your own'


def read_voc(args: argparse.Namespace) -> Pool:
    """VOC-MLT, or, where the classes or the folders are others, one's own data in VOC's form."""
    difficult, own = not args.without_difficult, own_options(args)
    if has_class_files(args.root) and not own:
        train, test = build_voc(args.root, args.seed or 0, difficult)
        files = {n: {'files': f'class files of VOC{y}, {s}'} for n, (y, s) in LISTS.items()}
        return Pool({'train': train, 'test': test}, files, is_mlt=True, made='VOC-MLT')
    try:
        readings = read_voc_files(args.root, answers_of(args), difficult)
    except NoLabelFilesError as error:
        raise with_other_command(args.root, error) from error
    if not makes_voc_mlt(args.root, readings):
        return own_pool(args, readings, OWN)
    if own:
        return own_pool(args, readings, f'{OWN}, and not VOC-MLT, which takes no {own[0]}')
    labels = {name: reading.annotations for name, reading in readings.items()}
    train, test = voc_mlt(labels, args.seed or 0, difficult)
    understood = {name: reading.understood for name, reading in readings.items()}
    return Pool({'train': train, 'test': test}, understood, is_mlt=True, made='VOC-MLT')


def read_coco(args: argparse.Namespace) -> Pool:
    """COCO-MLT, or, where the classes or the files are others, one's own data in COCO's form."""
    own, is_chosen = own_options(args), args.ids is not None or args.draw
    if is_chosen and own:
        raise InputError(
            f'--ids and --draw are of COCO-MLT, which takes no {own[0]}; leave out one'
        )
    makes_mlt = makes_coco_mlt(args.root, args.train_json)
    if is_chosen or (makes_mlt and not own):
        return _coco_mlt(args)
    given = {name: getattr(args, f'{name}_json') for name in SPLITS}
    wishes = wishes_of(args)
    try:
        files = find_coco_files(args.root, given, wishes.divides)
    except NoLabelFilesError as error:
        raise with_other_command(args.root, error) from error
    passable = {name for name in files if given[name] is None} if wishes.divides else ()
    made = f'{OWN}, and not COCO-MLT, which takes no {own[0]}' if makes_mlt else OWN
    if not makes_mlt and is_coco(files['train']):
        made += ', and not COCO-MLT, which is made of annotations/instances_{train,val}2017.json'
    return own_pool(args, read_coco_files(files, answers_of(args), passable), made)


def _coco_mlt(args: argparse.Namespace) -> Pool:
    if args.seed is not None and not args.draw:
        raise InputError(
            '--seed has no effect, as COCO-MLT is taken by its ids; --draw draws it anew'
        )
    ids = read_ids(args.ids) if args.ids else None if args.draw else published_ids()
    said: dict[str, dict[str, str]] = {}
    train, test = build_coco(
        args.root, args.seed or 0, args.train_json, ids,
        report=lambda split, objects: said.update({split: {'objects': objects}}),
    )  # fmt: skip
    return Pool({'train': train, 'test': test}, said, is_mlt=True, made='COCO-MLT')


def read_own(args: argparse.Namespace) -> Pool:
    """One's own data in tables."""
    suffix = '' if args.command == 'table' else f'.{args.command}'
    given = {name: getattr(args, name) for name in SPLITS}
    readings = read_tables(args.root, suffix, answers_of(args), given, wishes_of(args))
    return own_pool(args, readings)


def own_pool(args: argparse.Namespace, readings: Mapping[str, Reading], made: str = '') -> Pool:
    """Makes the splits of one's own data, of which the training set is long-tailed."""
    check_sizes(args)
    pool = make_splits(args.root, readings, wishes_of(args))
    train = pool.splits['train']
    if args.no_subset:
        all_of_it = take(train, range(len(train)), {'subset': 'all'})
        return replace(pool, splits={**pool.splits, 'train': all_of_it}, made=made)
    sizes = {'maximum': args.max, 'minimum': args.min, 'exponent': args.exponent}
    given = {name: value for name, value in sizes.items() if value is not None}
    return replace(pool, splits=with_subset(pool.splits, args.seed or 0, **given), made=made)
