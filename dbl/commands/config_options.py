"""The options of the commands that run a config, and what ``--launcher`` does.

These commands import torch only once it is needed, so that bad options are refused at once.
"""

import argparse
import os
from collections.abc import Callable
from typing import Any

LAUNCHERS = ('none', 'pytorch', 'slurm')


def add_options(parser: argparse.ArgumentParser) -> None:
    """Adds ``--cfg-options``, whose texts :func:`dbl.config.parse_options` reads."""
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action='extend',
        type=_key_and_value,
        default=[],
        metavar='KEY=VALUE',
        help='override config values, such as model.head.loss.beta=5',
    )


def _key_and_value(text: str) -> str:
    if '=' not in text:
        raise argparse.ArgumentTypeError(f"expected KEY=VALUE, but got '{text}'")
    return text


def config_parser(description: str) -> argparse.ArgumentParser:
    """Makes the parser of a tool that runs a config."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument('config', help='such as demo/db_focal')
    parser.add_argument('--launcher', choices=LAUNCHERS, default='none')
    add_options(parser)
    return parser


def join(launcher: str) -> Callable[[Callable[[], Any]], Any]:
    """Joins the processes, if there are several. Returns what lets the main one decide."""
    if launcher == 'none' and os.environ.get('WORLD_SIZE', '1') == '1':
        return lambda function: function()
    from dbl.training.distributed import by_main, join_processes

    join_processes(launcher)
    return by_main
