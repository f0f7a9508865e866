"""Kill, signal and starve trainings, damage their checkpoints, and compare with one left alone.

python -m dbl chaos demo/db_focal --kills 20 --cfg-options epochs=2 checkpoint.keep=3
"""

import argparse
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table

from dbl.commands.config_options import add_options
from dbl.commands.ending import exits_on_bad_input
from dbl.console import VisibleConsole
from dbl.errors import InputError
from dbl.terminal import say
from dbl.whole_numbers import count

if TYPE_CHECKING:
    from dbl.chaos.campaign import Result
    from dbl.chaos.kinds import Kind

KILL = 'kill'


def parse_args(kinds: Mapping[str, 'Kind']) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('config', help='such as demo/db_focal')
    parser.add_argument('--kinds', nargs='+', choices=kinds, default=list(kinds), metavar='KIND')
    parser.add_argument('--kills', type=count, default=20, help=f'tries of {KILL}; default: 20')
    parser.add_argument(
        '--tries', type=count, default=5, help='tries of each other kind; default: 5'
    )
    parser.add_argument('--work-dir', type=Path, default=Path('work_dirs/chaos'))
    parser.add_argument('--seed', type=int, default=0, help='seed of the moments; default: 0')
    parser.epilog = '\n'.join(['kinds:', *(f'  {k:16} {v.what}' for k, v in kinds.items())])
    add_options(parser)
    return parser.parse_args()


@exits_on_bad_input
def main() -> None:
    if sys.platform != 'linux':
        raise InputError('chaos finds the processes of a training in /proc, which only Linux has')
    # Imported after the check: other systems lack the signals and limits that these need.
    from dbl.chaos.campaign import Campaign
    from dbl.chaos.kinds import KINDS
    from dbl.chaos.run import left_alone

    args = parse_args(KINDS)
    if args.work_dir.exists():
        raise InputError(f"'{args.work_dir}' exists; delete it, or choose another --work-dir")
    # So that trainings end and disks are unmounted when this command ends.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    run = args.config, args.cfg_options
    reference = left_alone(args.work_dir / 'reference', *run)
    say(f'left alone: {reference.start_up:.1f} s to start, {reference.seconds:.1f} s of training')
    campaign = Campaign(args.work_dir, *run, reference, args.seed, say)
    results = {
        name: campaign.try_kind(name, args.kills if name == KILL else args.tries)
        for name in args.kinds
    }
    VisibleConsole().print(as_table(KINDS, results))
    failures = [failure for result in results.values() for failure in result.failures]
    for failure in failures:
        say(failure)
    if failures:
        sys.exit(f'error: {len(failures)} failures, the first: {failures[0]}')


def as_table(kinds: Mapping[str, 'Kind'], results: Mapping[str, 'Result']) -> Table:
    """How many tries of each kind were survived, and how many of them hit."""
    table = Table('kind', 'tried', 'survived bit for bit', 'of those tried')
    for name, result in results.items():
        kind = kinds[name]
        note = result.unable or (f'{result.hits} {kind.hits}' if kind.hits else '')
        table.add_row(f'{name}: {kind.what}', str(result.tried), str(result.survived), note)
    return table
