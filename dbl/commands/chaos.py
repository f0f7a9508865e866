"""Kill trainings at random moments, go on with --resume, and compare with one left alone.

python -m dbl chaos demo/db_focal --kills 20 --cfg-options epochs=2
"""

import argparse
import os
import random
import signal
import subprocess
import sys
from pathlib import Path
from time import monotonic

from rich.table import Table

from dbl.console import VisibleConsole
from dbl.errors import InputError, exits_on_bad_input
from dbl.training.command_line import add_options
from dbl.training.comparison import differences
from dbl.training.run_folder import checkpoints
from dbl.training.stop_signals import STOPPED

TRAIN = [sys.executable, '-m', 'dbl', 'train']


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('config', help='as demo/db_focal')
    parser.add_argument('--kills', type=int, default=20, help='default: 20')
    parser.add_argument('--work-dir', type=Path, default=Path('work_dirs/chaos'))
    parser.add_argument('--seed', type=int, default=0, help='of the moments; default: 0')
    parser.add_argument('--signal', choices=['SIGKILL', 'SIGTERM', 'SIGUSR1'], default='SIGKILL')
    add_options(parser)
    return parser.parse_args()


def start(args: argparse.Namespace, work_dir: Path) -> subprocess.Popen:
    command = [*TRAIN, args.config, '--work-dir', work_dir, '--resume']
    command += ['--cfg-options', *args.cfg_options] if args.cfg_options else []
    work_dir.mkdir(parents=True, exist_ok=True)
    with (work_dir / 'output.txt').open('a', encoding='utf-8') as file:
        return subprocess.Popen(command, stdout=file, stderr=file, start_new_session=True)


def stopped(process: subprocess.Popen, number: signal.Signals, seconds: float) -> bool:
    """Sends a signal to a run after some time; False where it ended by itself before."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        # All at once, workers included; the other signals are asked of the main process.
        send = os.killpg if number == signal.SIGKILL else os.kill
        send(process.pid, number)
        process.wait()
        if process.returncode in (-number, STOPPED):
            return True
    if process.returncode != 0:
        sys.exit(f'error: a run failed with status {process.returncode}; see its output.txt')
    return False


def state_of(work_dir: Path) -> str:
    found = [path.name for path in checkpoints(work_dir)]
    being_written = [path.name for path in work_dir.glob('*.pth.part')]
    return f'{", ".join(found) or "none"}{", writing " if being_written else ""}' + ', '.join(
        being_written
    )


@exits_on_bad_input
def main() -> None:
    args = parse_args()
    if args.work_dir.exists():
        raise InputError(f"'{args.work_dir}' exists; delete it, or choose another --work-dir")
    reference = args.work_dir / 'reference'
    begin = monotonic()
    stopped(start(args, reference), signal.SIGKILL, 1e9)
    duration = monotonic() - begin
    rng = random.Random(args.seed)
    table = Table('kill', 'run', 'after, s', 'status', 'checkpoints then')
    kills, run, different = 0, 0, []
    while kills < args.kills:
        run += 1
        work_dir = args.work_dir / f'run_{run}'
        while True:
            seconds = rng.uniform(0, duration) if kills < args.kills else 1e9
            process = start(args, work_dir)
            if not stopped(process, signal.Signals[args.signal], seconds):
                break
            kills += 1
            cells = kills, run, f'{seconds:.1f}', process.returncode, state_of(work_dir)
            table.add_row(*map(str, cells))
        different += [f'run_{run}: {key}' for key in differences(reference, work_dir)]
    VisibleConsole().print(table)
    print(f'{kills} kills in {run} runs; a run left alone takes {duration:.0f} s')
    if different:
        sys.exit(f'error: {len(different)} values differ, the first is {different[0]}')
    print('all runs end with the weights, optimiser, random numbers, metrics and scalars of it')
