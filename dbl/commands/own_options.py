"""The options of ``build_dataset`` that say what is wanted of one's own data."""

import argparse
from pathlib import Path

from dbl.dataset_tools.wishes import Form, Wishes
from dbl.errors import InputError


def add_own_data(parser: argparse.ArgumentParser) -> None:
    own = parser.add_argument_group('your own data')
    add_division(own)
    own.add_argument('--classes', nargs='+', metavar='NAME', help='keep these, in this order')
    own.add_argument(
        '--images', nargs='+', metavar='FOLDER', help="folders of the pictures, as 'images_*'"
    )
    size = own.add_mutually_exclusive_group()
    size.add_argument('--no-subset', action='store_true', help='take all training images')
    size.add_argument('--max', type=int, help='images of the first class; default: the largest')
    own.add_argument('--min', type=int, help='images of the last class; default: 1')
    own.add_argument('--exponent', type=float, help='of the Pareto law; default: 6')


def add_division(own: argparse._ArgumentGroup) -> None:
    """Adds how the training file's images are divided among the splits."""
    own.add_argument(
        '--test-fraction', type=float, help='share of train to test on, split off by strata'
    )
    for name, text in {
        'test': "list of train's pictures to test on, one a line",
        'val': 'list of those to validate on',
        'split': 'list of all pictures, each with train, test or val',
    }.items():
        own.add_argument(f'--{name}-list', type=Path, metavar='FILE', help=text)
    own.add_argument(
        '--group',
        metavar='COLUMN|PATTERN',
        help='a column, or a pattern on the path, such as the patient, that stays on one side',
    )


def add_suffix(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('--suffix', help='goes behind each name of a picture, as .jpg')


def wishes_of(args: argparse.Namespace) -> Wishes:
    """What the command line wants of one's own data."""
    form: Form = args.command if args.command in ('voc', 'coco') else 'table'
    return Wishes(
        seed=args.seed or 0,
        test_fraction=args.test_fraction,
        split_column=getattr(args, 'split_column', None),
        test_list=args.test_list,
        val_list=args.val_list,
        split_list=args.split_list,
        group=args.group,
        classes=args.classes,
        merge_case=args.merge_case,
        folders=args.images or (),
        picture_suffix=getattr(args, 'suffix', None) or '',
        form=form,
    )


# The options that VOC-MLT and COCO-MLT as published have no use for.
OF_OWN = (
    'test_fraction test_list val_list split_list group classes images suffix no_subset max min '
    'exponent merge_case test_json val_json'
).split()


def own_options(args: argparse.Namespace) -> list[str]:
    """The options that are given and that VOC-MLT and COCO-MLT as published have no use for.

    >>> own_options(argparse.Namespace(max=300, min=None, no_subset=False))
    ['--max']
    """
    given = {name: getattr(args, name, None) for name in OF_OWN}
    names = [name for name, value in given.items() if value is not None and value is not False]
    return [f'--{name.replace("_", "-")}' for name in names]


def check_sizes(args: argparse.Namespace) -> None:
    """Raises InputError where an option of the subset, or the seed, has no effect."""
    for name in ('min', 'exponent'):
        if args.no_subset and getattr(args, name) is not None:
            raise InputError(
                f'--{name} has no effect beside --no-subset, which takes all training images; '
                'leave out one'
            )
    if args.no_subset and args.test_fraction is None and args.seed is not None:
        raise InputError(
            '--seed has no effect beside --no-subset without --test-fraction, as nothing is drawn; '
            'leave it out'
        )
