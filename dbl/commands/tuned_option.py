"""The option of the commands that compare rows, each at values of its own."""

import argparse

from dbl.results.same_configuration import part_of


def add_tuned(parser: argparse.ArgumentParser) -> None:
    """Adds ``--tuned``, which names what :func:`~dbl.results.tuned.check_tuned` lets differ."""
    parser.add_argument(
        '--tuned', action='append', default=[], metavar='KEY', type=part_of,
        help='value of the config that each row has of its own, such as optimizer.lr, chosen on '
        'validation; give --tuned again for another',
    )  # fmt: skip
