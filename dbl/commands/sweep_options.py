"""The options of the commands that run many trainings."""

import argparse
from pathlib import Path

from dbl.commands.config_options import add_options
from dbl.errors import InputError
from dbl.sweeps.executors import Cluster, Processes
from dbl.sweeps.run_jobs import Executor
from dbl.whole_numbers import count, whole


def add_sweep_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments that all tools for many runs share."""
    parser.add_argument(
        '--seeds', nargs='+', type=seed, default=list(range(5)), metavar='N', help='default: 0 to 4'
    )
    parser.add_argument(
        '--jobs', type=count, metavar='K', help='runs side by side; default: one per GPU, or one'
    )
    parser.add_argument(
        '--executor',
        choices=['slurm'],
        help='queue the jobs of a SLURM cluster by submitit, instead of running them here',
    )
    parser.add_argument('--partition', help='SLURM partition')
    parser.add_argument(
        '--minutes', type=count, metavar='N', help='time limit of a SLURM run; default: 240'
    )
    add_options(parser)


def seed(text: str) -> int:
    """Parses a seed, as ``python -m dbl train`` takes it."""
    if whole(text) >= 2**31:
        raise argparse.ArgumentTypeError(f'must lie in [0, 2**31), but got {text}')
    return int(text)


def executor_of(args: argparse.Namespace, folder: Path) -> Executor:
    """Makes the executor that the arguments name. A cluster keeps its files in the folder.

    Raises:
        InputError: submitit is missing, or refuses the arguments; or some are for a cluster, but
            none is asked for.
    """
    if args.executor is None:
        if args.partition or args.minutes:
            raise InputError('--partition and --minutes have no effect without --executor slurm')
        return Processes(args.jobs)
    parameters = {'gpus_per_node': 1, 'cpus_per_task': 8, 'name': 'dbl'}
    parameters |= {'slurm_partition': args.partition} if args.partition else {}
    minutes = args.minutes or 240
    return Cluster('slurm', folder / 'submitit', args.jobs, timeout_min=minutes, **parameters)
