"""Kill, signal and starve trainings, damage their checkpoints, and compare with one left alone.

python -m dbl chaos demo/db_focal --kills 20 --cfg-options epochs=2 checkpoint.keep=3
"""

import argparse
import signal
import sys
from pathlib import Path

from rich.table import Table

from dbl.chaos.campaign import Campaign, Result
from dbl.chaos.kinds import KINDS
from dbl.chaos.run import left_alone
from dbl.console import VisibleConsole
from dbl.errors import InputError, exits_on_bad_input
from dbl.terminal import say
from dbl.training.command_line import add_options

KILL = 'kill'


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('config', help='as demo/db_focal')
    parser.add_argument('--kinds', nargs='+', choices=KINDS, default=list(KINDS), metavar='KIND')
    parser.add_argument('--kills', type=_count, default=20, help=f'tries of {KILL}; default: 20')
    parser.add_argument('--tries', type=_count, default=5, help='of each other kind; default: 5')
    parser.add_argument('--work-dir', type=Path, default=Path('work_dirs/chaos'))
    parser.add_argument('--seed', type=int, default=0, help='of the moments; default: 0')
    parser.epilog = '\n'.join(['kinds:', *(f'  {k:16} {v.what}' for k, v in KINDS.items())])
    add_options(parser)
    return parser.parse_args()


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be 1 or more, but got '{text}'")
    return int(text)


@exits_on_bad_input
def main() -> None:
    args = parse_args()
    if sys.platform != 'linux':
        raise InputError('chaos finds the processes of a training in /proc, which Linux alone has')
    if args.work_dir.exists():
        raise InputError(f"'{args.work_dir}' exists; delete it, or choose another --work-dir")
    # So that trainings end, and disks are taken away, with this command.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    run = args.config, args.cfg_options
    reference = left_alone(args.work_dir / 'reference', *run)
    say(f'left alone: {reference.start_up:.1f} s of start, {reference.seconds:.1f} s of training')
    campaign = Campaign(args.work_dir, *run, reference, args.seed, say)
    results = {
        name: campaign.tried(name, args.kills if name == KILL else args.tries)
        for name in args.kinds
    }
    VisibleConsole().print(as_table(results))
    failures = [failure for result in results.values() for failure in result.failures]
    for failure in failures:
        say(failure)
    if failures:
        sys.exit(f'error: {len(failures)} failures, the first: {failures[0]}')


def as_table(results: dict[str, Result]) -> Table:
    """How many tries of each kind were survived, and how many of them hit."""
    table = Table('kind', 'tried', 'survived bit for bit', 'of those tried')
    for name, result in results.items():
        kind = KINDS[name]
        note = result.unable or (f'{result.hits} {kind.hits}' if kind.hits else '')
        table.add_row(f'{name}: {kind.what}', str(result.tried), str(result.survived), note)
    return table
